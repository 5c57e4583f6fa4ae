"""Cached values: named, versioned, built once, and never in the way when Redis is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from apps.core import cache_backend, cache_keys, events
from apps.core.cache_backend import FallbackRedisCache
from apps.core.caching import bump, cached
from apps.core.clock import now
from apps.core.models import DeliveryState, OutboxDelivery
from apps.core.tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def own_cache(redis_server: RedisServer, settings: Settings) -> Iterator[None]:
    """The default cache is on the test's own Redis."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix://{redis_server.socket}"}}
    yield
    local: Any = caches["default"]
    local._local.clear()
    FallbackRedisCache._servers.clear()


class Builder:
    """Counts how often it is asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.calls = 0
        self.value = "first"
        self._seconds = seconds

    def __call__(self) -> str:
        self.calls += 1
        value = self.value
        time.sleep(self._seconds)
        return value


def test_it_works(redis_server: RedisServer) -> None:
    build = Builder()
    assert cached(cache_keys.CATEGORIES, cache_keys.CATEGORIES_TTL_S, build) == "first"
    assert cached(cache_keys.CATEGORIES, cache_keys.CATEGORIES_TTL_S, build) == "first"
    assert build.calls == 1
    client = redis_server.client()
    name = next(iter(client.keys("*categories:all*")))
    assert 86_390 < int(client.ttl(name)) <= 86_400
    client.close()


def test_names_and_lifetimes_are_those_of_the_source_document() -> None:
    assert cache_keys.business("1") == "business:1"
    assert cache_keys.business_slug("chez-wou") == "business:slug:chez-wou"
    assert cache_keys.business_list({"city": "douala", "a": "1"}) == cache_keys.business_list({"a": "1", "city": "douala"})
    assert cache_keys.business_list({"city": "douala"}) == "businesses:list:city=douala"
    assert cache_keys.search({"q": "hôtel " * 50}).startswith("search:")
    assert len(cache_keys.search({"q": "hôtel " * 50})) < 60
    assert cache_keys.user("1") == "user:1"
    assert cache_keys.api_usage("1") == "api:usage:1"
    assert cache_keys.rate_limit_key("1") == "rate_limit:api:1"
    assert "192" not in cache_keys.rate_limit_ip("192.0.2.1")
    assert cache_keys.rate_limit_ip("192.0.2.1") != cache_keys.rate_limit_ip("192.0.2.2")
    lifetimes = [cache_keys.BUSINESS_TTL_S, cache_keys.CATEGORIES_TTL_S, cache_keys.SEARCH_TTL_S, cache_keys.USER_TTL_S]
    assert [*lifetimes, cache_keys.RATE_LIMIT_TTL_S] == [3600, 86_400, 1800, 1800, 3600]


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_seen_after_its_commit_and_not_before() -> None:
    build = Builder()

    def read() -> str:
        return cached("fact", 60, build, stamps=("a", "b"))

    assert read() == "first"
    with transaction.atomic():
        build.value = "second"
        bump("b")
        assert read() == "first"
    assert read() == "second"
    with transaction.atomic():
        build.value = "third"
        bump("b")
        transaction.set_rollback(True)
    assert read() == "second"


def test_a_lost_stamp_brings_no_old_value_back() -> None:
    build = Builder()
    cached("fact", 60, build, stamps=("a",))
    build.value = "second"
    cache.delete("stamp:a")
    assert cached("fact", 60, build, stamps=("a",)) == "second"


def test_a_value_of_none_is_a_value() -> None:
    calls: list[int] = []
    for _ in range(2):
        assert cached("nothing", 60, lambda: calls.append(1)) is None
    assert calls == [1]


def run_threads(count: int, function: Any) -> list[Any]:
    """What `function` answers to that many callers at the same time."""
    answers: list[Any] = []
    barrier = threading.Barrier(count)

    def call() -> None:
        barrier.wait()
        answers.append(function())

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_cold_key_is_built_by_one_caller() -> None:
    build = Builder(seconds=0.2)
    assert run_threads(16, lambda: cached("dear", 60, build)) == ["first"] * 16
    assert build.calls == 1


def test_nobody_waits_for_a_builder_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.core.caching.WAIT_S", 0.1)
    cache.add("lock:dear", "somebody", 10)
    assert cached("dear", 60, Builder()) == "first"


def test_a_builder_that_fails_leaves_its_place() -> None:
    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cached("dear", 60, fail)
    assert cache.get("lock:dear") is None
    assert cached("dear", 60, Builder()) == "first"


def test_reads_go_on_when_redis_dies_and_use_it_again_when_it_is_back(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_backend, "AWAY_S", 0.2)
    build = Builder()
    cached("fact", 60, build)
    redis_server.kill()
    build.value = "second"
    assert cached("fact", 60, build) == "second"
    assert cached("fact", 60, build) == "second"
    assert build.calls == 2, "kept in this process meanwhile"
    redis_server.start()
    deadline = time.monotonic() + 3
    while getattr(cache, "is_away", False) and time.monotonic() < deadline:
        time.sleep(0.02)
    cache.set("back", 1)
    client = redis_server.client()
    assert len(client.keys("*back*")) == 1
    client.close()


def test_a_frozen_redis_costs_one_short_wait_for_all_threads(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("fact", 60, Builder())
    redis_server.silence()
    assert cached("fact", 60, Builder()) == "first"
    monkeypatch.setattr(cache_backend, "AWAY_S", 60)
    cached("fact", 60, Builder())
    asked: list[object] = []
    monkeypatch.setattr("redis.connection.AbstractConnection.send_packed_command", lambda *sent, **_: asked.append(sent))
    assert run_threads(4, lambda: cached("fact", 60, Builder())) == ["first"] * 4
    assert asked == []


def test_every_method_of_the_cache_answers_without_redis(redis_server: RedisServer) -> None:
    redis_server.kill()
    cache.set("a", 1, 60)
    assert cache.add("a", 2) is False
    assert cache.incr("a") == 2
    assert cache.decr("a") == 1
    assert cache.has_key("a")
    assert "a" in cache
    assert cache.touch("a", 60)
    assert cache.set_many({"b": 2}) == []
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2}
    assert cache.get_or_set("c", 3) == 3
    cache.delete_many(["a"])
    assert cache.delete("b")
    cache.clear()
    assert cache.get("c") is None


def test_the_second_outage_does_not_show_what_the_first_one_knew(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_backend, "AWAY_S", 0.1)
    redis_server.kill()
    build = Builder()
    assert cached("fact", 60, build, stamps=("a",)) == "first"
    build.value = "second"
    time.sleep(0.15)  # the first outage ends
    assert cached("fact", 60, build, stamps=("a",)) == "second"


@pytest.mark.django_db(transaction=True)
def test_an_edit_made_while_redis_was_away_is_seen_when_it_is_back(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_backend, "AWAY_S", 0.05)
    build = Builder()
    cached("fact", 60, build, stamps=("a",))
    client = redis_server.client()
    kept: dict[Any, Any] = {name: client.dump(name) for name in client.keys("*")}
    client.close()
    redis_server.kill()
    build.value = "second"
    with transaction.atomic():
        bump("a")
    assert OutboxDelivery.objects.get().state == DeliveryState.PENDING
    redis_server.start()
    client = redis_server.client()
    for name, value in kept.items():
        client.restore(name, 0, value)
    client.close()
    time.sleep(0.1)  # longer than Redis is left alone
    assert cached("fact", 60, build, stamps=("a",)) == "first", "its Redis came back with what it had"
    events.sweep(at=now())
    assert cached("fact", 60, build, stamps=("a",)) == "second"


@pytest.mark.django_db
def test_a_session_survives_the_loss_of_redis(redis_server: RedisServer, admin_client: Client) -> None:
    redis_server.kill()
    assert admin_client.get("/admin/").status_code == 200
