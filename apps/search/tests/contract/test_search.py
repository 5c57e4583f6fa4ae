"""Which documents an engine finds, in which order, how many there are, and how they are walked through."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.search.backends.base import COUNTED_MAX, FACETS, Circle, EngineQuery, Filters, Group, Hits, Order, SearchBackend
from apps.search.documents import SearchDocument
from apps.search.tests.contract.world import (
    CENTRES,
    POINTS,
    TRAITS,
    circles,
    crowd,
    documents,
    ids,
    loose_filters,
    questions,
    same_world,
    worlds,
)
from apps.search.tests.plain_backend import distance_m

# The engine is emptied by each example itself.
MANY = settings(max_examples=60)
FEW = settings(MANY, max_examples=12)
ORDERS = [replace(EngineQuery(), order=order, point=CENTRES[1] if order is Order.DISTANCE else None) for order in Order]
WORD = EngineQuery(
    groups=(Group(("pharmacie",)), Group(("garage", "auto"))), minimum=1, whole_name="pharmacie garage", order=Order.RELEVANCE
)


def assert_same(found: Hits, expected: Hits, query: EngineQuery) -> None:
    assert ids(found.places) == ids(expected.places)
    assert found.has_more == expected.has_more
    assert found.total == expected.total
    if query.counted_max:
        assert found.is_exact == expected.is_exact
    if query.order is Order.DISTANCE:
        # A position may be kept to a centimetre.
        assert [place.distance_m for place in found.places] == pytest.approx([place.distance_m for place in expected.places], abs=0.05)


def test_it_works(backend: SearchBackend) -> None:
    plain = same_world(backend, crowd())
    for query in [*ORDERS, WORD]:
        assert len(plain.search(replace(query, limit=50)).places) > 20
        assert_same(backend.search(query), plain.search(query), query)


def test_the_same_hits_whatever_is_asked(backend: SearchBackend) -> None:
    plain = same_world(backend, crowd())

    @MANY
    @given(questions())
    def ask(query: EngineQuery) -> None:
        assert_same(backend.search(query), plain.search(query), query)

    ask()


@FEW
@given(made=worlds, asked=st.lists(questions(), min_size=3, max_size=3))
def test_the_same_hits_whatever_is_held(backend: SearchBackend, made: list[SearchDocument], asked: list[EngineQuery]) -> None:
    plain = same_world(backend, made)
    for query in asked:
        assert_same(backend.search(query), plain.search(query), query)


def walk(ask: Callable[[EngineQuery], Hits], query: EngineQuery, *, by_offset: bool) -> list[object]:
    """All pages of a question, one after the other."""
    seen: list[object] = []
    while True:
        hits = ask(query)
        seen += ids(hits.places)
        if not hits.has_more:
            return seen
        assert len(hits.places) == query.limit
        query = replace(query, offset=len(seen)) if by_offset else replace(query, after=hits.places[-1])


@pytest.mark.parametrize("by_offset", [False, True])
def test_pages_neither_skip_nor_repeat(backend: SearchBackend, by_offset: bool) -> None:
    plain = same_world(backend, crowd())
    near_word = replace(WORD, point=CENTRES[0])
    for query in [*ORDERS, WORD, near_word, replace(ORDERS[1], filters=Filters(verified=True)), replace(WORD, minimum=None)]:
        expected = ids(plain.search(replace(query, limit=1000)).places)
        assert len(expected) > 8
        assert walk(backend.search, replace(query, limit=7), by_offset=by_offset) == expected, query.order


@pytest.mark.parametrize("order", [Order.PLAN, Order.NEWEST])
def test_a_walk_goes_on_with_the_other_engine(backend: SearchBackend, order: Order) -> None:
    plain = same_world(backend, crowd())
    query = EngineQuery(order=order, limit=7)
    turns = 0

    def ask(query: EngineQuery) -> Hits:
        nonlocal turns
        turns += 1
        return (backend if turns % 2 else plain).search(query)

    assert walk(ask, query, by_offset=False) == ids(plain.search(replace(query, limit=1000)).places)


def test_a_walk_is_not_disturbed_by_what_comes_and_goes(backend: SearchBackend) -> None:
    made = crowd()
    plain = same_world(backend, made)
    query = EngineQuery(order=Order.PLAN, limit=10)
    expected = ids(plain.search(replace(query, limit=1000)).places)
    first = backend.search(query)
    backend.delete({first.places[0].id: 9, expected[30]: 9})
    expected.remove(expected[30])
    assert ids(first.places) + walk(backend.search, replace(query, after=first.places[-1]), by_offset=False) == expected


def test_beyond_the_end_there_is_nothing(backend: SearchBackend) -> None:
    same_world(backend, crowd(5))
    for query in ORDERS:
        for offset in (5, 9_980):
            hits = backend.search(replace(query, offset=offset, counted_max=10))
            assert (list(hits.places), hits.has_more) == ([], False)
    assert backend.search(EngineQuery(offset=5, counted_max=10)).total == 5


def test_the_same_counts_whatever_is_asked(backend: SearchBackend) -> None:
    plain = same_world(backend, crowd())

    @MANY
    @given(questions(), st.just(list(FACETS)) | st.lists(st.sampled_from(FACETS), min_size=1, unique=True))
    def ask(query: EngineQuery, names: list[str]) -> None:
        found = backend.facets(query, names)
        assert dict(found.counts) == dict(plain.facets(query, names).counts)
        assert found.is_exact

    ask()


def test_a_count_is_the_length_of_the_list_that_it_promises(backend: SearchBackend) -> None:
    same_world(backend, crowd())
    counts = backend.facets(WORD, ["category", "has"]).counts
    for category, count in counts["category"]:
        assert isinstance(category, int)
        chosen = Filters(categories=(category,))
        assert backend.search(replace(WORD, filters=chosen, counted_max=COUNTED_MAX)).total == count
    assert dict(counts["has"]).keys() == set(TRAITS)
    for trait, count in counts["has"]:
        chosen = Filters(has=((str(trait),),))
        assert backend.search(replace(WORD, filters=chosen, counted_max=COUNTED_MAX)).total == count


def test_the_same_neighbours(backend: SearchBackend) -> None:
    plain = same_world(backend, crowd())

    @MANY
    @given(circles, loose_filters(), st.integers(1, 9))
    def ask(circle: Circle, chosen: Filters, limit: int) -> None:
        query = EngineQuery(order=Order.DISTANCE)
        found, expected = (engine.nearby(circle, filters=chosen, limit=limit) for engine in (backend, plain))
        assert_same(found, replace(expected, total=found.total), query)
        if found.has_more:
            after = found.places[-1]
            assert_same(
                backend.nearby(circle, filters=chosen, limit=limit, after=after),
                replace(plain.nearby(circle, filters=chosen, limit=limit, after=replace(expected.places[-1])), total=found.total),
                query,
            )

    ask()


@pytest.mark.parametrize("latitude", [-90.0, 0.0, 90.0])
@pytest.mark.parametrize("longitude", [-180.0, 180.0])
def test_the_ends_of_the_world_hold_nothing(backend: SearchBackend, latitude: float, longitude: float) -> None:
    same_world(backend, crowd(10))
    assert not backend.nearby(Circle(latitude, longitude, 50_000), filters=Filters(), limit=5).places
    far = backend.search(EngineQuery(order=Order.DISTANCE, point=(latitude, longitude), limit=20))
    assert len(far.places) > 5
    everywhere = Filters(bbox=(-180.0, -90.0, 180.0, 90.0))
    assert len(backend.search(EngineQuery(filters=everywhere, limit=20)).places) == len(far.places)


def test_the_same_suggestions(backend: SearchBackend) -> None:
    plain = same_world(backend, crowd())
    beginnings = [
        "p",
        "ph",
        "pharm",
        "pharmacie",
        "pharmacie m",
        "marche soleil",
        "2",
        "24",
        "c4",
        "akwa ",
        "zz",
        "armacie",
        "%",
        "_",
        "so%",
    ]
    for beginning in beginnings:
        for limit in (1, 5, 50):
            assert list(backend.suggest(beginning, limit=limit)) == list(plain.suggest(beginning, limit=limit)), beginning


@FEW
@given(
    made=st.lists(documents(), max_size=12, unique_by=lambda document: document.id), beginning=st.sampled_from(("ph", "marche s", "bar"))
)
def test_the_same_suggestions_whatever_is_held(backend: SearchBackend, made: list[SearchDocument], beginning: str) -> None:
    plain = same_world(backend, made)
    assert list(backend.suggest(beginning, limit=5)) == list(plain.suggest(beginning, limit=5))


def test_points_of_the_world_are_told_apart() -> None:
    for centre in CENTRES:
        found = sorted(distance_m(*point, centre) for point in POINTS)
        assert all(farther - nearer > 1 for nearer, farther in itertools.pairwise(found))
