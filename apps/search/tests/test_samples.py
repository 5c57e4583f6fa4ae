"""Very many hits are counted in a sample: the right ones, in every way of asking, and forgotten with the sample."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apps.core.process_cache import clear_process_caches
from apps.search import services
from apps.search.backends.base import FACETS, EngineQuery, Filters, Group, Order
from apps.search.backends.postgres import PostgresBackend, conditions, estimates, facets, pages, sample_bits, samples, sources, terms
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch, ResourceSearchDocument
from apps.search.services import sampling, statistics
from apps.search.tests.plain_backend import PlainBackend
from apps.search.tests.random_queries import documents, queries
from apps.search.tests.sample_documents import document

pytestmark = pytest.mark.django_db
many = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=50,
)
WORD = EngineQuery(groups=(Group(("soleil",)),), order=Order.RELEVANCE, counted_max=10)


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue is large from the first entry on, a word frequent with the first that holds it; nothing is counted but in the sample."""
    monkeypatch.setattr(sampling, "COUNTED_MAX", 0)
    monkeypatch.setattr(sampling, "TERM_MIN", 1)
    monkeypatch.setattr(statistics, "FREQUENT_MIN", 1)
    monkeypatch.setattr(facets, "COUNTED_MAX", 0)
    monkeypatch.setattr(conditions, "_SAMPLED_FROM", -1)


def counted(found: Sequence[SearchDocument]) -> tuple[PlainBackend, PostgresBackend]:
    """Both engines with these documents and nothing else, after the statistics were counted."""
    ResourceSearch.objects.all().delete()
    ResourceSearchDocument.objects.all().delete()
    plain, postgres = PlainBackend(), PostgresBackend()
    assert plain.index(found) == postgres.index(found) == len(found)
    assert services.refresh_statistics() is not None
    clear_process_caches()
    return plain, postgres


def test_it_works() -> None:
    plain, postgres = counted([document(number, name="le soleil" if number % 3 else "la lune") for number in range(1, 31)])
    postgres.facets(WORD, FACETS)
    with CaptureQueriesContext(connection) as caught:
        mine = postgres.facets(WORD, FACETS)
    assert mine.counts == plain.facets(WORD, FACETS).counts
    assert not mine.is_exact
    # What the process knows of the sample is enough.
    assert not caught.captured_queries


@given(found=documents(), query=queries)
@many
def test_counts_are_those_of_the_entries(found: list[SearchDocument], query: EngineQuery) -> None:
    plain, postgres = counted(found)
    assert postgres.facets(query, FACETS).counts == plain.facets(query, FACETS).counts


@given(found=documents(), open_now=st.sets(st.integers(1, 3)), box=st.sampled_from([(9.0, 4.0, 9.8, 4.1), (-180.0, -90.0, 180.0, 90.0)]))
@many
def test_what_is_no_term_is_looked_at(found: list[SearchDocument], open_now: set[int], box: tuple[float, float, float, float]) -> None:
    plain, postgres = counted(found)
    query = EngineQuery(filters=Filters(schedules=tuple(open_now), bbox=box))
    assert postgres.facets(query, FACETS).counts == plain.facets(query, FACETS).counts


@given(found=documents(), query=queries, box=st.sampled_from([(9.0, 4.0, 9.8, 4.1), (-180.0, -90.0, 180.0, 90.0)]))
@many
def test_hits_in_a_full_box_are_the_same(
    found: list[SearchDocument], query: EngineQuery, box: tuple[float, float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BOX_PROBE", 1)
    plain, postgres = counted(found)
    query = replace(query, filters=replace(query.filters, bbox=box))
    assert [place.id for place in postgres.search(query).places] == [place.id for place in plain.search(query).places]


@pytest.mark.parametrize(("in_the_box", "is_walked"), [("le soleil", True), ("la lune", False)])
def test_nobody_walks_to_what_is_next_to_nowhere_in_a_box(in_the_box: str, is_walked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BOX_PROBE", 5)
    made = [
        document(number, name="le soleil" if number % 2 else in_the_box, latitude=4.0, longitude=9.0 + number % 2) for number in range(200)
    ]
    plain, postgres = counted(made)
    # As if it took too long to read all hits at once.
    monkeypatch.setattr(pages, "_AT_ONCE_US", 0)
    word = terms.anywhere("soleil"), terms.in_name("soleil")
    estimates._cache.set(None, estimates.Statistics(200, dict.fromkeys(word, 180), 1))
    query = replace(WORD, filters=Filters(bbox=(8.5, 3.9, 9.5, 4.1)), limit=5)
    with CaptureQueriesContext(connection) as caught:
        found = postgres.search(query)
    assert [place.id for place in found.places] == [place.id for place in plain.search(query).places]
    assert any("FROM resource_search s ORDER BY" in one["sql"] for one in caught.captured_queries) is is_walked


@given(places=st.sets(st.integers(0, 4_999)), is_dense=st.booleans())
def test_rows_come_back_as_they_were_kept(places: set[int], is_dense: bool) -> None:
    held = sorted(set(range(5_000)) - places if is_dense else places)
    row = sample_bits.packed_bits(held, 5_000)
    assert sample_bits.places_of(sample_bits.unpacked(row)) == held
    kept = sample_bits.stored(row)
    assert sample_bits.restored(kept, len(row)) == row
    assert len(kept) <= len(row) == 625


def test_what_has_no_position_is_no_hit_of_a_distance() -> None:
    made = [document(number, name="le soleil", latitude=4.0 if number % 2 else None, longitude=9.7) for number in range(1, 21)]
    plain, postgres = counted(made)
    query = replace(WORD, order=Order.DISTANCE, point=(4.0, 9.7))
    assert postgres.facets(query, FACETS).counts == plain.facets(query, FACETS).counts


def test_a_part_of_the_sample_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "ENOUGH", 10)
    made = [document(number, name="le soleil", city=3 + number % 2, schedule=1) for number in range(1, 65)]
    _plain, postgres = counted(made)
    found = postgres.facets(replace(WORD, filters=Filters(schedules=(1,))), ["category", "city"]).counts
    assert found["category"] == [(1, 64)]
    # Eight were looked at: each stands for as many.
    assert sum(count for _city, count in found["city"]) == 64
    assert all(count % 8 == 0 for _city, count in found["city"])


def test_a_total_is_not_counted_where_the_sample_leaves_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if it took too long to read all hits at once.
    monkeypatch.setattr(pages, "_AT_ONCE_US", 0)
    towns = Filters(cities=(1, 2))
    made = [document(number, name="le soleil", city=1 + number % 3, quality=number % 101) for number in range(1, 301)]
    _plain, postgres = counted(made)
    asked = replace(WORD, filters=towns, limit=5)
    postgres.search(asked)
    with CaptureQueriesContext(connection) as caught:
        hits = postgres.search(asked)
    assert (hits.total, hits.is_exact) == (10, False)
    assert not [one for one in caught.captured_queries if "count(*)" in one["sql"]]
    # Of few hits the sample says too little.
    assert postgres.search(replace(asked, filters=Filters(cities=(1,)), counted_max=150)).total == 100


def test_a_new_sample_is_seen_with_the_next_word() -> None:
    _plain, postgres = counted([document(number, name="le soleil" if number % 2 else "la lune") for number in range(1, 11)])
    assert postgres.facets(WORD, ["category"]).counts["category"] == [(1, 5)]
    postgres.index([document(number, name="la lune") for number in range(11, 31)])
    assert services.refresh_statistics() is not None
    # What this process knows of the former one is used until something else of it is wanted.
    assert postgres.facets(WORD, ["category"]).counts["category"] == [(1, 5)]
    moon = replace(WORD, groups=(Group(("lune",)),))
    assert postgres.facets(moon, ["category"]).counts["category"] == [(1, 25)]


def test_small_catalogues_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "COUNTED_MAX", 20)
    monkeypatch.setattr(facets, "COUNTED_MAX", 20)
    _plain, postgres = counted([document(number, name="le soleil") for number in range(1, 21)])
    assert postgres.facets(WORD, ["category"]).is_exact
    postgres.index([document(uuid.uuid4().int % 10**6 + 100, name="le soleil")])
    # Not counted since: the first hits are all there is to say.
    found = postgres.facets(WORD, ["category"])
    assert (found.counts["category"], found.is_exact) == ([(1, 21)], False)
