"""Runs of events and calls into the tables, each once: rows and the run's name in one transaction. `services.rollups` counts them later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import structlog
from django.db import connection, transaction

from apps.analytics.binary_rows import COLUMNS, binary_rows
from apps.analytics.constants import RAW_DAYS, ZONE
from apps.analytics.encoding import DROPPED, Run, day_of, microseconds, run_of
from apps.analytics.rows import EventRow
from apps.analytics.services.latency import add_calls
from apps.analytics.services.partitions import ensure_partitions
from apps.core.copying import copy_packed

logger = structlog.get_logger(__name__)

# In the order of their names, so that two that bring the same runs do not wait for each other for ever. A run without events, such
# as one of calls, leaves nothing to count.
_TAKE = """
INSERT INTO analytics_batches (id, created_at, events, first_day, last_day, counted_at)
SELECT n.id, %s, n.events, n.first_day, n.last_day, CASE WHEN n.events = 0 THEN %s END
FROM unnest(%s::text[], %s::int[], %s::date[], %s::date[]) n(id, events, first_day, last_day)
ORDER BY n.id ON CONFLICT (id) DO NOTHING RETURNING id, number
"""


def record(rows: Sequence[EventRow], *, batch_id: str, at: dt.datetime) -> bool:
    """Write one run. :returns: False when a run of this name is already there; nothing is added then."""
    return bool(record_runs([run_of(batch_id, rows)], at=at))


@transaction.atomic
def record_runs(runs: Sequence[Run], *, at: dt.datetime) -> set[str]:
    """Write the runs that are not there yet; returns their names. Nothing is counted here.

    Events of a day that is past its retention, or to come, are left out: their partition is gone, or would stay.

    :raises django.db.DatabaseError: nothing is written; the same runs can come again.
    """
    kept = {run.name: _in_retention(run, at) for run in runs}
    numbers = _take(kept.values(), at)
    days: set[dt.date] = set()
    rows = [binary_rows(kept[name].events, kept[name].verdicts, run=number, days=days) for name, number in numbers.items()]
    if days:
        ensure_partitions(days)
        copy_packed("analytics_events", COLUMNS, rows)
    add_calls([call for run in runs if run.name in numbers for call in run.calls])
    return set(numbers)


def _take(runs: Iterable[Run], at: dt.datetime) -> dict[str, int]:
    """Name the runs in the table; the numbers of those that were not there. Of two that bring the same run, the second waits here for
    the first, and adds nothing."""
    columns: list[list[object]] = [[], [], [], []]
    for run in runs:
        moments = [event.created_us for event in run.events]
        days = (day_of(min(moments)), day_of(max(moments))) if moments else (None, None)
        for column, value in zip(columns, (run.name, len(moments) - run.verdicts.count(DROPPED), *days), strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [at, at, *columns])
        return dict(cursor.fetchall())


def _in_retention(run: Run, at: dt.datetime) -> Run:
    today = at.astimezone(ZONE).date()
    first, last = today - dt.timedelta(days=RAW_DAYS), today + dt.timedelta(days=1)
    begins, ends = (microseconds(dt.datetime.combine(day, dt.time(), ZONE)) for day in (first, last + dt.timedelta(days=1)))
    kept = [place for place, event in enumerate(run.events) if begins <= event.created_us < ends]
    if len(kept) == len(run.events):
        return run
    logger.warning("events_outside_retention", left_out=len(run.events) - len(kept), first=first.isoformat(), last=last.isoformat())
    return Run(run.name, [run.events[place] for place in kept], bytes(run.verdicts[place] for place in kept), run.calls)
