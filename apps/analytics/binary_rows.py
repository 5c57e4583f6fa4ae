"""Events as COPY takes them in its binary form, made where an event is taken: what travels is what is written, and on the way nobody reads
more of it than its day. What is known later, the verdict of all processes and the run's number, is at the end of a row.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". A row is the number of its fields, then each field's
length and bytes, most significant first; -1 as a length is NULL. Moments and days are counted from 1 January 2000.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from apps.analytics.constants import ZONE
from apps.analytics.rows import EventRow

COLUMNS: Final = (*EventRow._fields, "run")
# A verdict of the rule that no table knows: the event is not kept.
DROPPED: Final = ord("x")

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_YEAR_2000: Final = dt.date(2000, 1, 1)
_YEAR_2000_US: Final = 946_684_800_000_000
_HOUR_US: Final = 3_600_000_000
_NULL: Final = b"\xff\xff\xff\xff"
_MOMENT, _SUBJECT, _END = struct.Struct(">hiiiq"), struct.Struct(">iqihih"), struct.Struct(">ihiq")
_SMALL, _BIG = struct.Struct(">ih"), struct.Struct(">iq")
# Where the day is.
_DAY: Final = slice(6, 10)


def moment_part(created_us: int) -> bytes:
    """The beginning of a row: its day in Cameroon, and its moment.

    :param created_us: microseconds since 1970.
    """
    return _MOMENT.pack(len(COLUMNS), 4, _day_of_hour(created_us // _HOUR_US), 8, created_us - _YEAR_2000_US)


def origin_part(source: int, city_number: int | None, campaign: str) -> bytes:
    """The middle of a row, which the events of a page share."""
    name = campaign.encode()
    city = _NULL if city_number is None else _SMALL.pack(2, city_number)
    return b"%b%b%b%b" % (_SMALL.pack(2, source), city, len(name).to_bytes(4, "big"), name)


def begun_row(moment: bytes, number: int, event_type: int, channel: int, origin: bytes, position: int | None, visitor: bytes) -> bytes:
    """A row that lacks its end.

    :param moment: a `moment_part`. :param origin: an `origin_part`. :param visitor: a `visitor_part`.
    :raises struct.error: a number that no column holds.
    """
    return b"".join((moment, _SUBJECT.pack(8, number, 2, event_type, 2, channel), origin, _position_part(position), visitor))


def visitor_part(visitor: int | None) -> bytes:
    """Whose event a row is."""
    return _NULL if visitor is None else _BIG.pack(8, visitor)


@lru_cache(maxsize=1000)
def _position_part(position: int | None) -> bytes:
    return _NULL if position is None else _SMALL.pack(2, position)


@lru_cache(maxsize=1000)
def _day_of_hour(hour: int) -> int:
    """The day in Cameroon, whose hours begin when those of UTC do."""
    return ((_EPOCH + dt.timedelta(hours=hour)).astimezone(ZONE).date() - _YEAR_2000).days


def begun_rows(rows: Iterable[EventRow]) -> list[bytes]:
    """Rows that nobody handed over: their day is that of their moment."""
    return [
        begun_row(
            moment_part(microseconds(row.created_at)), row.resource_number, row.event_type, row.channel,
            origin_part(row.source, row.city_number, row.campaign), row.position, visitor_part(row.visitor),
        )
        for row in rows
    ]  # fmt: skip


def written_day(day: dt.date) -> bytes:
    """A day as it is written in a row."""
    return (day - _YEAR_2000).days.to_bytes(4, "big", signed=True)


def days_of(rows: Iterable[bytes]) -> list[bytes]:
    """The day of each begun row, as it is written there."""
    return [row[_DAY] for row in rows]


def finished_rows(rows: Sequence[bytes], verdicts: bytes, *, run: int) -> list[bytes]:
    """What COPY takes of a run: its rows with their ends, without those that the rule dropped."""
    ends = {digit: _END.pack(2, digit - 48, 8, run) for digit in set(verdicts)}
    return [row + ends[digit] for row, digit in zip(rows, verdicts, strict=True) if digit != DROPPED]


def microseconds(at: dt.datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // dt.timedelta(microseconds=1)
