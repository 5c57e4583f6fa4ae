"""What notifications tell themselves. The key of each event is the id of its object."""

from __future__ import annotations

from apps.core.events import Event

# endpoint_id: str, user_id: str, failures: int, since: ISO. A webhook endpoint has failed so often since its last success.
endpoint_failing = Event("notifications.endpoint_failing")
# endpoint_id: str, user_id: str, state: gone or auto_disabled, failures: int, since: ISO or "". It is sent nothing any more.
endpoint_disabled = Event("notifications.endpoint_disabled")
