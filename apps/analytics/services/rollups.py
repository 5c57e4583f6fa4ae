"""Counters made again from events, and ended when their time is over."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import connection, transaction

from apps.analytics.constants import EVERY_LISTING
from apps.analytics.periods import first_day_kept
from apps.analytics.rows import EventRow
from apps.analytics.services.counting import add_tallies, lock_days
from apps.analytics.services.tallies import Tallies, Tally, add_everything

# Events that differ in nothing that is counted come as one row.
GROUPS = """
SELECT max(created_at), resource_number, event_type, channel, source, city_number, campaign, position IS NOT NULL, verdict,
       count(*), coalesce(sum(position), 0)::bigint
FROM analytics_events WHERE day = %s
GROUP BY resource_number, event_type, channel, source, city_number, campaign, position IS NOT NULL, verdict, date_trunc('hour', created_at)
"""
VISITS = """
INSERT INTO analytics_day_visitors (day, resource_number, visitor)
SELECT DISTINCT e.day, n.number, e.visitor FROM analytics_events e CROSS JOIN LATERAL (VALUES (e.resource_number), (%s::bigint)) n (number)
WHERE e.day = %s AND e.visitor IS NOT NULL AND e.event_type <> 2 AND e.verdict = 0
"""
# So many listings' counters are written at once.
CHUNK = 5_000


@transaction.atomic
def recompute(day: dt.date) -> int:
    """Make a day's counters again from its events. Events of that day wait meanwhile in the stream; nothing is counted twice or lost.

    Only while the events are there: of a day past their retention nothing would be left, so it is refused.

    :returns: how many listings had events.
    :raises ValueError: the day has no partition of events.
    """
    lock_days([day])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"analytics_events_{day:%Y%m%d}"])
        if not cursor.fetchone()[0]:
            raise ValueError(f"There are no events of {day} to count.")
        cursor.execute("DELETE FROM analytics_listing_days WHERE day = %s", [day])
        cursor.execute("DELETE FROM analytics_day_visitors WHERE day = %s", [day])
        cursor.execute(VISITS, [EVERY_LISTING, day])
        cursor.execute("SELECT resource_number, day, count(*) FROM analytics_day_visitors WHERE day = %s GROUP BY 1, 2", [day])
        visitors = Counter({(number, of_day): count for number, of_day, count in cursor.fetchall()})
    tallies = _tallies(day)
    keys = sorted(tallies)
    for start in range(0, len(keys), CHUNK):
        add_tallies({key: tallies[key] for key in keys[start : start + CHUNK]}, visitors)
    return max(len(keys) - 1, 0)


def prune_counters(*, at: dt.datetime) -> int:
    """Delete the counters of days older than their retention, a day at a time; returns how many rows."""
    oldest = first_day_kept(at)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_listing_days WHERE day < %s", [oldest])
        return int(cursor.rowcount)


def _tallies(day: dt.date) -> Tallies:
    """A day's events added up, group by group."""
    tallies: Tallies = {}
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, [day])
        while groups := cursor.fetchmany(CHUNK):
            for last, number, kind, channel, source, city, campaign, ranked, verdict, times, rank_sum in groups:
                row = EventRow(day, last, number, kind, channel, source, city, campaign, 1 if ranked else None, None, verdict)
                tallies.setdefault((number, day), Tally()).add(row, times, rank_sum)
    add_everything(tallies)
    return tallies
