"""A chunk is stored while the next one is read and cleaned."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from apps.catalog.models import Resource
from apps.core.clock import now
from apps.ingestion.choices import BatchState
from apps.ingestion.models import Batch, BatchRun, Source
from apps.ingestion.services import ahead, batches
from apps.ingestion.services.ahead import in_chunks
from apps.ingestion.services.arrivals import Row
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.pipeline import take
from apps.ingestion.tests.factories import make_source, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "CHUNK", 3)


@pytest.fixture
def source() -> Source:
    return make_source()


def rows(count: int, **fields: Any) -> Iterator[Row]:
    for index in range(count):
        yield Row(index, json.dumps(place(index, **fields)).encode())


def send(source: Source, given: Iterator[Row]) -> tuple[Batch, list[int]]:
    """The finished batch, and how many records of each chunk were cleaned when it was its turn."""
    batch = Batch.objects.create(source=source, state=BatchState.RUNNING, created_at=now())
    context = read_context(source)
    cleaned = []
    for chunk in in_chunks(given, batch=batch, context=context):
        cleaned.append(sum(one.cleaned is not None for one in chunk))
        take(batch=batch, arrivals=chunk, context=context, at=now())
    return batch, cleaned


def test_it_works(source: Source) -> None:
    batch, cleaned = send(source, rows(10))

    assert (batch.done, batch.created) == (10, 10)
    # All but the first chunk are cleaned while the one before is stored.
    assert cleaned == [0, 3, 3, 1]


def test_of_a_source_that_sent_before_the_first_chunk_tells_what_to_expect(source: Source) -> None:
    send(source, rows(1, name="Ancienne"))

    _batch, cleaned = send(source, rows(10))

    assert cleaned == [0, 0, 3, 1]


def test_what_was_sent_before_is_not_cleaned(source: Source) -> None:
    send(source, rows(10))
    batch, cleaned = send(source, rows(10))

    assert batch.unchanged == 10
    # Nothing changes, so that more are taken as one.
    assert cleaned == [0, 0]


def test_many_that_changed_in_one_large_chunk(source: Source) -> None:
    send(source, rows(30))
    changed = [*itertools.islice(rows(30), 6), *itertools.islice(rows(30, email="new@palmier.cm"), 6, None)]
    batch, cleaned = send(source, iter(changed))

    assert (batch.unchanged, batch.updated) == (6, 24)
    assert [row.last - row.first for row in BatchRun.objects.order_by("first")] == [2, 2]
    # Three, twelve of which three did not change, and then three at a time.
    assert cleaned == [0] * 7
    assert Resource.objects.count() == 30


def test_one_way_or_the_other_the_same_becomes_of_them(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    again = [Row(7 + row.index, row.payload) for row in rows(7, source="another")]
    given = [*rows(7), *again, Row(14, b"{"), Row(15, b'{"name": ""}')]
    found: list[list[tuple[str, Any]]] = []
    for sender, most in ((source, ahead.AHEAD_MAX_BYTES), (make_source(slug="alone"), -1)):
        monkeypatch.setattr(ahead, "AHEAD_MAX_BYTES", most)
        items: list[Any] = []
        batches.run(source=sender, rows=given, at=now(), sent_by="test", on_told=items.extend)
        found.append([(item.outcome, item.reasons) for item in items])
        Resource.objects.all().delete()

    assert found[0] == found[1]
    assert {outcome for outcome, _reasons in found[0]} == {"created", "merged", "rejected"}


def test_a_reader_that_fails_loses_nothing_that_it_gave(source: Source) -> None:
    def failing() -> Iterator[Row]:
        yield from rows(6)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        batches.run(source=source, rows=failing(), at=now(), sent_by="test")

    batch = Batch.objects.get()
    assert (batch.state, batch.received, batch.done, batch.created) == ("failed", 6, 6, 6)


def test_two_large_chunks_are_never_held_at_once(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "AHEAD_MAX_BYTES", 100)
    read: list[int] = []

    def watched() -> Iterator[Row]:
        for row in rows(9):
            read.append(row.index)
            yield row

    batch = Batch.objects.create(source=source, state=BatchState.RUNNING, created_at=now())
    chunks = in_chunks(watched(), batch=batch, context=read_context(source))
    assert [(len(chunk), len(read)) for chunk in chunks] == [(3, 3), (3, 6), (3, 9)]
