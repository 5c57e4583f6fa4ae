"""Terms that mean something to a query language mean nothing here, and no list is too long to be answered."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from apps.search.backends.base import FACETS, EngineQuery, Filters, Group, Order, SearchBackend
from apps.search.documents import SearchDocument
from apps.search.tests.contract.world import CENTRES, crowd, ids, same_world

TERMS = (
    "or", "and", "not", "true", "null", "a'b", 'a"b', "a\\b", "a\\'b", "%", "_", "*", "ph*", "?", "(a", "a:b", "~1", "[1 TO 2]",
    "/a.*/", "{}", "&", "|", "!", "<->", "$1", "%s", "%(x)s", "{{a}}", "';--", "😀", "العربية", "ﷺ", "שלום", "ß", "\u202e", "\uffff",
    "a b", "x" * 40,    "#670000001", "-1", "1e9", "é",
)  # fmt: skip


def with_term(number: int, term: str) -> SearchDocument:
    words = frozenset({term, *term.split(" ")})
    return replace(crowd(1)[0], id=uuid.UUID(int=number + 1), names=(term,), name_terms=words, terms=words | {"commun"})


def test_it_works(backend: SearchBackend) -> None:
    made = [with_term(number, term) for number, term in enumerate(TERMS)]
    plain = same_world(backend, made)
    for document, term in zip(made, TERMS, strict=True):
        for order in (Order.PLAN, Order.RELEVANCE):
            query = EngineQuery(groups=(Group((term,)),), whole_name=term, order=order)
            assert ids(backend.search(query).places) == [document.id], term
        assert dict(backend.facets(query, ["type"]).counts) == dict(plain.facets(query, ["type"]).counts)
        assert list(backend.suggest(term, limit=50)) == list(plain.suggest(term, limit=50)), term
    assert len(backend.search(EngineQuery(groups=(Group(("commun",)),), limit=100)).places) == len(TERMS)


@pytest.mark.parametrize("order", Order)
def test_long_lists(backend: SearchBackend, order: Order) -> None:
    plain = same_world(backend, crowd())
    groups = tuple(
        Group((f"mot{number}", "pharmacie", *(f"mot{number}x{other}" for other in range(40))), tuple(range(2, 60)), tuple(range(4, 40)))
        for number in range(16)
    )
    chosen = Filters(
        categories=tuple(range(1, 400)), cities=tuple(range(1, 1200)), schedules=tuple(range(1, 3_000)),
        quarters=None, resource_types=("business", "service", "data", "api"), plan_ranks=(0, 1, 2), has=(("wifi", "parking"),) * 20,
    )  # fmt: skip
    query = EngineQuery(
        groups=groups, minimum=9, whole_name="x" * 200, filters=chosen, order=order, point=CENTRES[0], limit=200, counted_max=20_000,
    )  # fmt: skip
    assert ids(backend.search(query).places) == ids(plain.search(query).places)
    assert dict(backend.facets(query, FACETS).counts) == dict(plain.facets(query, FACETS).counts)


def test_conditions_that_nothing_meets(backend: SearchBackend) -> None:
    same_world(backend, crowd(10))
    for chosen in (
        Filters(categories=()), Filters(cities=()), Filters(quarters=()), Filters(resource_types=()), Filters(plan_ranks=()),
        Filters(schedules=()), Filters(categories=(32_767,)), Filters(resource_types=("'",)), Filters(has=(("%",),)),
        Filters(bbox=(0.0, 0.0, 0.0, 0.0)), Filters(bbox=(-180.0, -90.0, -179.0, -89.0)),
    ):  # fmt: skip
        hits = backend.search(EngineQuery(filters=chosen, counted_max=10))
        assert (list(hits.places), hits.total, hits.is_exact, hits.has_more) == ([], 0, True, False), chosen
