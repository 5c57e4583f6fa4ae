"""Which opening hours are open: decided once a minute in each process for all entries that share them."""

from __future__ import annotations

import datetime as dt

from apps.catalog.holidays import current_holidays
from apps.catalog.opening import packed_status
from apps.catalog.selectors.cards import minute_of
from apps.core.process_cache import ProcessCache
from apps.search.models import SearchSchedule

# The minute is part of the question, so a value is never older than what it says; new hours are seen as soon.
_open: ProcessCache[tuple[int, ...]] = ProcessCache(maxsize=4, ttl_s=lambda: 5)


def open_schedules(at: dt.datetime) -> tuple[int, ...]:
    """Keys of the hours that are open at this minute, ascending."""
    minute = minute_of(at)
    known = _open.get(minute)
    if known is not None:
        return known
    holidays = current_holidays()
    rows = SearchSchedule.objects.order_by("id").values_list("id", "hours")
    return _open.set(minute, tuple(key for key, hours in rows if packed_status(bytes(hours), minute, holidays).state == "open"))
