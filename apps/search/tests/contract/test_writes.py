"""Documents come, are replaced by newer ones only, and go; and what is held can be checked."""

from __future__ import annotations

import uuid
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.search.backends.base import EngineQuery, Filters, Group, SearchBackend
from apps.search.documents import SearchDocument
from apps.search.tests.contract.world import crowd, documents, ids, same_world
from apps.search.tests.plain_backend import PlainBackend

FEW = settings(max_examples=12)


def found(engine: SearchBackend, word: str) -> list[uuid.UUID]:
    return ids(engine.search(EngineQuery(groups=(Group((word,)),))).places)


def test_it_works(backend: SearchBackend) -> None:
    one = replace(crowd(1)[0], names=("bar",), name_terms=frozenset({"bar"}), terms=frozenset({"bar"}))
    same_world(backend, [one])
    assert found(backend, "bar") == [one.id]
    assert backend.index([replace(one, version=2, terms=frozenset({"ecole"}), name_terms=frozenset({"ecole"}))]) == 1
    assert (found(backend, "bar"), found(backend, "ecole")) == ([], [one.id])
    assert backend.delete({one.id: 2}) == 1
    assert found(backend, "ecole") == []


def test_an_old_document_replaces_no_newer_one(backend: SearchBackend) -> None:
    one = replace(crowd(1)[0], version=5, terms=frozenset({"bar"}))
    same_world(backend, [one])
    assert backend.index([replace(one, version=4, terms=frozenset({"ecole"}))]) == 0
    assert backend.delete({one.id: 4}) == 0
    assert found(backend, "bar") == [one.id]
    assert backend.index([one]) == 1
    assert backend.delete({one.id: 5, uuid.UUID(int=1): 9}) == 1


def test_one_old_document_holds_up_no_others(backend: SearchBackend) -> None:
    made = [replace(document, version=3) for document in crowd(6)]
    same_world(backend, made)
    news = [replace(document, version=2 if number % 2 else 4, terms=frozenset({"neuf"})) for number, document in enumerate(made)]
    assert backend.index(news) == 3
    assert sorted(found(backend, "neuf")) == sorted(document.id for document in news if document.version == 4)


def test_every_member_is_replaced(backend: SearchBackend) -> None:
    one = replace(crowd(1)[0], latitude=4.0503, longitude=9.7002, city=3, quarter=uuid.UUID(int=5), attributes=("wifi",), schedule=1)
    same_world(backend, [one])
    bare = replace(one, version=2, latitude=None, longitude=None, city=None, quarter=None, attributes=(), schedule=None)
    backend.index([bare])
    for chosen in (
        Filters(cities=(3,)), Filters(quarters=(uuid.UUID(int=5),)), Filters(has=(("wifi",),)), Filters(schedules=(1,)),
        Filters(bbox=(-180.0, -90.0, 180.0, 90.0)),
    ):  # fmt: skip
        assert not backend.search(EngineQuery(filters=chosen)).places, chosen


@FEW
@given(st.lists(st.lists(st.integers(0, 4).flatmap(documents), max_size=4, unique_by=lambda made: made.id), max_size=4))
def test_the_same_is_held_whatever_comes(backend: SearchBackend, batches: list[list[SearchDocument]]) -> None:
    plain = same_world(backend, [])
    for batch in batches:
        assert backend.index(batch) == plain.index(batch)
    known = [uuid.UUID(int=number) for number in range(6)]
    assert dict(backend.versions(known)) == dict(plain.versions(known))
    query = EngineQuery(limit=10)
    assert ids(backend.search(query).places) == ids(plain.search(query).places)


def test_what_is_held_can_be_walked_and_compared(backend: SearchBackend) -> None:
    made = crowd(25)
    same_world(backend, made)
    expected = sorted(document.id for document in made)
    seen: list[uuid.UUID] = []
    while batch := backend.ids_after(seen[-1] if seen else None, limit=10):
        seen += batch
    assert seen == expected
    assert backend.versions([*expected, uuid.UUID(int=1)]) == dict.fromkeys(expected, 1)
    assert not backend.versions([])


def test_nothing_is_not_an_error(backend: SearchBackend) -> None:
    same_world(backend, [])
    assert (backend.index([]), backend.delete({})) == (0, 0)
    assert backend.search(EngineQuery(counted_max=10)).total == 0
    assert not backend.ids_after(None, limit=5)


def test_a_full_batch(backend: SearchBackend) -> None:
    made = [replace(crowd(1)[0], id=uuid.UUID(int=number + 1)) for number in range(1000)]
    plain = same_world(backend, made)
    query = EngineQuery(counted_max=500)
    hits = backend.search(query)
    assert ids(hits.places) == ids(plain.search(query).places)
    assert (hits.total, hits.is_exact) == (500, False)
    assert backend.delete({document.id: 1 for document in made}) == 1000


def test_health(backend: SearchBackend) -> None:
    plain: PlainBackend = same_world(backend, crowd(7))
    health = backend.health()
    assert (health.is_up, health.documents) == (True, len(plain.documents))
