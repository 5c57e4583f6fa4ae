"""When a place is open: pure rules over a week, particular days and public holidays. Nothing here reads the database.

- A week holds several intervals a day; one that ends at or before its start ends the next day, 00:00 to 00:00 is the whole day.
- A particular day replaces its date's intervals and is stronger than a holiday.
- On a public holiday without particular hours `closed` closes, `as_usual` changes nothing, `unknown` answers "unknown"
  from midnight to midnight and for the night hours that the day's week would have; a place that is always open stays so.
- Night hours of the evening before reach into any day, whatever that day is: who opens at 22:00 on the eve of a holiday
  still closes at 04:00.
- A place that has closed for a time or for good is closed at every minute, and no change is foreseen.
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
# Kind of a place that does not operate: no `HoursKind`, because its hours are kept for when it does again.
SHUT = "shut"
# Moves when the packed form changes.
PACKED_FORM = 1
_DAY_CODES = ("Su", "Mo", "Tu", "We", "Th", "Fr", "Sa")

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
        if self.kind == SHUT:
            return _encode((PACKED_FORM, SHUT, "", (), ()))
        week = sorted((day, start, end) for day, intervals in self.week.items() for start, end in intervals)
        special = sorted((day.toordinal(), tuple(intervals)) for day, intervals in self.special.items())
        return _encode((PACKED_FORM, self.kind, self.holiday_policy, week, special))

    @classmethod
    def unpack(cls, packed: bytes | None) -> Schedule:
        """The schedule of a card's bytes; unknown hours when another release packed them, until its card is rewritten."""
        if packed is None:
            return cls()
        try:
            form, kind, policy, week, special = _decode(packed)
        except msgspec.DecodeError:
            return cls()
        if form != PACKED_FORM:
            return cls()
        days: dict[int, tuple[Interval, ...]] = {}
        for day, start, end in week:
            days[day] = (*days.get(day, ()), (start, end))
        return cls(kind, policy, days, {dt.date.fromordinal(day): tuple(intervals) for day, intervals in special})

    def status(self, at: dt.datetime, holidays: Iterable[dt.date] = ()) -> OpenStatus:
        """The state at the minute of `at` (aware), and when it changes."""
        as_of = at.astimezone(dt.UTC).replace(second=0, microsecond=0)
        if self.kind == SHUT:
            return OpenStatus("closed", None, as_of)
        local = as_of.astimezone(ZONE)
        now = local.hour * 60 + local.minute
        opens, doubts = self._spans(local.date(), frozenset(holidays))

        def state_at(minute: int) -> str:
            if any(start <= minute < end for start, end in opens):
                return "open"
            return "unknown" if any(start <= minute < end for start, end in doubts) else "closed"

        state = state_at(now)
        edges = sorted({edge for span in (*opens, *doubts) for edge in span if 0 < edge - now <= HORIZON_DAYS * DAY_MIN})
        change = next((edge for edge in edges if state_at(edge) != state), None)
        midnight = as_of - dt.timedelta(minutes=now)
        return OpenStatus(state, None if change is None else midnight + dt.timedelta(minutes=change), as_of)

    def spans(self) -> dict[str, list[list[str]]]:
        """The week for a page: {"1": [["08:00", "12:30"], …]}, 0 = Sunday, no span on a closed day. Empty without a known week."""
        if self.kind == HoursKind.ALWAYS:
            return {str(day): [["00:00", "00:00"]] for day in range(7)}
        if self.kind != HoursKind.WEEKLY:
            return {}
        return {str(day): [[_clock(start), _clock(end)] for start, end in sorted(self.week.get(day, ()))] for day in range(7)}

    def to_osm(self) -> str:
        """The week and the holiday rule in OpenStreetMap's `opening_hours` grammar; "" without a known week."""
        if self.kind == HoursKind.ALWAYS:
            return "24/7"
        if self.kind != HoursKind.WEEKLY:
            return ""
        days: dict[str, list[int]] = {}
        for day in (1, 2, 3, 4, 5, 6, 0):
            intervals = sorted(self.week.get(day, ()))
            text = ",".join(f"{_clock(start)}-{_clock(end) if end % DAY_MIN else '24:00'}" for start, end in intervals)
            days.setdefault(text or "off", []).append(day)
        rules = [f"{_osm_days(group)} {text}" for text, group in days.items()]
        return "; ".join([*rules, "PH off"] if self.holiday_policy == HolidayPolicy.CLOSED else rules)

    def _spans(self, today: dt.date, holidays: frozenset[dt.date]) -> tuple[list[Interval], list[Interval]]:
        """When it is open and when nobody knows, from yesterday to the horizon, in minutes from today's midnight."""
        opens: list[Interval] = []
        doubts: list[Interval] = []
        for step in range(-1, HORIZON_DAYS + 1):
            day, offset = today + dt.timedelta(days=step), step * DAY_MIN
            intervals = self._day(day, holidays)
            if intervals is not None:
                opens += [(offset + start, offset + end) for start, end in intervals]
                continue
            nights = self.week.get((day.weekday() + 1) % 7, ())
            doubts.append((offset, offset + max([DAY_MIN, *(end for _start, end in nights)])))
        return opens, doubts

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


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, str, list[tuple[int, int, int]], list[tuple[int, list[tuple[int, int]]]]]).decode


def _clock(minute: int) -> str:
    return f"{minute % DAY_MIN // 60:02}:{minute % 60:02}"


def _osm_days(days: list[int]) -> str:
    """`Mo-Fr` for days in a row from Monday, else `Mo,We`."""
    places = [(day - 1) % 7 for day in days]
    if len(days) > 2 and places == list(range(places[0], places[0] + len(days))):
        return f"{_DAY_CODES[days[0]]}-{_DAY_CODES[days[-1]]}"
    return ",".join(_DAY_CODES[day] for day in days)


@functools.lru_cache(maxsize=8192)
def packed_status(packed: bytes | None, minute: dt.datetime, holidays: frozenset[dt.date]) -> OpenStatus:
    """`Schedule.status` of a card's bytes; many cards of a list share their hours, and all of them the minute."""
    return Schedule.unpack(packed).status(minute, holidays)
