"""PostgreSQL answers as the plainest engine does, whichever way it goes about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apps.search.backends.base import FACETS, EngineQuery, Filters, Group, Hits, Order, Place
from apps.search.backends.postgres import PostgresBackend, estimates, grid, sources, terms, totals
from apps.search.backends.postgres.conditions import Asked
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch, ResourceSearchDocument
from apps.search.tests.plain_backend import PlainBackend
from apps.search.tests.random_queries import WORDS, documents, queries
from apps.search.tests.sample_documents import document

pytestmark = pytest.mark.django_db
# With nothing counted everything is fetched; where nearly everything matches everything is walked; where values of completeness are
# rare and words are not, a page begins with the most complete; where cells are rare and words are not, what is in an area is found by both.
WAYS = {
    "fetched": estimates.Statistics(0, {}, 1),
    "walked": estimates.Statistics(1_000_000, {}, 900_000),
    "doubted": estimates.Statistics(1_000_000, {}, 3_000),
    "descended": estimates.Statistics(
        1_000_000,
        {terms.value("quality", quality): 600 * (quality in {0, 40, 41, 80}) for quality in range(101)}
        | dict(zip(terms.at_least(100), [1_000_000, *[4_500] * 8, *[1_100] * 8, *[10] * 4], strict=True)),
        3_000,
    ),
    "in cells": estimates.Statistics(
        1_000_000,
        {number(word): 500_000 for number in (terms.anywhere, terms.in_name) for word in WORDS}
        | dict.fromkeys((terms.at_least(0)[0], terms.written_with_cells()), 1_000_000),
        10,
    ),
}
many = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=25,
)


def both(found: Sequence[SearchDocument]) -> tuple[PlainBackend, PostgresBackend]:
    """Both engines with these documents and nothing else."""
    ResourceSearch.objects.all().delete()
    ResourceSearchDocument.objects.all().delete()
    plain, postgres = PlainBackend(), PostgresBackend()
    assert plain.index(found) == postgres.index(found) == len(found)
    return plain, postgres


def same(place: Place, other: Place | None = None) -> Place:
    """A place whose distance is whole millimetres: two libraries of functions differ in the last bits.

    :param other: what is not told of it, because its order does not ask for it, is not told here.
    """
    if other is not None and other.published_at is None:
        place = replace(place, plan_rank=0, published_at=None)
    return replace(place, distance_m=None if place.distance_m is None else round(place.distance_m, 3))


def assert_same(mine: Hits, plain: Hits) -> None:
    assert [place.id for place in mine.places] == [place.id for place in plain.places]
    assert list(map(same, mine.places)) == list(map(same, plain.places, mine.places))
    assert (mine.total, mine.is_exact, mine.has_more) == (plain.total, plain.is_exact, plain.has_more)


def go(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it go this way."""
    estimates._cache.clear()
    estimates._cache.set(None, WAYS[way])
    monkeypatch.setattr(sources, "BOX_PROBE", {"walked": 3, "in cells": 1}.get(way, 5_000))
    # The statistics of these ways are lies, so no count may rest on them.
    monkeypatch.setattr(totals, "SURE", float("inf"))


@pytest.mark.parametrize("way", WAYS)
@given(found=documents(), asked=st.lists(queries, min_size=1, max_size=8))
@many
def test_hits_are_the_same(way: str, found: list[SearchDocument], asked: list[EngineQuery], monkeypatch: pytest.MonkeyPatch) -> None:
    go(way, monkeypatch)
    plain, postgres = both(found)
    for query in asked:
        assert_same(postgres.search(query), plain.search(query))


@pytest.mark.parametrize("way", WAYS)
@given(found=documents(), query=queries)
@many
def test_pages_follow_each_other(way: str, found: list[SearchDocument], query: EngineQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    go(way, monkeypatch)
    plain, postgres = both(found)
    expected = [place.id for place in plain.search(replace(query, offset=0, limit=100)).places]
    seen: list[uuid.UUID] = []
    after, has_more = None, True
    while has_more:
        page = postgres.search(replace(query, offset=0, limit=2, after=after))
        seen += [place.id for place in page.places]
        assert len(seen) <= len(expected)
        after, has_more = page.places[-1] if page.places else None, page.has_more
    assert seen == expected


@pytest.mark.parametrize("way", WAYS)
@given(found=documents(), query=queries)
@many
def test_facets_are_the_same(way: str, found: list[SearchDocument], query: EngineQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    go(way, monkeypatch)
    plain, postgres = both(found)
    mine = postgres.facets(query, FACETS)
    assert mine.counts == plain.facets(query, FACETS).counts
    assert mine.is_exact


def test_a_page_of_the_most_complete_looks_at_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    go("descended", monkeypatch)
    _plain, postgres = both([document(number, name="le soleil", quality=40 + 40 * (number % 2)) for number in range(1, 11)])
    asked = EngineQuery(groups=(Group(("soleil",)),), order=Order.RELEVANCE, limit=1)
    with CaptureQueriesContext(connection) as caught:
        found = postgres.search(asked)
    assert [place.quality for place in found.places] == [80]
    last = caught.captured_queries[-1]["sql"]
    assert str(terms.at_least(80)[-1]) in last


def test_a_box_that_holds_more_than_was_counted_is_no_bargain() -> None:
    asked = Asked(EngineQuery(filters=Filters(bbox=(9.6, 3.9, 9.8, 4.1))), estimates.Statistics(1_000_000, {}, 1))
    boxes = (sources.BoxProbe("true", 5_000, is_full) for is_full in (False, True))
    counted, full = (sources.fetched(asked, asked.everything(), box=box) for box in boxes)
    assert full.cost_us > 10 * counted.cost_us


@pytest.mark.parametrize("way", ["in cells", "doubted"])
def test_a_word_and_a_box_meet_in_one_index_once_all_entries_have_cells(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    go(way, monkeypatch)
    # In the box, in one of its cells, and elsewhere.
    places = [(4.05, 9.70), (4.05, 9.7101), (5.5, 10.4)]
    made = [document(number, name="2soleil", latitude=places[number % 3][0], longitude=places[number % 3][1]) for number in range(1, 31)]
    plain, postgres = both(made)
    asked = EngineQuery(groups=(Group(("2soleil",)),), filters=Filters(bbox=(9.69, 4.04, 9.71, 4.06)), order=Order.RELEVANCE)
    with CaptureQueriesContext(connection) as caught:
        found = postgres.search(asked)
    assert_same(found, plain.search(asked))
    cells = {terms.value("cell", cell) for cell in grid.cells(4.05, 9.70)}
    assert any(str(cell) in one["sql"] for cell in cells for one in caught.captured_queries) is (way == "in cells")


@given(
    west=st.floats(-180, 180), south=st.floats(-90, 90), wide=st.floats(0, 30), high=st.floats(0, 30),
    at=st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 1.0]), st.floats(0, 1) | st.sampled_from([0.0, 1.0])),
)  # fmt: skip
def test_what_is_in_a_box_is_in_one_of_its_cells(west: float, south: float, wide: float, high: float, at: tuple[float, float]) -> None:
    east, north = min(west + wide, 180.0), min(south + high, 90.0)
    longitude, latitude = min(west + at[0] * wide, east), min(south + at[1] * high, north)
    covered = grid.covering([(west, south, east, north)])
    assert len(covered) <= grid.CELLS_MAX
    assert not covered or len(set(covered) & set(grid.cells(latitude, longitude))) == 1
    assert covered or max(wide, high) > 4


def test_the_nearest_of_some_categories_walk_over_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    go("walked", monkeypatch)
    made = [document(number, category=1 + number % 4, latitude=4.0 + number / 1000, longitude=9.7) for number in range(1, 41)]
    plain, postgres = both(made)
    asked = EngineQuery(filters=Filters(categories=(2, 3)), order=Order.DISTANCE, point=(4.0, 9.7), limit=3)
    with CaptureQueriesContext(connection) as caught:
        found = postgres.search(asked)
    assert [place.id for place in found.places] == [place.id for place in plain.search(asked).places]
    walks = [one["sql"] for one in caught.captured_queries if "s.away" in one["sql"]]
    assert [(sql.count("s.category = "), sql.count("UNION ALL")) for sql in walks] == [(3, 1)]


_prefixes = st.sampled_from(
    [*WORDS, "p", "so", "pharm", "pharmac", "pharmacie du", "pharmacie ", "du sol", "du s", "zz", "sole", "%", "_", "\\"]
)


@pytest.mark.parametrize("way", WAYS)
@given(found=documents(), prefixes=st.lists(_prefixes, min_size=1, max_size=4))
@many
def test_suggestions_are_the_same(way: str, found: list[SearchDocument], prefixes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    go(way, monkeypatch)
    plain, postgres = both(found)
    for prefix in prefixes:
        for limit in (1, 3, 50):
            assert postgres.suggest(prefix, limit=limit) == plain.suggest(prefix, limit=limit), prefix


def test_the_best_suggestions_are_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    go("walked", monkeypatch)
    plain, postgres = both([document(number, name="soleil", plan_rank=number % 3, quality=100) for number in range(1, 10)])
    with CaptureQueriesContext(connection) as caught:
        found = postgres.suggest("sol", limit=2)
    assert found == plain.suggest("sol", limit=2)
    (statement,) = [one["sql"] for one in caught.captured_queries]
    asked = [str(terms.weighted(terms.name_begins("s"), terms.weight(plan_rank, 100))) in statement for plan_rank in (2, 1)]
    assert asked == [True, False]


@given(first=documents(), second=documents(), gone=st.dictionaries(st.integers(1, 60), st.integers(1, 3)))
@many
def test_versions_never_go_back(first: list[SearchDocument], second: list[SearchDocument], gone: dict[int, int]) -> None:
    plain, postgres = both(first)
    assert postgres.index(second) == plain.index(second)
    assert postgres.index(second) == plain.index(second)
    versions = {uuid.UUID(int=number << 64): version for number, version in gone.items()}
    assert postgres.delete(versions) == plain.delete(versions)
    ids = [document.id for document in [*first, *second]]
    assert postgres.versions(ids) == plain.versions(ids)
    assert list(postgres.ids_after(None, limit=5)) == plain.ids_after(None, limit=5)
    assert list(postgres.ids_after(ids[0], limit=5)) == plain.ids_after(ids[0], limit=5)
    assert postgres.health() == plain.health()
    assert ResourceSearchDocument.objects.count() == len(plain.documents)
    everything = EngineQuery(order=Order.NEWEST, limit=100, point=(4.0, 9.0))
    assert_same(postgres.search(everything), plain.search(everything))
