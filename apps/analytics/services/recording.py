"""Runs of events and calls into the tables, each once: rows, counters and the run's name in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import connection, transaction

from apps.analytics.constants import RAW_DAYS, ZONE
from apps.analytics.encoding import Run
from apps.analytics.rows import EventRow
from apps.analytics.services.counting import count_events
from apps.analytics.services.latency import add_calls
from apps.analytics.services.partitions import ensure_partitions
from apps.core.copying import copy_rows

logger = structlog.get_logger(__name__)

# In the order of their names, so that two that bring the same runs do not wait for each other for ever.
_TAKE = """
INSERT INTO analytics_batches (id, created_at, events) SELECT n.id, %s, n.events FROM unnest(%s::text[], %s::int[]) n(id, events)
ORDER BY n.id ON CONFLICT (id) DO NOTHING RETURNING id
"""


def record(rows: Sequence[EventRow], *, batch_id: str, at: dt.datetime) -> bool:
    """Write one run. :returns: False when a run of this name is already there; nothing is added then."""
    return bool(record_runs([Run(batch_id, rows)], at=at))


@transaction.atomic
def record_runs(runs: Sequence[Run], *, at: dt.datetime) -> set[str]:
    """Write the runs that are not there yet; returns their names.

    Events of a day that is past its retention, or to come, are left out: their partition is gone, or would stay.

    :raises django.db.DatabaseError: nothing is written; the same runs can come again.
    """
    kept = {run.name: _in_retention(run.rows, at) for run in runs}
    with connection.cursor() as cursor:
        # Of two that bring the same run, the second waits here for the first, and adds nothing.
        cursor.execute(_TAKE, [at, list(kept), [len(rows) for rows in kept.values()]])
        new = {name for (name,) in cursor.fetchall()}
    rows = [row for name in kept if name in new for row in kept[name]]
    if rows:
        ensure_partitions({row.day for row in rows})
        copy_rows("analytics_events", EventRow._fields, rows)
        count_events(rows, at=at)
    add_calls([call for run in runs if run.name in new for call in run.calls])
    return new


def _in_retention(rows: Sequence[EventRow], at: dt.datetime) -> Sequence[EventRow]:
    today = at.astimezone(ZONE).date()
    first, last = today - dt.timedelta(days=RAW_DAYS), today + dt.timedelta(days=1)
    kept = [row for row in rows if first <= row.day <= last]
    if len(kept) < len(rows):
        logger.warning("events_outside_retention", left_out=len(rows) - len(kept), first=first.isoformat(), last=last.isoformat())
    return kept
