"""The rows of a report, from the same counters as the dashboard."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from apps.analytics import periods
from apps.analytics.choices import Channel, Dimension, Metric, SourceClass
from apps.analytics.figures import Granularity, Period
from apps.analytics.report_rules import BREAKDOWNS, CHANNELS, PARTS, SOURCES, Filters
from apps.analytics.selectors.dashboard import bucket
from apps.catalog.models import City

# Of campaigns and listings; the rest of a longer report is one row.
ROWS_MAX = 10_000
CHANNEL_COLUMNS = {
    Channel.CALL: "calls", Channel.WHATSAPP: "whatsapps", Channel.SMS: "sms", Channel.EMAIL: "emails", Channel.SITE: "sites",
    Channel.COPY_NUMBER: "copies",
}  # fmt: skip
_LETTERS = {Metric.VIEWS: "v", Metric.CONTACTS: "c"}
_BY = {Dimension.SOURCE: "s", Dimension.HOUR: "h", Dimension.CITY: "t", Dimension.CAMPAIGN: "k"}
_STEPS = {Dimension.DAY: Granularity.DAY, Dimension.WEEK: Granularity.WEEK, Dimension.MONTH: Granularity.MONTH}
_decode = msgspec.json.Decoder(list[dict[str, int]]).decode


@dataclass(frozen=True)
class Named:
    """A listing as a report names it."""

    number: int
    id: uuid.UUID
    name: str


@dataclass(frozen=True)
class ReportRow:
    """One row: what it is for programs (a day, a slug, a word), for people, and its counts in the order of the metrics."""

    key: str
    label: str
    counts: Sequence[int]


def report_rows(
    listings: Sequence[Named],
    *,
    metrics: Sequence[Metric],
    dimension: Dimension,
    period: Period,
    filters: Filters,
    language: str,
    on_progress: Callable[[int], object] = lambda _percent: None,
) -> list[ReportRow]:
    """Days and months in their order, also without events; all else by its counts, most first.

    Read month by month: a worker that reads two years of two thousand listings says how far it is, and holds one month.
    """
    sums: dict[Any, list[int]] = {}
    months = list(_months(period))
    towns = {city.slug: city.number for city in City.objects.filter(slug__in=filters.cities)} if filters.cities else {}
    for place, part in enumerate(months):
        for group, row in _groups([one.number for one in listings], part, dimension):
            for key, counts in _counts(row, group, metrics, dimension, filters, towns):
                found = sums.setdefault(key, [0] * len(metrics))
                for number, count in enumerate(counts):
                    found[number] += count
        on_progress(100 * (place + 1) // len(months))
    with translation.override(language):
        return _rows(sums, listings, len(metrics), dimension, period, language)


def _months(period: Period) -> Iterator[Period]:
    first = period.first
    while first <= period.last:
        after = periods.months_before(first, -1)
        yield Period(first, min(after - dt.timedelta(days=1), period.last))
        first = after


def _groups(numbers: Sequence[int], part: Period, dimension: Dimension) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Sums of the counters by day, or by listing, with their breakdowns."""
    group = "resource_number" if dimension is Dimension.LISTING else "day"
    columns = [*(metric.value for metric in Metric), *CHANNEL_COLUMNS.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {group}, {', '.join(f'sum({column})' for column in columns)}, string_agg(nullif(breakdown, ''), ',') "
            f"FROM analytics_listing_days WHERE resource_number = ANY(%s) AND day BETWEEN %s AND %s GROUP BY {group}",
            [list(numbers), part.first, part.last],
        )
        for row in cursor.fetchall():
            yield row[0], dict(zip([*columns, "breakdown"], row[1:], strict=True))


def _counts(
    row: dict[str, Any], group: Any, metrics: Sequence[Metric], dimension: Dimension, filters: Filters, towns: dict[str, int]
) -> Iterator[tuple[Any, list[int]]]:
    """What a group adds to which rows."""
    part = filters.part
    if dimension is Dimension.CHANNEL:
        for word, channel in CHANNELS.items():
            if not filters.channels or word in filters.channels:
                yield word, [row[CHANNEL_COLUMNS[channel]]]
    elif dimension in BREAKDOWNS:
        wanted = _wanted(dimension, filters, towns) if part else None
        yield from _breakdown_counts(row["breakdown"], _BY[dimension], metrics, wanted)
    else:
        yield _key(group, dimension), _filtered(row, metrics, filters, towns) if part else [row[metric] for metric in metrics]


def _filtered(row: dict[str, Any], metrics: Sequence[Metric], filters: Filters, towns: dict[str, int]) -> list[int]:
    """The group's counts of what the filter lets through."""
    if filters.channels:
        return [sum(row[CHANNEL_COLUMNS[CHANNELS[word]]] for word in filters.channels)]
    dimension = PARTS[filters.part]
    counts = [0] * len(metrics)
    for _key, found in _breakdown_counts(row["breakdown"], _BY[dimension], metrics, _wanted(dimension, filters, towns)):
        counts = [a + b for a, b in zip(counts, found, strict=True)]
    return counts


def _wanted(dimension: Dimension, filters: Filters, towns: dict[str, int]) -> set[str]:
    """Values of a breakdown's keys that the filter lets through."""
    if dimension is Dimension.SOURCE:
        return {str(int(SOURCES[word])) for word in filters.sources}
    return {str(number) for number in towns.values()} if dimension is Dimension.CITY else set(filters.campaigns)


def _breakdown_counts(text: str | None, by: str, metrics: Sequence[Metric], wanted: set[str] | None) -> Iterator[tuple[str, list[int]]]:
    letters = [_LETTERS[metric] for metric in metrics]
    for breakdown in _decode(f"[{text}]") if text else ():
        for key, count in breakdown.items():
            # Campaigns beyond the named ones have no name.
            value = key[2:] if key[1] == by else "" if (key[1], by) == ("o", "k") else None
            if value is not None and key[0] in letters and (wanted is None or value in wanted):
                yield value, [count if letter == key[0] else 0 for letter in letters]


def _key(group: Any, dimension: Dimension) -> Any:
    if dimension is Dimension.WEEKDAY:
        return group.weekday()
    return group if dimension is Dimension.LISTING else bucket(group, _STEPS[dimension])


def _rows(
    sums: dict[Any, list[int]], listings: Sequence[Named], width: int, dimension: Dimension, period: Period, language: str
) -> list[ReportRow]:
    none = [0] * width
    if dimension in _STEPS:
        every = dict.fromkeys(bucket(period.first + dt.timedelta(days=number), _STEPS[dimension]) for number in range(period.days))
        return [ReportRow(day.isoformat(), day.isoformat(), sums.get(day, none)) for day in every]
    if dimension is Dimension.WEEKDAY:
        return [ReportRow(str(number + 1), str(WEEKDAYS[number]), sums.get(number, none)) for number in range(7)]
    if dimension is Dimension.HOUR:
        return [ReportRow(str(hour), f"{hour} h", sums.get(str(hour), none)) for hour in range(24)]
    names = _names(sums, listings, dimension, language)
    ordered = sorted(sums.items(), key=lambda pair: (-sum(pair[1]), str(pair[0])))
    if dimension is Dimension.LISTING:
        ordered += [(one.number, none) for one in listings if one.number not in sums]
    rows = [ReportRow(*names(key), counts) for key, counts in ordered]
    if len(rows) > ROWS_MAX:
        rest = [sum(column) for column in zip(*(row.counts for row in rows[ROWS_MAX - 1 :]), strict=True)]
        rows = [*rows[: ROWS_MAX - 1], ReportRow("", _("Autres"), rest)]
    return rows


def _names(sums: dict[Any, list[int]], listings: Sequence[Named], dimension: Dimension, language: str) -> Callable[[Any], tuple[str, str]]:
    """From a row's number or word to its key and its name."""
    if dimension is Dimension.LISTING:
        named = {one.number: one for one in listings}
        return lambda number: (str(named[number].id), named[number].name)
    if dimension is Dimension.CITY:
        cities = City.objects.in_bulk([int(number) for number in sums], field_name="number") if sums else {}
        # A town that is gone keeps its count.
        return lambda number: (
            (cities[int(number)].slug, cities[int(number)].name_in(language)) if int(number) in cities else ("", _("Ville retirée"))
        )
    if dimension is Dimension.SOURCE:
        return lambda number: (SourceClass(int(number)).name.lower(), str(SourceClass(int(number)).label))
    if dimension is Dimension.CHANNEL:
        return lambda word: (word, str(CHANNELS[word].label))
    return lambda name: (name, name or _("Autres campagnes"))
