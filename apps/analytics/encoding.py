"""Runs between the processes that take events and the one that writes them: lists in MessagePack, about 80 bytes an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec


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

    `rows` are begun (`binary_rows`); `verdicts` has a digit for each (`choices.Verdict`), or `DROPPED`.
    """

    name: str
    rows: Sequence[bytes] = ()
    verdicts: bytes = b""
    calls: Sequence[CallCount] = field(default=())

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.verdicts):
            raise ValueError(f"{len(self.rows)} events, {len(self.verdicts)} verdicts")


_rows = msgspec.msgpack.Decoder(list[bytes])
_calls = msgspec.msgpack.Decoder(list[CallCount])
_encoder = msgspec.msgpack.Encoder()


def pack_rows(rows: Sequence[bytes]) -> bytes:
    """Bytes of a run's rows."""
    return _encoder.encode(rows)


def pack_calls(calls: Sequence[CallCount]) -> bytes:
    """Bytes of a run's calls."""
    return _encoder.encode(calls)


def unpack_calls(packed: bytes) -> list[CallCount]:
    """Back. :raises msgspec.DecodeError: these are no calls."""
    return _calls.decode(packed)


def unpack_rows(packed: bytes) -> list[bytes]:
    """Back. :raises msgspec.DecodeError: these are no rows."""
    return _rows.decode(packed)
