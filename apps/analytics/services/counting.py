"""Counters of what happened: written with the events, in their transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from apps.analytics.rows import EventRow


def count_events(rows: Sequence[EventRow], *, at: dt.datetime) -> None:
    """Add a batch to the hourly and daily counters, in the caller's transaction. Late events go where they belong."""
