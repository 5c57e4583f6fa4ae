"""A run of events into the table and the counters, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import connection, transaction

from apps.analytics.constants import RAW_DAYS, ZONE
from apps.analytics.rows import EventRow
from apps.analytics.services.counting import count_events
from apps.analytics.services.partitions import ensure_partitions

log = structlog.get_logger(__name__)

COPY = f"COPY analytics_events ({', '.join(EventRow._fields)}) FROM STDIN"


@transaction.atomic
def record(rows: Sequence[EventRow], *, batch_id: str, at: dt.datetime) -> bool:
    """Write a run: its events by COPY, the counters and the run's name, in one transaction.

    Events of a day that is past its retention, or to come, are left out: their partition is gone, or would stay.

    :returns: False when a run of this name is already there; nothing is added then.
    """
    kept = _in_retention(rows, at)
    with connection.cursor() as cursor:
        # Of two that bring the same run, the second waits here for the first, and adds nothing.
        cursor.execute(
            "INSERT INTO analytics_batches (id, created_at, events) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", [batch_id, at, len(kept)]
        )
        if not cursor.rowcount:
            return False
        if kept:
            ensure_partitions({row.day for row in kept})
            with cursor.copy(COPY) as copy:
                for row in kept:
                    copy.write_row(row)
            count_events(kept, at=at)
    return True


def _in_retention(rows: Sequence[EventRow], at: dt.datetime) -> Sequence[EventRow]:
    today = at.astimezone(ZONE).date()
    first, last = today - dt.timedelta(days=RAW_DAYS), today + dt.timedelta(days=1)
    kept = [row for row in rows if first <= row.day <= last]
    if len(kept) < len(rows):
        log.warning("events_outside_retention", left_out=len(rows) - len(kept), first=first.isoformat(), last=last.isoformat())
    return kept
