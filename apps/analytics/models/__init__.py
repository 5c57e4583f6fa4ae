"""Tables of analytics."""

from apps.analytics.models.counters import DayVisitor, ListingDay
from apps.analytics.models.events import Event, EventBatch

__all__ = ["DayVisitor", "Event", "EventBatch", "ListingDay"]
