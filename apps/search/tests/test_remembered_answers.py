"""Answers are kept for half an hour, and forgotten with the edit that makes them false."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import Resource
from apps.catalog.selectors import card_filter
from apps.catalog.tests.factories import AT, make_city, make_resource
from apps.search import selectors
from apps.search.questions import SearchQuestion
from apps.search.services import index_resources

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def names(question: SearchQuestion) -> list[str]:
    return [hit.card.data(AT)["name"] for hit in selectors.search(question, at=AT).hits]


def make_found(**fields: object) -> Resource:
    resource = make_resource(**fields)  # type: ignore[arg-type]  # fields of the model
    index_resources(resource_ids=[resource.pk])
    return resource


def test_it_works() -> None:
    make_found(name="Garage Un")
    question = SearchQuestion(text="garage", facets=("category",))
    first = selectors.search(question, at=AT)
    with CaptureQueriesContext(connection) as queries:
        again = selectors.search(question, at=AT)
    assert again == first
    assert not any("resource_search" in query["sql"] for query in queries)


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_seen_at_once() -> None:
    douala, yaounde = make_city(slug="douala"), make_city(slug="yaounde")
    everywhere = SearchQuestion(text="garage")
    here = SearchQuestion(text="garage", chosen=card_filter(city="douala"))
    assert names(everywhere) == names(here) == []
    made = make_found(name="Garage Un", city=douala)
    assert names(everywhere) == names(here) == ["Garage Un"]
    Resource.objects.filter(pk=made.pk).update(city=yaounde, version=2)
    index_resources(resource_ids=[made.pk])
    assert (names(everywhere), names(here)) == (["Garage Un"], [])


@pytest.mark.django_db(transaction=True)
def test_another_town_does_not_disturb() -> None:
    douala, yaounde = make_city(slug="douala"), make_city(slug="yaounde")
    make_found(name="Garage Un", city=douala)
    here = SearchQuestion(text="garage", chosen=card_filter(city="douala"))
    names(here)
    make_found(name="Garage Deux", city=yaounde)
    with CaptureQueriesContext(connection) as queries:
        assert names(here) == ["Garage Un"]
    assert not any("resource_search" in query["sql"] for query in queries)
