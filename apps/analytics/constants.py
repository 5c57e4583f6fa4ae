"""Numbers that hold for all of analytics (contracts, section 8); docs/analytics.md says the rules to people."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from apps.analytics.choices import EventType

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

# One call, one event.
EVENTS_MAX, EVENT_BYTES_MAX = 50, 1024
BODY_BYTES_MAX = 64 * 1024
CAMPAIGN_MAX = 60
POSITION_MAX = 10_000
# How old a moment told by the sender may be.
LATE_S = 24 * 3600
# The clock of a phone may be a little ahead.
AHEAD_S = 60
# Within so many seconds of its arrival an event is one of now.
LIVE_S = 300

# The buffer of a process: what it holds at most when neither Redis nor PostgreSQL answers.
RUN_MAX, BUFFER_MAX = 200, 10_000

# The same visitor doing the same with the same listing counts once: in a half hour and the one after it.
REPEAT_S = 1800
# Groups of types that have one allowance, and how many of them an hour may count for one listing.
VISIT, ACTION, SHOWN = 1, 2, 3
GROUPS = {
    EventType.VIEW: VISIT,
    EventType.CLICK: VISIT,
    EventType.CONTACT: ACTION,
    EventType.DIRECTION: ACTION,
    EventType.SHARE: ACTION,
    EventType.SAVE: ACTION,
    EventType.IMPRESSION: SHOWN,
}
# The busiest listing of a town has some hundred visits an hour; ten times that is nobody's day.
LISTING_HOURLY = {VISIT: 2_000, ACTION: 500, SHOWN: 20_000}
# One network address may be a cyber café or an operator's shared one: so many of one group for one listing in an hour.
ADDRESS_HOURLY = 30
# What an address may send in a minute, and what is taken for a listing in a minute by one process, counted or not.
VISITOR_PER_MINUTE, LISTING_PER_MINUTE = 600, 3_000
# Beyond so many of an hour, events of a listing are not even kept as set aside.
LISTING_KEPT_HOURLY = 50_000

# Bounds of what Redis remembers, in members of each set: 10 to 20 MB a set at most.
REMEMBERED_MAX = 200_000
# The same `event_id` counts once: in eight hours and the three times eight before.
ID_WINDOW_S, ID_WINDOWS = 8 * 3600, 4
EVENT_ID_MAX = 64

# Partitions are made for so many days ahead.
DAYS_AHEAD = 7
# Names of runs that are in the table: longer than any run waits to be acknowledged.
BATCHES_KEPT_DAYS = 7

# Milliseconds that calls of the API are told apart by: each about half as long again as the one before.
LATENCY_BOUNDS_MS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000)
# A process keeps counts of calls for so many seconds, and of so many groups, before it hands them over.
CALLS_KEPT_S, CALL_GROUPS_MAX = 10.0, 20_000
