"""When a place is open: pure rules over a week, particular days and public holidays. Nothing here reads the database.

- A week holds several intervals a day; one that ends at or before its start ends the next day, 00:00 to 00:00 is the whole day.
- A particular day replaces its date's intervals and is stronger than a holiday.
- On a public holiday without particular hours `closed` closes, `as_usual` changes nothing, `unknown` answers "unknown";
  a place that is always open stays so.
- Night hours of the evening before reach into any day, whatever that day is.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from apps.catalog.choices import HolidayPolicy, HoursKind

ZONE = ZoneInfo("Africa/Douala")
DAY_MIN = 1440
HORIZON_DAYS = 8

# (start, end) in minutes from midnight of the day it begins; end may pass 1440.
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenStatus:
    """`state` is open, closed or unknown; `next_change` is when it changes within 8 days; `as_of` the minute asked, in UTC."""

    state: str
    next_change: dt.datetime | None
    as_of: dt.datetime


def interval(opens: dt.time, closes: dt.time) -> Interval:
    """An interval of a day from two times; see the module for the night and the whole day."""
    start, end = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    return start, end if end > start else end + DAY_MIN


@dataclass(frozen=True)
class Schedule:
    """The hours of one place. `week` maps 0 (Sunday) to 6 to intervals; `special` maps a date to its own."""

    kind: str = HoursKind.UNKNOWN.value
    holiday_policy: str = HolidayPolicy.UNKNOWN.value
    week: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    special: Mapping[dt.date, tuple[Interval, ...]] = field(default_factory=dict)

    def pack(self) -> bytes | None:
        """The schedule as compact bytes for a card; None when nothing is known."""
        if self.kind == HoursKind.UNKNOWN and not self.special:
            return None
        week = sorted((day, start, end) for day, intervals in self.week.items() for start, end in intervals)
        special = sorted((day.toordinal(), list(intervals)) for day, intervals in self.special.items())
        return msgspec.json.encode((self.kind, self.holiday_policy, week, special))

    @classmethod
    def unpack(cls, packed: bytes | None) -> Schedule:
        """The schedule of a card's bytes."""
        if packed is None:
            return cls()
        kind, policy, week, special = _decode(packed)
        days: dict[int, tuple[Interval, ...]] = {}
        for day, start, end in week:
            days[day] = (*days.get(day, ()), (start, end))
        return cls(kind, policy, days, {dt.date.fromordinal(day): tuple(intervals) for day, intervals in special})

    def status(self, at: dt.datetime, holidays: Iterable[dt.date] = ()) -> OpenStatus:
        """The state at the minute of `at` (aware), and when it changes."""
        as_of = at.astimezone(dt.UTC).replace(second=0, microsecond=0)
        local = as_of.astimezone(ZONE)
        midnight = local.replace(hour=0, minute=0)
        now = local.hour * 60 + local.minute
        days = self._days(local.date(), frozenset(holidays))
        state = _state(days, now)
        edges = {edge for offset, intervals in days.items() for pair in intervals or () for edge in (offset + pair[0], offset + pair[1])}
        edges |= set(days)
        change = next((edge for edge in sorted(edges) if edge > now and _state(days, edge) != state), None)
        is_near = change is not None and change < (HORIZON_DAYS - 1) * DAY_MIN
        when = (midnight + dt.timedelta(minutes=change)).astimezone(dt.UTC) if change is not None and is_near else None
        return OpenStatus(state, when, as_of)

    def _days(self, today: dt.date, holidays: frozenset[dt.date]) -> dict[int, tuple[Interval, ...] | None]:
        """Intervals of yesterday and the days ahead by their midnight, in minutes from today's; None is a day nobody knows."""
        return {step * DAY_MIN: self._day(today + dt.timedelta(days=step), holidays) for step in range(-1, HORIZON_DAYS)}

    def _day(self, day: dt.date, holidays: frozenset[dt.date]) -> tuple[Interval, ...] | None:
        if day in self.special:
            return self.special[day]
        if self.kind == HoursKind.UNKNOWN:
            return None
        if self.kind == HoursKind.ALWAYS:
            return ((0, DAY_MIN),)
        if day in holidays and self.holiday_policy != HolidayPolicy.AS_USUAL:
            return None if self.holiday_policy == HolidayPolicy.UNKNOWN else ()
        return self.week.get((day.weekday() + 1) % 7, ())


_decode = msgspec.json.Decoder(tuple[str, str, list[tuple[int, int, int]], list[tuple[int, list[tuple[int, int]]]]]).decode


def _state(days: Mapping[int, tuple[Interval, ...] | None], minute: int) -> str:
    own = minute // DAY_MIN * DAY_MIN
    for offset in (own, own - DAY_MIN):
        for start, end in days.get(offset) or ():
            if offset + start <= minute < offset + end:
                return "open"
    return "unknown" if days.get(own) is None else "closed"


@functools.lru_cache(maxsize=8192)
def packed_status(packed: bytes | None, minute: dt.datetime, holidays: frozenset[dt.date]) -> OpenStatus:
    """`Schedule.status` of a card's bytes; many cards of a list share their hours, and all of them the minute."""
    return Schedule.unpack(packed).status(minute, holidays)
