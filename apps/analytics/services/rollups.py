"""From events to counters: what arrived since the last time, a day made again, and what is too old."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from apps.analytics.binary_rows import COLUMNS, begun_rows, finished_rows
from apps.analytics.periods import first_day_kept
from apps.analytics.rows import EventRow
from apps.analytics.services.counting import count_from, lock_counters
from apps.core.copying import copy_packed

# Events of one transaction. More would hold more memory and time at once, and touch hardly fewer rows.
SLICE_EVENTS, SLICE_RUNS = 200_000, 5_000

# Runs that are in the table and not in the counters: by this list and not by the highest number, because numbers are given before
# transactions end and do not end in their order.
_WAITING = """
SELECT number, events, first_day, last_day FROM analytics_batches WHERE counted_at IS NULL ORDER BY number LIMIT %s
"""
_COUNTED = "UPDATE analytics_batches SET counted_at = %s WHERE counted_at IS NULL AND number = ANY(%s)"
_OF_RUNS = "analytics_events WHERE run = ANY(%s) AND day BETWEEN %s AND %s"
# One statement sees a run's events and that it waits together: what is still to be counted is not counted here.
_OF_DAY = "analytics_events WHERE day = %s AND run <> ALL (ARRAY(SELECT number FROM analytics_batches WHERE counted_at IS NULL))"
# A partition that nobody has analysed yet would be read whole.
_BY_RUN = {"enable_seqscan": "off"}


@dataclass(slots=True)
class Counted:
    """What a call counted."""

    runs: int = 0
    events: int = 0


def count_waiting(*, at: dt.datetime, budget_s: float = 50.0, slice_events: int = SLICE_EVENTS) -> Counted:
    """Count what arrived and is not counted yet, slice by slice, until nothing waits or the time is up.

    Which runs are counted changes in the transaction of the counts. Several callers take turns.

    :param at: when that is.
    """
    done = Counted()
    ends = time.monotonic() + budget_s
    while True:
        runs, events = _count_slice(at, slice_events)
        done.runs += runs
        done.events += events
        if not runs or time.monotonic() >= ends:
            return done


@transaction.atomic
def _count_slice(at: dt.datetime, events_max: int) -> tuple[int, int]:
    lock_counters()
    numbers: list[int] = []
    events, days = 0, []
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [SLICE_RUNS])
        for number, of_run, first_day, last_day in cursor.fetchall():
            # One run at least, however many events it has.
            if numbers and events + of_run > events_max:
                break
            numbers.append(number)
            events += of_run
            days += [first_day, last_day]
        if numbers:
            count_from(_OF_RUNS, [numbers, min(days), max(days)], settings=_BY_RUN)
            cursor.execute(_COUNTED, [at, numbers])
    return len(numbers), events


@transaction.atomic
def recompute(day: dt.date) -> int:
    """Make a day's counters again from its events, those that still wait to be counted left out. Nothing is counted twice or lost.

    Only while the events are there: of a day past their retention nothing would be left, so it is refused.

    :returns: how many listings had events.
    :raises ValueError: the day has no partition of events.
    """
    lock_counters()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"analytics_events_{day:%Y%m%d}"])
        if not cursor.fetchone()[0]:
            raise ValueError(f"There are no events of {day} to count.")
        cursor.execute("DELETE FROM analytics_listing_days WHERE day = %s", [day])
        cursor.execute("DELETE FROM analytics_day_visitors WHERE day = %s", [day])
        count_from(_OF_DAY, [day])
        cursor.execute("SELECT count(*) FROM analytics_listing_days WHERE day = %s", [day])
        return max(int(cursor.fetchone()[0]) - 1, 0)


@transaction.atomic
def count_rows(rows: Sequence[EventRow]) -> None:
    """Count events that are kept nowhere. The partitions of their days must be there."""
    lock_counters()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE analytics_counted_once (LIKE analytics_events)")
        verdicts = bytes(48 + row.verdict for row in rows)
        copy_packed("analytics_counted_once", COLUMNS, finished_rows(begun_rows(rows), verdicts, run=0))
        count_from("analytics_counted_once", [])
        cursor.execute("DROP TABLE analytics_counted_once")


def prune_counters(*, at: dt.datetime) -> int:
    """Delete the counters of days older than their retention, a day at a time; returns how many rows."""
    oldest = first_day_kept(at)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_listing_days WHERE day < %s", [oldest])
        return int(cursor.rowcount)
