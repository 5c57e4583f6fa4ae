"""Figures as the API shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from apps.analytics.choices import Channel, EventType, SourceClass
from apps.analytics.figures import Dashboard, DayFigures, Period, Totals
from apps.catalog.models import City

# What is counted, as members of an object.
TYPE_WORDS = {
    EventType.VIEW: "views",
    EventType.IMPRESSION: "impressions",
    EventType.CLICK: "clicks",
    EventType.CONTACT: "contacts",
    EventType.DIRECTION: "directions",
    EventType.SHARE: "shares",
    EventType.SAVE: "saves",
}
CHANNEL_WORDS = {channel: channel.name.lower() for channel in Channel if channel is not Channel.NONE}
SOURCE_WORDS = {source: source.name.lower() for source in SourceClass}
FUNNEL = (EventType.IMPRESSION, EventType.VIEW, EventType.CONTACT)


def dashboard_data(found: Dashboard, *, language: str) -> dict[str, Any]:
    """A dashboard; towns get their names with one statement, when there are any."""
    totals, before = totals_data(found.totals), totals_data(found.totals_before)
    return {
        "period": _period(found.period),
        "previous_period": _period(found.period.before),
        "counted_until": moment(found.counted_until),
        "totals": totals,
        "previous_totals": before,
        "change_percent": {word: percent_change(before[word], totals[word]) for word in totals},
        "contacts": _channels(found.totals),
        "previous_contacts": _channels(found.totals_before),
        "funnel": [{"step": TYPE_WORDS[kind], "count": found.totals.by_type[kind]} for kind in FUNNEL],
        "series": [point_data(point) for point in found.series],
        "previous_series": [point_data(point) for point in found.series_before],
        "sources": [{"source": SOURCE_WORDS[source], "label": str(source.label), "views": count} for source, count in found.sources],
        "campaigns": [{"campaign": name, "views": count} for name, count in found.campaigns],
        "cities": _cities(found.cities, language),
        "hours": [list(day) for day in found.hours],
        "position": None if found.position is None else round(found.position, 2),
        "set_aside": {name.lower(): count for name, count in found.set_aside.items()},
    }


def totals_data(totals: Totals) -> dict[str, int]:
    """Counts by type."""
    return {word: totals.by_type[kind] for kind, word in TYPE_WORDS.items()}


def point_data(point: DayFigures) -> dict[str, Any]:
    """One point of a series; `visitors` is null where days or listings are added up."""
    return {"day": point.day.isoformat(), "visitors": point.visitors, **totals_data(point.totals)}


def moment(value: dt.datetime | None) -> str | None:
    """In UTC: `2026-11-24T09:30:00Z`."""
    return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def percent_change(before: int, after: int) -> float | None:
    """By how many percent it grew; None where there was nothing before."""
    return round(100 * (after - before) / before, 1) if before else None


def _period(period: Period) -> dict[str, Any]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat(), "days": period.days}


def _channels(totals: Totals) -> dict[str, int]:
    return {word: totals.contacts[channel] for channel, word in CHANNEL_WORDS.items()}


def _cities(cities: Sequence[tuple[int, int]], language: str) -> list[dict[str, Any]]:
    """A town that is gone keeps its count, without a name."""
    if not cities:
        return []
    known: Mapping[int, City] = City.objects.in_bulk([number for number, _views in cities], field_name="number")
    return [
        {
            "city": known[number].slug if number in known else None,
            "name": known[number].name_in(language) if number in known else "",
            "views": views,
        }
        for number, views in cities
    ]
