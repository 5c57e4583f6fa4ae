"""Counters of what happened: written with the events, in their transaction."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from django.db import connection

from apps.analytics.rows import EventRow
from apps.analytics.services.tallies import COLUMNS, Tallies, add_up, bounded, tally

# With the day's number, the lock under which a day's counters change. All listings together are one row, so that writers of
# a day take turns anyway; under one lock nobody can wait for somebody who waits for him, and a recount is alone.
LOCK = 0x414E02

_SUMS = ", ".join(f"{column} = analytics_listing_days.{column} + excluded.{column}" for column in (*COLUMNS, "visitors"))
UPSERT = f"""
INSERT INTO analytics_listing_days (resource_number, day, last_at, breakdown, visitors, {", ".join(COLUMNS)})
SELECT * FROM unnest(
    %s::bigint[], %s::date[], %s::timestamptz[], %s::text[], %s::int[], {", ".join(["%s::int[]"] * (len(COLUMNS) - 1))}, %s::bigint[])
ON CONFLICT (resource_number, day) DO UPDATE SET {_SUMS},
    last_at = greatest(analytics_listing_days.last_at, excluded.last_at),
    breakdown = CASE WHEN excluded.breakdown = '' THEN analytics_listing_days.breakdown ELSE excluded.breakdown END
"""
BREAKDOWNS = """
SELECT d.resource_number, d.day, d.breakdown FROM analytics_listing_days d
JOIN unnest(%s::bigint[], %s::date[]) asked (resource_number, day) USING (resource_number, day)
"""
NEW_VISITORS = """
INSERT INTO analytics_day_visitors (day, resource_number, visitor)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[])
ON CONFLICT DO NOTHING RETURNING resource_number, day
"""


def count_events(rows: Sequence[EventRow], *, at: dt.datetime) -> None:
    """Add a batch to the hourly and daily counters, in the caller's transaction. Late events go where they belong.

    The partitions of the days must be there (`services.partitions.ensure_partitions`).

    :param at: when they are counted; what they are counted under is each event's own time.
    """
    del at  # the seam carries it; counters hold nothing of when they were written
    if not rows:
        return
    tallies, visitors = tally(rows)
    lock_days(day for _number, day in tallies)
    add_tallies(tallies, count_visitors(visitors))


def lock_days(days: Iterable[dt.date]) -> None:
    """Wait until nobody else changes the counters of these days, and keep others waiting until the end of the transaction."""
    with connection.cursor() as cursor:
        for day in sorted(set(days)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, day.toordinal()])


def count_visitors(visitors: Iterable[tuple[dt.date, int, int]]) -> Counter[tuple[int, dt.date]]:
    """Remember who was there, and count those who were not there before, by (listing, day)."""
    ordered = sorted(visitors)
    if not ordered:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(NEW_VISITORS, [list(column) for column in zip(*ordered, strict=True)])
        return Counter(cursor.fetchall())


def add_tallies(tallies: Tallies, visitors: Counter[tuple[int, dt.date]]) -> None:
    """Add to the counters. The days must be locked: breakdowns are read, added up here and written back."""
    keys = sorted(tallies)
    known = _breakdowns([key for key in keys if tallies[key].breakdown])
    breakdowns = [_with(known.get(key), tallies[key].breakdown) for key in keys]
    columns = zip(*(tallies[key].counts for key in keys), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            [
                [number for number, _day in keys],
                [day for _number, day in keys],
                [tallies[key].last_at for key in keys],
                breakdowns,
                [visitors[key] for key in keys],
                *map(list, columns),
            ],
        )


def _breakdowns(keys: list[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], str]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BREAKDOWNS, [[number for number, _day in keys], [day for _number, day in keys]])
        return {(number, day): text for number, day, text in cursor.fetchall()}


_decode = msgspec.json.Decoder(dict[str, int]).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def _with(known: str | None, more: dict[str, int]) -> str:
    """The stored breakdown with more added, as it is stored; empty when nothing was, which leaves it as it is."""
    if not more:
        return ""
    total = _decode(known) if known else {}
    add_up(total, more)
    return _encode(bounded(total)).decode()
