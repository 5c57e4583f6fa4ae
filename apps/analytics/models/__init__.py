"""Tables of analytics."""

from apps.analytics.models.events import Event, EventBatch

__all__ = ["Event", "EventBatch"]
