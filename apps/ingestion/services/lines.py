"""The report of a batch: a line for each record, and one row for all of a chunk that are as they were."""

from __future__ import annotations

import struct
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from django.db import connection

from apps.core.arrays import array_literal
from apps.core.copying import copy_packed, packed
from apps.ingestion.choices import Outcome
from apps.ingestion.models import Batch
from apps.ingestion.services.records import Same
from apps.ingestion.steps import Reason


class Item(msgspec.Struct, frozen=True):
    """What became of one record of a batch."""

    index: int
    outcome: Outcome
    id: uuid.UUID | None
    reasons: Sequence[Reason] = ()
    record_id: int | None = None


@dataclass(slots=True)
class Told:
    """What became of the records of a chunk: `items`, and those of which nothing is to be said, as `unchanged` at these places.

    Walked through, it gives a line for each in the order of the batch.
    """

    items: list[Item]
    unchanged: Sequence[int] = ()
    same: Same | None = None

    def __len__(self) -> int:
        return len(self.items) + len(self.unchanged)

    def __iter__(self) -> Iterator[Item]:
        lines = list(self.items)
        if self.same is not None:
            lines += [
                Item(index, Outcome.UNCHANGED, resource_id, (), record_id)
                for index, record_id, resource_id in zip(self.unchanged, self.same.record_ids(), self.same.resource_ids(), strict=True)
            ]
        return iter(sorted(lines, key=lambda item: item.index))


def write_lines(batch: Batch, told: Told) -> None:
    """Keep the report of a chunk and count it, in the caller's transaction."""
    _write_items(batch, told.items)
    if told.same is not None and told.unchanged:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ingest_batch_runs (batch_id, first, last, indexes, records, resources)"
                " VALUES (%s, %s, %s, %s::int[], %s::bigint[], %s::uuid[])",
                [
                    batch.pk, min(told.unchanged), max(told.unchanged), array_literal(told.unchanged),
                    told.same.records, told.same.resources,
                ],
            )  # fmt: skip
    counts = Counter([item.outcome for item in told.items])
    counts[Outcome.UNCHANGED] += len(told.unchanged)
    batch.done += len(told)
    for outcome in Outcome:
        setattr(batch, outcome.value, getattr(batch, outcome.value) + counts[outcome])
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [batch.done, *(getattr(batch, outcome.value) for outcome in Outcome), batch.pk])


_COUNT = f"UPDATE ingest_batches SET done = %s, {', '.join(f'{outcome.value} = %s' for outcome in Outcome)} WHERE id = %s"  # noqa: S608  constants
# Parts of a row in COPY's binary form, each value behind its length; -1 is NULL: packed here a line is a third of what the driver takes.
_PACKED_INDEX, _PACKED_RECORD, _NULL, _NO_REASON = struct.Struct(">ii").pack, struct.Struct(">iq").pack, b"\xff" * 4, b"\0\0\0\3\1[]"
_PACKED_OUTCOMES = {outcome: packed(outcome.value.encode()) for outcome in Outcome}


def _write_items(batch: Batch, items: Sequence[Item]) -> None:
    begin = struct.pack(">h", 6) + packed(batch.pk.bytes)
    rows = [
        b"".join([
            begin, _PACKED_INDEX(4, one.index), _PACKED_OUTCOMES[one.outcome],
            _NULL if one.record_id is None else _PACKED_RECORD(8, one.record_id),
            _NULL if one.id is None else b"\0\0\0\x10" + one.id.bytes,
            packed(b"\1" + msgspec.json.encode(one.reasons)) if one.reasons else _NO_REASON,
        ])
        for one in items
    ]  # fmt: skip
    copy_packed("ingest_batch_items", ("batch_id", "index", "outcome", "record_id", "resource_id", "reasons"), rows)
