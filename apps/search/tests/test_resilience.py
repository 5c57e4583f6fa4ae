"""A search is answered whatever happens to Elasticsearch, and by Elasticsearch again when it is back."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from apps.search import backends
from apps.search.backends.base import EngineQuery, EngineUnavailable, Group, Order, SearchBackend
from apps.search.backends.elasticsearch import ElasticsearchBackend
from apps.search.backends.elasticsearch.backend import SEARCH_TIMEOUT_S
from apps.search.backends.postgres import PostgresBackend
from apps.search.backends.resilience import FAILURES_MAX, PROBE_EVERY_S, Breaker, ResilientBackend
from apps.search.services import index_resources
from apps.search.tests.factories import make_found
from apps.search.tests.plain_backend import PlainBackend
from apps.search.tests.sample_documents import document
from ecosysteme.elasticsearch import Node

QUERY = EngineQuery(groups=(Group(("rail",)),), order=Order.NEWEST)


class Clock:
    """Time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


class Counting(PlainBackend):
    """The plain engine, which counts how often it is asked and may be away."""

    name = "counting"

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.is_away = 0, True

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """As the plain engine, when it is there."""
        self.asked += 1
        if self.is_away:
            raise EngineUnavailable("away")
        return super().suggest(prefix, limit=limit)


def fallbacks(question: str = "search") -> float:
    """How often PostgreSQL stood in, as the metric says."""
    return REGISTRY.get_sample_value("search_fallbacks_total", {"question": question}) or 0.0


def test_it_works() -> None:
    clock, first = Clock(), Counting()
    breaker = Breaker(clock=clock)

    def ask() -> str:
        engine = ResilientBackend(first, PlainBackend(), breaker)
        engine.suggest("bo", limit=5)
        return engine.name

    before = fallbacks("suggest")
    assert {ask() for _ in range(FAILURES_MAX + 20)} == {"plain"}
    assert first.asked == FAILURES_MAX, "then nobody waits for it"
    assert fallbacks("suggest") - before == FAILURES_MAX + 20
    clock.now += PROBE_EVERY_S
    assert [ask(), ask()] == ["plain", "plain"]
    assert first.asked == FAILURES_MAX + 1, "one finds out whether it is back"
    first.is_away = False
    clock.now += PROBE_EVERY_S
    assert [ask(), ask()] == ["counting", "counting"]


def test_a_request_waits_for_a_silent_engine_once() -> None:
    first = Counting()
    engine = ResilientBackend(first, PlainBackend(), Breaker(clock=Clock()))
    assert engine.name == "counting"
    for _ in range(3):
        engine.suggest("bo", limit=5)
    assert (first.asked, engine.name) == (1, "plain")


def test_failures_between_answers_are_forgiven() -> None:
    first, breaker = Counting(), Breaker(clock=Clock())
    for is_away in [True, True, True, True, False] * 3:
        first.is_away = is_away
        ResilientBackend(first, PlainBackend(), breaker).suggest("bo", limit=5)
    assert not breaker.is_open


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A server to do harm to."""
    made = Node(tmp_path_factory.mktemp("elasticsearch") / "node")
    with made.running():
        yield made


class Site:
    """Both engines with the same documents, and requests one after the other."""

    def __init__(self, node: Node) -> None:
        self.elastic = ElasticsearchBackend({"hosts": [node.url]}, prefix="resilience", refresh=True)
        self.postgres: SearchBackend = PostgresBackend()
        self.clock = Clock()
        self.breaker = Breaker(clock=self.clock)
        made = [document(number) for number in range(1, 6)]
        with self.elastic.rebuilding() as write:
            write(made)
        self.postgres.index(made)
        self.expected = [place.id for place in PostgresBackend().search(QUERY).places]

    def ask(self) -> str:
        """One request: who answered. The answer is always the same."""
        engine = ResilientBackend(self.elastic, self.postgres, self.breaker)
        assert [place.id for place in engine.search(QUERY).places] == self.expected
        return engine.name

    def warm_up(self) -> None:
        """Until a server that has just started answers in time."""
        for _ in range(100):
            self.clock.now += PROBE_EVERY_S
            if [self.ask(), self.ask()] == ["elasticsearch", "elasticsearch"]:
                return
        pytest.fail("it never came back")


@pytest.mark.django_db
@pytest.mark.xdist_group("operations")
def test_a_frozen_server_is_passed_by_until_it_moves_again(node: Node) -> None:
    site = Site(node)
    site.warm_up()
    before = fallbacks()
    os.kill(node.pid, signal.SIGSTOP)
    try:
        assert {site.ask() for _ in range(30)} == {"postgres"}
        assert site.breaker.is_open
        assert fallbacks() - before == 30
        site.clock.now += PROBE_EVERY_S
        assert [site.ask(), site.ask()] == ["postgres", "postgres"]
    finally:
        os.kill(node.pid, signal.SIGCONT)
    site.warm_up()


@pytest.mark.django_db
@pytest.mark.xdist_group("operations")
def test_a_killed_server_is_passed_by_until_it_is_back_with_its_data(node: Node) -> None:
    site = Site(node)
    site.warm_up()
    os.kill(node.pid, signal.SIGKILL)
    assert {site.ask() for _ in range(30)} == {"postgres"}
    assert site.breaker.is_open
    with node.running():
        site.warm_up()


def test_a_search_has_no_more_time_than_the_contract_says(node: Node) -> None:
    elastic = ElasticsearchBackend({"hosts": [node.url]}, prefix="resilience")
    assert SEARCH_TIMEOUT_S == 0.3
    os.kill(node.pid, signal.SIGSTOP)
    try:
        with pytest.raises(EngineUnavailable, match="ConnectionTimeout"):
            elastic.search(QUERY)
    finally:
        os.kill(node.pid, signal.SIGCONT)


@pytest.mark.django_db
def test_the_settings_choose(settings: Any) -> None:
    assert backends.engine().name == "postgres"
    assert [engine.name for engine in backends.engines()] == ["postgres"]
    settings.ELASTICSEARCH = {"hosts": ["http://127.0.0.1:9"], "basic_auth": ("elastic", "secret")}
    assert [engine.name for engine in backends.engines()] == ["postgres", "elasticsearch"]
    assert backends.engine().name == "elasticsearch"
    for _ in range(FAILURES_MAX):
        backends.engine().search(QUERY)
    assert backends.engine().name == "postgres", "the breaker is this process's, not a request's"


@pytest.mark.django_db
def test_a_cursor_of_another_engine_has_expired(client: Client, request: pytest.FixtureRequest) -> None:
    """Where the words decide the order, each engine has its own; an order by date goes on."""
    ids = [make_found(name=f"Hôtel {number}").pk for number in range(3)]
    by_words, by_date = (client.get(f"/api/v1/search?{query}&limit=2").json()["next"] for query in ("q=hotel", "sort=newest"))
    request.getfixturevalue("on_elasticsearch")
    index_resources(resource_ids=ids)
    expired = client.get(by_words)
    assert (expired.status_code, expired.json()["code"]) == (410, "cursor_expired")
    assert len(client.get(by_date).json()["data"]) == 1
