"""Numbers that hold for all of analytics (contracts, section 8)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

# Days begin at midnight here.
ZONE = ZoneInfo("Africa/Douala")

# Raw events, and whose visits were counted, are kept for so many days; then the day's partitions are dropped.
RAW_DAYS = 30
# Counters are kept for so many months. Hours are in the row of their day, so that both end together.
COUNTER_MONTHS = 25

# Counters of all listings together have this number; listings begin at 1.
EVERY_LISTING = 0
# A listing keeps apart so many campaigns a day; others count as one. A forged one costs no more than that.
MAX_CAMPAIGNS = 50
