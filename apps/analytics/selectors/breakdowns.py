"""Breakdowns of counters, read back (`services.tallies` says how they are written)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

VIEWS, CONTACTS = "v", "c"
_decode = msgspec.json.Decoder(list[dict[str, int]]).decode


@dataclass(frozen=True)
class Breakdown:
    """Sums of a period: for views and for contacts each. `hours` are 7 weekdays (0 Monday) of 24 hours."""

    sources: Mapping[str, Mapping[int, int]]
    cities: Mapping[str, Mapping[int, int]]
    campaigns: Mapping[str, Mapping[str, int]]
    hours: Mapping[str, Sequence[Sequence[int]]]


def sum_breakdowns(days: Iterable[tuple[dt.date, str | None]]) -> Breakdown:
    """Add up days, each with its stored breakdowns joined by commas.

    Days are first added by weekday, key by key, and keys are taken apart once at the end: a hot listing has fifty keys a day.
    """
    weekdays: list[dict[str, int]] = [{} for _ in range(7)]
    for day, text in days:
        if text:
            total = weekdays[day.weekday()]
            for breakdown in _decode(f"[{text}]"):
                for key, count in breakdown.items():
                    total[key] = total.get(key, 0) + count
    sources: dict[str, dict[int, int]] = {VIEWS: {}, CONTACTS: {}}
    cities: dict[str, dict[int, int]] = {VIEWS: {}, CONTACTS: {}}
    campaigns: dict[str, dict[str, int]] = {VIEWS: {}, CONTACTS: {}}
    hours = {VIEWS: [[0] * 24 for _ in range(7)], CONTACTS: [[0] * 24 for _ in range(7)]}
    for weekday, total in enumerate(weekdays):
        for key, count in total.items():
            counted, by, value = key[0], key[1], key[2:]
            if by == "h":
                hours[counted][weekday][int(value)] = count
            elif by == "s":
                sources[counted][int(value)] = sources[counted].get(int(value), 0) + count
            elif by == "t":
                cities[counted][int(value)] = cities[counted].get(int(value), 0) + count
            else:  # k: a campaign; o: those beyond the named ones, which have no name
                campaigns[counted][value] = campaigns[counted].get(value, 0) + count
    return Breakdown(sources, cities, campaigns, hours)
