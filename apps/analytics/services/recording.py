"""Runs of events and calls into the tables, each once: rows and the run's name in one transaction. `services.rollups` counts them later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog
from django.db import connection, transaction

from apps.analytics.binary_rows import COLUMNS, DROPPED, begun_rows, days_of, finished_rows, written_day
from apps.analytics.constants import RAW_DAYS, ZONE
from apps.analytics.encoding import Run
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
    return bool(record_runs([Run(batch_id, begun_rows(rows), bytes(48 + row.verdict for row in rows))], at=at))


@transaction.atomic
def record_runs(runs: Sequence[Run], *, at: dt.datetime) -> set[str]:
    """Write the runs that are not there yet; returns their names. Nothing is counted here.

    Events of a day that is past its retention, or to come, are left out: their partition is gone, or would stay.

    :raises django.db.DatabaseError: nothing is written; the same runs can come again.
    """
    kept = {run.name: _in_retention(run, at) for run in runs}
    numbers = _take(kept.values(), at)
    rows = [row for name, number in numbers.items() for row in finished_rows(kept[name].run.rows, kept[name].run.verdicts, run=number)]
    if rows:
        ensure_partitions({day for name in numbers for day in kept[name].days})
        copy_packed("analytics_events", COLUMNS, rows)
    add_calls([call for run in runs if run.name in numbers for call in run.calls])
    return set(numbers)


class _Kept(NamedTuple):
    """A run, and the days that its rows are of."""

    run: Run
    days: Sequence[dt.date]


def _take(kept: Iterable[_Kept], at: dt.datetime) -> dict[str, int]:
    """Name the runs in the table; the numbers of those that were not there. Of two that bring the same run, the second waits here for
    the first, and adds nothing."""
    columns: list[list[object]] = [[], [], [], []]
    for run, days in kept:
        events = len(run.rows) - run.verdicts.count(DROPPED)
        for column, value in zip(columns, (run.name, events, min(days, default=None), max(days, default=None)), strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [at, at, *columns])
        return dict(cursor.fetchall())


def _in_retention(run: Run, at: dt.datetime) -> _Kept:
    today = at.astimezone(ZONE).date()
    wanted = _kept_days(today)
    days = days_of(run.rows)
    found = set(days)
    if not found <= wanted.keys():
        places = [place for place, day in enumerate(days) if day in wanted]
        logger.warning("events_outside_retention", left_out=len(days) - len(places), today=today.isoformat())
        run = Run(run.name, [run.rows[place] for place in places], bytes(run.verdicts[place] for place in places), run.calls)
    return _Kept(run, [wanted[day] for day in found if day in wanted])


@lru_cache(maxsize=2)
def _kept_days(today: dt.date) -> dict[bytes, dt.date]:
    """By how they are written."""
    return {written_day(day): day for day in (today + dt.timedelta(days=ahead) for ahead in range(-RAW_DAYS, 2))}
