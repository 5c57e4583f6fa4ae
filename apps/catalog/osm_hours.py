"""Reads the common part of OpenStreetMap's `opening_hours` grammar (https://wiki.openstreetmap.org/wiki/Key:opening_hours)."""

from __future__ import annotations

import datetime as dt
import re

DAYS = {"su": 0, "mo": 1, "tu": 2, "we": 3, "th": 4, "fr": 5, "sa": 6}
_DAY_RANGE = re.compile(r"(mo|tu|we|th|fr|sa|su|ph)(?:-(mo|tu|we|th|fr|sa|su))?", re.IGNORECASE)
_TIMES = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")

Week = dict[int, list[tuple[dt.time, dt.time]]]


def parse_opening_hours(text: str) -> Week | None:
    """The week as {day (0 = Sunday): [(open, close), …]}; a listed day without interval is closed.

    `24/7` gives seven whole days (00:00 to 00:00). None when the text uses anything else of the grammar,
    such as months or comments: a half-understood schedule would send people to a closed door.
    """
    text = text.strip()
    if text == "24/7":
        return {day: [(dt.time(0), dt.time(0))] for day in range(7)}
    week: Week = {}
    for rule in text.split(";"):
        parsed = _parse_rule(rule.strip())
        if parsed is None:
            return None
        for day, intervals in parsed.items():
            week[day] = intervals
    return week or None


def _parse_rule(rule: str) -> Week | None:
    if not rule:
        return {}
    head, _, tail = rule.partition(" ")
    if head[:1].isdigit():
        days, times = list(range(7)), rule
    else:
        chosen = _parse_days(head)
        if chosen is None:
            return None
        days, times = chosen, tail.strip()
    if times.lower() in {"off", "closed"}:
        return {day: [] for day in days}
    intervals = []
    for part in times.split(","):
        match = _TIMES.fullmatch(part.strip())
        if match is None:
            return None
        start, end = _time(match[1], match[2]), _time(match[3], match[4])
        if start is None or end is None:
            return None
        intervals.append((start, end))
    return dict.fromkeys(days, intervals) if intervals else None


def _parse_days(text: str) -> list[int] | None:
    days: list[int] = []
    for part in text.split(","):
        match = _DAY_RANGE.fullmatch(part.strip())
        if match is None:
            return None
        first, last = match[1].lower(), (match[2] or match[1]).lower()
        if first == "ph":
            continue
        start, end = DAYS[first], DAYS[last]
        days += [(start + step) % 7 for step in range((end - start) % 7 + 1)]
    return days


def _time(hour: str, minute: str) -> dt.time | None:
    """24:00 is midnight; past 24 h (`18:00-26:00`) wraps to the next day as the grammar says."""
    hours, minutes = int(hour), int(minute)
    if hours > 48 or minutes > 59:
        return None
    return dt.time(hours % 24, minutes)
