"""The public holidays that decide whether an entry is open."""

from __future__ import annotations

import datetime as dt

from apps.catalog.models import PublicHoliday
from apps.core.process_cache import ProcessCache

Holidays = frozenset[dt.date]

_cache: ProcessCache[Holidays] = ProcessCache(maxsize=1, ttl_s=lambda: 60)


def current_holidays() -> Holidays:
    """Dates of the public holidays, confirmed or estimated; read at most once a minute in each process."""
    known = _cache.get(None)
    if known is None:
        known = _cache.set(None, frozenset(PublicHoliday.objects.values_list("date", flat=True)))
    return known
