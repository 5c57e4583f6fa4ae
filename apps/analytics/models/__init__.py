"""Tables of analytics."""

from apps.analytics.models.counters import DayVisitor, ListingDay
from apps.analytics.models.events import Event, EventBatch
from apps.analytics.models.latency import ApiLatency
from apps.analytics.models.reports import Report

__all__ = ["ApiLatency", "DayVisitor", "Event", "EventBatch", "ListingDay", "Report"]
