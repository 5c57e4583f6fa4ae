"""Places as the server packs them into one value, unpacked one by one as somebody looks at them.

The ranking wants the ids of two hundred candidates and nothing else of them: to make a row of seven Python objects of each took twice
as long as to find them.
"""

from __future__ import annotations

import datetime as dt
import math
import struct
import uuid
from collections.abc import Iterator, Sequence
from typing import overload

from apps.search.backends.base import Place

# Id, tier, quality, plan rank, microseconds since 2000 (the least: not told), metres (not a number: none).
_PLACE = struct.Struct(">16shhhqd")
_UNTOLD = -(2**63)
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_PACKED = (
    "string_agg(uuid_send(q.resource_id) || int2send(q.tier::int2) || int2send(q.quality) || int2send(q.plan_rank)"
    " || timestamptz_send(coalesce(q.published_at, '-infinity')) || float8send(coalesce(q.distance, 'NaN')), ''::bytea)"
)


def packing(rows: str, *, skipped: int = 0) -> str:
    """SQL of one row: the places of a statement in its order, and the number in its column `total`.

    :param skipped: leave out so many, and say how many rows there are instead.
    """
    if not skipped:
        return f"SELECT {_PACKED}, max(q.total) FROM ({rows}) q"
    return f"WITH p AS MATERIALIZED ({rows}) SELECT {_PACKED}, (SELECT count(*) FROM p) FROM (SELECT * FROM p OFFSET {skipped}) q"


class PackedPlaces(Sequence[Place]):
    """Places in order."""

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes = b"") -> None:
        self._packed = packed

    @property
    def ids(self) -> list[uuid.UUID]:
        """Ids alone."""
        packed, size, new = self._packed, _PLACE.size, uuid.UUID
        return [new(bytes=packed[at : at + 16]) for at in range(0, len(packed), size)]

    def __add__(self, other: PackedPlaces) -> PackedPlaces:
        return PackedPlaces(self._packed + other._packed)

    def __len__(self) -> int:
        return len(self._packed) // _PLACE.size

    def __iter__(self) -> Iterator[Place]:
        return map(_place, _PLACE.iter_unpack(self._packed))

    @overload
    def __getitem__(self, index: int) -> Place: ...

    @overload
    def __getitem__(self, index: slice) -> PackedPlaces: ...

    def __getitem__(self, index: int | slice) -> Place | PackedPlaces:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError("Places are taken in their order.")
            return PackedPlaces(self._packed[start * _PLACE.size : stop * _PLACE.size])
        return _place(_PLACE.unpack_from(self._packed, range(len(self))[index] * _PLACE.size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedPlaces) and self._packed == other._packed

    def __hash__(self) -> int:
        return hash(self._packed)

    def __repr__(self) -> str:
        return f"PackedPlaces({list(self)!r})"


def _place(values: tuple[bytes, int, int, int, int, float]) -> Place:
    pk, tier, quality, plan_rank, published, distance = values
    return Place(
        uuid.UUID(bytes=pk), tier, quality, plan_rank,
        None if published == _UNTOLD else _EPOCH + dt.timedelta(microseconds=published),
        None if math.isnan(distance) else distance,
    )  # fmt: skip
