"""Elasticsearch answers as the plainest engine does, and documents go in and out of it as they should."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.search.backends.base import FACETS, EngineQuery, Hits, Order, Place
from apps.search.backends.elasticsearch import ElasticsearchBackend
from apps.search.backends.elasticsearch.mapping import MAPPING, ResourceDocument
from apps.search.documents import SearchDocument
from apps.search.tests.plain_backend import PlainBackend
from apps.search.tests.random_queries import documents, queries
from apps.search.tests.sample_documents import document

# Every example makes an index: a few examples ask much, and nobody waits for the smallest one that fails.
some = settings(max_examples=10, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
PREFIXES = ("", "p", "ph", "sol", "du so", "pharmacie ", "x")


def same(place: Place) -> Place:
    """A place whose distance is whole millimetres: two libraries of functions differ in the last bits."""
    return replace(place, distance_m=None if place.distance_m is None else round(place.distance_m, 3))


def assert_same(mine: Hits, plain: Hits) -> None:
    assert [same(place) for place in mine.places] == [same(place) for place in plain.places]
    assert (mine.total, mine.is_exact, mine.has_more) == (plain.total, plain.is_exact, plain.has_more)


def test_it_works(elastic: ElasticsearchBackend) -> None:
    assert elastic.index([document(1, quality=3), document(2, name="hotel du rail", quality=5)]) == 2
    query = EngineQuery(order=Order.NEWEST, counted_max=10)
    assert [place.id.int for place in elastic.search(query).places] == [2, 1]
    assert elastic.health().documents == 2
    assert elastic.delete({uuid.UUID(int=2): 1}) == 1
    assert [place.id.int for place in elastic.search(query).places] == [1]


def test_a_prepared_document_has_every_field() -> None:
    prepared = ResourceDocument().prepare(
        document(1, city=4, quarter=uuid.UUID(int=9), latitude=4.05, longitude=9.7, attributes=("wifi",), schedule=7)
    )
    assert prepared.keys() == MAPPING["properties"].keys()
    assert None not in prepared.values()


@given(found=documents(), asked=st.lists(queries, min_size=12, max_size=24), prefixes=st.permutations(PREFIXES))
@some
def test_it_answers_as_the_plain_engine_does(
    elastic: ElasticsearchBackend, found: list[SearchDocument], asked: list[EngineQuery], prefixes: list[str]
) -> None:
    plain = PlainBackend()
    with elastic.rebuilding() as write:
        assert plain.index(found) == write(found) == len(found)
    for query in asked:
        assert_same(elastic.search(query), plain.search(query))
        assert elastic.facets(query, FACETS) == plain.facets(query, FACETS), query
        expected = [place.id for place in plain.search(replace(query, offset=0, limit=100)).places]
        assert list(ids_of_pages(elastic, query)) == expected
    for limit, prefix in enumerate(prefixes, start=1):
        assert elastic.suggest(prefix, limit=limit) == plain.suggest(prefix, limit=limit)
    ids = [one.id for one in found]
    assert elastic.versions([*ids, uuid.UUID(int=7)]) == plain.versions(ids)
    for last in (None, *ids):
        assert elastic.ids_after(last, limit=7) == plain.ids_after(last, limit=7)


def ids_of_pages(elastic: ElasticsearchBackend, query: EngineQuery) -> Iterator[uuid.UUID]:
    """Everything that is found, two at a time."""
    page = elastic.search(replace(query, offset=0, limit=2))
    yield from (place.id for place in page.places)
    while page.has_more:
        page = elastic.search(replace(query, offset=0, limit=2, after=page.places[-1]))
        assert page.places
        yield from (place.id for place in page.places)
