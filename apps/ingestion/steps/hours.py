"""Step `hours`: an opening week from OSM syntax or free text. What is not understood whole is a warning, never a guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from apps.catalog.osm_hours import Week, parse_opening_hours
from apps.catalog.validation import has_overlap
from apps.ingestion.steps import hours_text
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.text import read_paragraphs

Hours = dict[int, tuple[tuple[str, str], ...]]
HOURS_MAX = 1000
INTERVALS_MAX = 8
_DAY_NAMES = ("Su", "Mo", "Tu", "We", "Th", "Fr", "Sa")


def read(value: object, notes: Notes) -> Hours | None:
    """The week as {day (0 = Sunday): (("08:00", "18:00"), …)}; None when unknown. Also reads a week that is already in this form."""
    if isinstance(value, Mapping):
        hours = _checked(value)
        if hours is None:
            notes.dropped("hours", "hours_not_understood", "object")
        return hours
    # Line ends matter: they stand between a day and the next.
    text = read_paragraphs(value, "hours", HOURS_MAX, notes)
    if not text:
        return None
    week = parse_opening_hours(text) or hours_text.parse(text)
    if week is None:
        notes.dropped("hours", "hours_dated" if hours_text.is_dated(text) else "hours_not_understood", text)
        return None
    if has_overlap(week):
        notes.dropped("hours", "hours_overlap", text)
        return None
    hours = as_hours(week)
    notes.changed("hours", "hours", text, shown(hours))
    return hours


def shown(hours: Hours) -> str:
    """A week as one line for the history, days with the same times together."""
    groups: dict[str, list[str]] = {}
    for day in (*range(1, 7), 0):
        if day in hours:
            groups.setdefault(",".join(f"{opens}-{closes}" for opens, closes in hours[day]) or "off", []).append(_DAY_NAMES[day])
    return "; ".join(f"{','.join(days)} {times}" for times, days in groups.items())


def as_hours(week: Week) -> Hours:
    """The week with times as `HH:MM`, days in order."""
    return {day: tuple((_shown(opens), _shown(closes)) for opens, closes in sorted(week[day])) for day in sorted(week)}


def _shown(time: dt.time) -> str:
    # A format string takes five times as long.
    return time.isoformat("minutes")


def _checked(value: Mapping[object, object]) -> Hours | None:
    week: Week = {}
    for key, intervals in value.items():
        day = int(key) if isinstance(key, str) and len(key) == 1 and key in "0123456" else key
        if isinstance(day, bool) or not isinstance(day, int) or not 0 <= day <= 6:
            return None
        if not isinstance(intervals, list | tuple) or len(intervals) > INTERVALS_MAX:
            return None
        week[day] = []
        for interval in intervals:
            if not isinstance(interval, list | tuple) or len(interval) != 2:
                return None
            opens, closes = (_time(part) for part in interval)
            if opens is None or closes is None:
                return None
            week[day].append((opens, closes))
    return None if not week or has_overlap(week) else as_hours(week)


def _time(value: object) -> dt.time | None:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return None
    try:
        return dt.time.fromisoformat(value)
    except ValueError:
        return None
