"""What tests of search share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from apps.catalog.models import City, Quarter
from apps.catalog.tests.factories import make_city, make_quarter, make_region
from apps.search import backends
from apps.search.backends.elasticsearch import ElasticsearchBackend, indices
from apps.search.backends.resilience import FALLBACKS, Breaker


@pytest.fixture
def douala() -> City:
    return make_city(slug="douala", name_fr="Douala", name_en="Douala", region=make_region(slug="littoral", name_fr="Littoral"))


@pytest.fixture
def akwa(douala: City) -> Quarter:
    return make_quarter(slug="akwa", name="Akwa", city=douala, aliases=["Akwa Centre"])


@pytest.fixture
def elastic(elasticsearch_server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticsearchBackend]:
    """An engine with an empty index of its own, in which what is written is seen at once."""
    prefix = f"{settings.ELASTICSEARCH_INDEX_PREFIX}-{uuid.uuid4()}"
    monkeypatch.setattr(indices, "FAREWELL_S", 0)
    # A server that has just started on a busy machine takes its time.
    made = ElasticsearchBackend(elasticsearch_server, prefix=prefix, refresh=True, timeout_s=30)
    with made.rebuilding():
        pass
    yield made
    made.indices.remove()


def fallbacks() -> float:
    """How many questions PostgreSQL answered in another engine's place."""
    return sum(sample.value for metric in FALLBACKS.collect() for sample in metric.samples if sample.name.endswith("_total"))


@pytest.fixture
def on_elasticsearch(elastic: ElasticsearchBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site on Elasticsearch; a test in which PostgreSQL had to answer in its place fails."""
    monkeypatch.setattr(settings, "ELASTICSEARCH", {"hosts": ["as the fixture says"]})
    monkeypatch.setattr(backends, "_configured", lambda: (elastic, Breaker()))
    before = fallbacks()
    yield
    assert fallbacks() == before


@pytest.fixture(params=["postgres", "elasticsearch"])
def each_engine(request: pytest.FixtureRequest) -> str:
    """The site on one engine after the other, and the name of the one that answers."""
    name: str = request.param
    if name == "elasticsearch":
        request.getfixturevalue("on_elasticsearch")
    return name
