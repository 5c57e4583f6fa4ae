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
    """What a process handed over at once. Its name is what makes writing it twice harmless.

    `verdicts` has a digit for each event (`choices.Verdict`), or `DROPPED`.
    """

    name: str
    events: Sequence[PackedEvent] = ()
    verdicts: bytes = b""
    calls: Sequence[CallCount] = field(default=())

    def __post_init__(self) -> None:
        if len(self.events) != len(self.verdicts):
            raise ValueError(f"{len(self.events)} events, {len(self.verdicts)} verdicts")


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


def unpack_events(packed: bytes) -> list[PackedEvent]:
    """Back. :raises msgspec.DecodeError: these are no events."""
    return _events.decode(packed)


def run_of(name: str, rows: Sequence[EventRow]) -> Run:
    """A run of rows that nobody handed over: their day is that of their moment."""
    return Run(name, [PackedEvent(microseconds(row.created_at), *row[2:-1]) for row in rows], bytes(48 + row.verdict for row in rows))


def microseconds(at: dt.datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def day_of(us: int) -> dt.date:
    """The day in Cameroon, whose hours begin when those of UTC do."""
    return _day_of_hour(us // _HOUR_US)


@lru_cache(maxsize=1000)
def _day_of_hour(hour: int) -> dt.date:
    return (_EPOCH + dt.timedelta(hours=hour)).astimezone(ZONE).date()
