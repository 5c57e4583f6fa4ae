"""One event on its way to the table."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class EventRow(NamedTuple):
    """The columns of `analytics_events`, in their order."""

    day: dt.date
    created_at: dt.datetime
    resource_number: int
    event_type: int
    channel: int
    source: int
    city_number: int | None
    campaign: str
    position: int | None
    visitor: int | None
    verdict: int
