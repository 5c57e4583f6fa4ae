"""What happens to reports. The key of each event is the report's id."""

from __future__ import annotations

from apps.core.events import Event

# report_id: str. A report has to be made.
report_requested = Event("analytics.report_requested")
# report_id: str, user_id: str, scheduled: bool. Its file is there for seven days; a scheduled one is sent.
report_ready = Event("analytics.report_ready")
# report_id: str, user_id: str, scheduled: bool. It was tried often enough.
report_failed = Event("analytics.report_failed")
