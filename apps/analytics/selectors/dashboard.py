"""Figures of listings, from the counters alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.constants import EVERY_LISTING
from apps.analytics.figures import Dashboard, DayFigures, Granularity, Period, Totals
from apps.analytics.selectors.breakdowns import CONTACTS, VIEWS, sum_breakdowns

# Up to so many days a series has days, beyond it months.
MOST_DAYS = 92
MOST_ROWS = 20

TYPES = tuple(EventType)
CHANNELS = tuple(channel for channel in Channel if channel is not Channel.NONE)
ASIDE = tuple(verdict for verdict in Verdict if verdict is not Verdict.COUNTED)

# In the order of TYPES, CHANNELS, ASIDE. One row a day: breakdowns of the period only, the days before are compared by their totals.
_SUMMED = (
    *("views", "impressions", "clicks", "contacts", "directions", "shares", "saves"),
    *("calls", "whatsapps", "sms", "emails", "sites", "copies"),
    *("bots", "repeats", "floods"),
)
FIGURES = f"""
SELECT day, {", ".join(f"sum({column})" for column in _SUMMED)}, sum(ranked), sum(rank_sum)::bigint, sum(visitors),
       string_agg(CASE WHEN day >= %s THEN nullif(breakdown, '') END, ','),
       (SELECT last_at FROM analytics_listing_days WHERE resource_number = {EVERY_LISTING} ORDER BY day DESC LIMIT 1)
FROM analytics_listing_days
WHERE resource_number = ANY(%s) AND day BETWEEN %s AND %s
GROUP BY day
"""
Key = TypeVar("Key", int, str)

# The same of one listing, whose days are one row each: nothing to add up, and a third of the planning.
FIGURES_OF_ONE = f"""
SELECT day, {", ".join(_SUMMED)}, ranked, rank_sum, visitors, CASE WHEN day >= %s THEN breakdown END,
       (SELECT last_at FROM analytics_listing_days WHERE resource_number = {EVERY_LISTING} ORDER BY day DESC LIMIT 1)
FROM analytics_listing_days
WHERE resource_number = ANY(%s) AND day BETWEEN %s AND %s
"""
_ZEROS = (0,) * len(_SUMMED)
_TYPES_END = len(TYPES)
_CHANNELS_END = _TYPES_END + len(CHANNELS)


def dashboard(resource_numbers: Sequence[int], *, period: Period, at: dt.datetime, granularity: Granularity | None = None) -> Dashboard:
    """Figures of these listings together, with those of the period before, in one statement.

    :param granularity: of both series; by itself days for up to 92 of them, then months. A week or month is named by its first day,
        which may lie before the period; what is counted does not.
    """
    del at  # figures are those of the period asked for; what is still to be counted is told by `counted_until`
    before, single = period.before, len(resource_numbers) == 1
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_OF_ONE if single else FIGURES, [period.first, list(resource_numbers), before.first, period.last])
        days = {row[0]: row for row in cursor.fetchall()}
    inside = [row for day, row in days.items() if day >= period.first]
    found = sum_breakdowns((row[0], row[-2]) for row in inside)
    aside = _sums(inside)[_CHANNELS_END:]
    ranked, rank_sum = sum(row[-5] for row in inside), sum(row[-4] for row in inside)
    step = granularity or (Granularity.DAY if period.days <= MOST_DAYS else Granularity.MONTH)
    return Dashboard(
        period=period,
        totals=_totals(_sums(inside)),
        totals_before=_totals(_sums([row for day, row in days.items() if day < period.first])),
        series=_series(days, period, step, visitors=single),
        series_before=_series(days, before, step, visitors=single),
        sources=[(SourceClass(source), count) for source, count in _most(found.sources[VIEWS])],
        campaigns=_most({name: count for name, count in found.campaigns[VIEWS].items() if name})[:MOST_ROWS],
        cities=_most(found.cities[VIEWS])[:MOST_ROWS],
        hours=[
            [views + contacts for views, contacts in zip(*pair, strict=True)]
            for pair in zip(found.hours[VIEWS], found.hours[CONTACTS], strict=True)
        ],
        position=rank_sum / ranked if ranked else None,
        set_aside={verdict.name: count for verdict, count in zip(ASIDE, aside, strict=True)},
        counted_until=_counted_until() if not days else next(iter(days.values()))[-1],
    )


def bucket(day: dt.date, step: Granularity) -> dt.date:
    """The first day of the day, week (Monday) or month."""
    if step is Granularity.DAY:
        return day
    return day - dt.timedelta(days=day.weekday()) if step is Granularity.WEEK else day.replace(day=1)


def _series(days: Mapping[dt.date, tuple[Any, ...]], period: Period, step: Granularity, *, visitors: bool) -> list[DayFigures]:
    every = (period.first + dt.timedelta(days=number) for number in range(period.days))
    if step is Granularity.DAY:
        return [_day_figures(day, days.get(day), visitors=visitors) for day in every]
    steps: dict[dt.date, list[tuple[Any, ...]]] = {}
    for day in every:
        rows = steps.setdefault(bucket(day, step), [])
        if day in days:
            rows.append(days[day])
    return [DayFigures(first, _totals(_sums(rows)), None) for first, rows in steps.items()]


def _day_figures(day: dt.date, row: tuple[Any, ...] | None, *, visitors: bool) -> DayFigures:
    if row is None:
        return DayFigures(day, _totals(_ZEROS), 0 if visitors else None)
    # Somebody may have visited several of the listings: only one listing's visitors are people.
    return DayFigures(day, _totals(row[1:-5]), row[-3] if visitors else None)


def _sums(rows: Iterable[tuple[Any, ...]]) -> Sequence[int]:
    return [sum(column) for column in zip(*(row[1:-5] for row in rows), strict=True)] or _ZEROS


def _totals(counts: Sequence[int]) -> Totals:
    return Totals(
        dict(zip(TYPES, counts, strict=False)),  # the first seven
        dict(zip(CHANNELS, counts[_TYPES_END:_CHANNELS_END], strict=True)),
    )


def _most(counts: Mapping[Key, int]) -> list[tuple[Key, int]]:
    """Most first; equal ones by their names, so that the order is always the same."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _counted_until() -> dt.datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_at FROM analytics_listing_days WHERE resource_number = %s ORDER BY day DESC LIMIT 1", [EVERY_LISTING])
        row = cursor.fetchone()
    return row[0] if row else None
