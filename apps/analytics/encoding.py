"""Runs of events between the processes that take them and the one that writes them: MessagePack, about 30 bytes an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import msgspec

from apps.analytics.constants import ZONE
from apps.analytics.rows import EventRow

# A verdict of the rule that no table knows: the event is not kept.
DROPPED = ord("x")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_HOUR_US = 3_600_000_000


class PackedEvent(NamedTuple):
    """An event as it travels; moments are microseconds since 1970."""

    created_us: int
    resource_number: int
    event_type: int
    channel: int
    source: int
    city_number: int | None
    campaign: str
    position: int | None
    visitor: int | None


class CallCount(NamedTuple):
    """Calls of the API that took about as long: see `services.latency`."""

    hour: int
    user_id: str
    key_id: str
    operation: str
    bucket: int
    calls: int
    refused: int
    errors: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a process handed over at once. Its name is what makes writing it twice harmless."""

    name: str
    rows: Sequence[EventRow] = ()
    calls: Sequence[CallCount] = field(default=())


_events = msgspec.msgpack.Decoder(list[PackedEvent])
_calls = msgspec.msgpack.Decoder(list[CallCount])
_encoder = msgspec.msgpack.Encoder()


def pack_events(events: Sequence[PackedEvent]) -> bytes:
    """Bytes of a run's events."""
    return _encoder.encode(events)


def pack_calls(calls: Sequence[CallCount]) -> bytes:
    """Bytes of a run's calls."""
    return _encoder.encode(calls)


def unpack_calls(packed: bytes) -> list[CallCount]:
    """Back. :raises msgspec.DecodeError: these are no calls."""
    return _calls.decode(packed)


def rows_of(events: Sequence[PackedEvent], verdicts: bytes) -> list[EventRow]:
    """Rows for the table. `verdicts` has a digit for each event, or `DROPPED`."""
    return [
        EventRow(day_of_hour(event.created_us // _HOUR_US), moment(event.created_us), *event[1:], verdict - 48)
        for event, verdict in zip(events, verdicts, strict=True)
        if verdict != DROPPED
    ]


def unpack_rows(packed: bytes, verdicts: bytes) -> list[EventRow]:
    """Rows of a run's bytes. :raises msgspec.DecodeError: these are no events. :raises ValueError: verdicts do not fit."""
    return rows_of(_events.decode(packed), verdicts)


def microseconds(at: dt.datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def moment(us: int) -> dt.datetime:
    """The aware datetime of these microseconds."""
    return _EPOCH + dt.timedelta(microseconds=us)


@lru_cache(maxsize=1000)
def day_of_hour(hour: int) -> dt.date:
    """The day in Cameroon, whose hours begin when those of UTC do."""
    return (_EPOCH + dt.timedelta(hours=hour)).astimezone(ZONE).date()
