"""Documents by version, and one index that takes the place of another while everything goes on."""

from __future__ import annotations

import contextlib
import threading
import uuid
from typing import Any

import pytest

from apps.search.backends.base import Circle, EngineQuery, EngineUnavailable, Filters, Group, Order
from apps.search.backends.elasticsearch import ElasticsearchBackend, mapping
from apps.search.tests.sample_documents import document

ALL = EngineQuery(order=Order.NEWEST, limit=1000, counted_max=1000)


def held(elastic: ElasticsearchBackend) -> dict[int, int]:
    """Versions of everything that can be found, by number."""
    return {pk.int: version for pk, version in elastic.versions([place.id for place in elastic.search(ALL).places]).items()}


def test_it_works(elastic: ElasticsearchBackend) -> None:
    elastic.index([document(1, version=3), document(2)])
    with elastic.rebuilding() as write:
        assert held(elastic) == {1: 3, 2: 1}, "the former index serves"
        write([document(1, version=3)])
    assert held(elastic) == {1: 3}
    assert len(elastic.indices.client.indices.get(index=f"{elastic.indices.alias}-*")) == 1


def test_an_older_document_never_replaces_a_newer_one(elastic: ElasticsearchBackend) -> None:
    assert elastic.index([document(1, version=5, quality=50)]) == 1
    assert elastic.index([document(1, version=4, quality=40), document(2)]) == 1
    assert elastic.search(ALL).places[1].quality == 50
    assert elastic.index([document(1, version=5, quality=55)]) == 1, "the same version may be written again"
    assert elastic.index([document(1, version=7, quality=70), document(1, version=6)]) == 1, "of two in a batch the newer"
    assert held(elastic) == {1: 7, 2: 1}


def test_an_older_removal_leaves_a_newer_document(elastic: ElasticsearchBackend) -> None:
    elastic.index([document(1, version=5), document(2, version=5)])
    assert elastic.delete({uuid.UUID(int=1): 4, uuid.UUID(int=2): 6, uuid.UUID(int=3): 1}) == 1
    assert held(elastic) == {1: 5}
    assert elastic.index([document(2, version=5)]) == 0, "nor does what was removed come back"


def test_what_happens_during_a_rebuild_is_in_both(elastic: ElasticsearchBackend) -> None:
    elastic.index([document(number) for number in range(1, 5)])
    with elastic.rebuilding() as write:
        assert elastic.index([document(1, version=2), document(9)]) == 2
        assert elastic.delete({uuid.UUID(int=2): 2}) == 1
        # What was read from the database before these events is written after them.
        write([document(number) for number in range(1, 5)])
        elastic.index([document(3, version=2)])
        assert held(elastic) == {1: 2, 3: 2, 4: 1, 9: 1}
    assert held(elastic) == {1: 2, 3: 2, 4: 1, 9: 1}


def test_a_rebuild_interrupts_no_search(elastic: ElasticsearchBackend) -> None:
    elastic.index([document(number) for number in range(1, 101)])
    stopped, failures, answers = threading.Event(), list[str](), 0

    def search() -> None:
        nonlocal answers
        while not stopped.is_set():
            try:
                total = elastic.search(ALL).total
            except EngineUnavailable as error:
                failures.append(str(error))
            else:
                answers += 1
                if total != 100:
                    failures.append(f"{total} of 100")

    searching = threading.Thread(target=search)
    searching.start()
    try:
        for _ in range(3):
            with elastic.rebuilding() as write:
                write([document(number, version=2) for number in range(1, 101)])
    finally:
        stopped.set()
        searching.join()
    assert failures == []
    assert answers > 0


def test_a_failed_rebuild_changes_nothing(elastic: ElasticsearchBackend) -> None:
    elastic.index([document(1)])
    with pytest.raises(ZeroDivisionError), elastic.rebuilding() as write:
        write([document(2)])
        raise ZeroDivisionError
    assert held(elastic) == {1: 1}
    assert len(elastic.indices.client.indices.get(index=f"{elastic.indices.alias}-*")) == 1


def test_what_a_killed_rebuild_left_is_cleared_away(elastic: ElasticsearchBackend) -> None:
    killed = elastic.rebuilding()
    killed.__enter__()
    elastic.index([document(1)])
    with elastic.rebuilding() as write:
        write([document(2)])
    assert held(elastic) == {2: 1}
    assert len(elastic.indices.client.indices.get(index=f"{elastic.indices.alias}-*")) == 1
    with contextlib.suppress(EngineUnavailable):
        killed.__exit__(GeneratorExit, GeneratorExit(), None)


def test_an_index_of_former_code_is_known(elastic: ElasticsearchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    assert elastic.indices.is_current()
    monkeypatch.setitem(mapping.MAPPING, "_meta", {"digest": "of another mapping"})
    assert not elastic.indices.is_current()
    elastic.indices.remove()
    assert not elastic.indices.is_current()


def test_without_an_index_nothing_is_found_and_nothing_kept(elastic: ElasticsearchBackend) -> None:
    elastic.indices.remove()
    assert elastic.index([document(1)]) == 0
    assert elastic.delete({uuid.UUID(int=1): 1}) == 0
    with pytest.raises(EngineUnavailable, match="index_not_found"):
        elastic.search(ALL)
    health = elastic.health()
    assert not health.is_up
    assert "index_not_found" in health.detail


def test_a_refused_document_is_an_error_not_a_loss(elastic: ElasticsearchBackend) -> None:
    with pytest.raises(EngineUnavailable, match="quality"):
        elastic.index([document(1), document(2, quality=10**6)])


@pytest.fixture
def nobody() -> ElasticsearchBackend:
    """An engine whose server is not there."""
    return ElasticsearchBackend({"hosts": ["http://127.0.0.1:9"]}, prefix="nobody")


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.search(ALL),
        lambda engine: engine.nearby(Circle(4.05, 9.7, 500), filters=Filters(), limit=5),
        lambda engine: engine.facets(ALL, ["city"]),
        lambda engine: engine.suggest("bo", limit=5),
        lambda engine: engine.versions([uuid.UUID(int=1)]),
        lambda engine: engine.ids_after(None, limit=5),
        lambda engine: engine.index([document(1)]),
        lambda engine: engine.delete({uuid.UUID(int=1): 1}),
        lambda engine: engine.indices.is_current(),
        lambda engine: engine.rebuilding().__enter__(),
    ],
)
def test_without_a_server_there_is_one_error(nobody: ElasticsearchBackend, ask: Any) -> None:
    with pytest.raises(EngineUnavailable):
        ask(nobody)
    assert not nobody.health().is_up


@pytest.mark.parametrize("text", ["", "\0", "*", "a\\b", '"}', "é" * 40_000, "🏪", "\u202eabc", "a OR b", "_exists_:id"])
def test_words_are_words_whatever_is_in_them(elastic: ElasticsearchBackend, text: str) -> None:
    elastic.index([document(1)])
    query = EngineQuery(
        groups=(Group((text,)), Group(("rail",) * 2_000)), whole_name=text, filters=Filters(has=((text,),), resource_types=(text,))
    )
    assert list(elastic.search(query).places) == []
    assert elastic.facets(query, ["has", "type"]).counts["type"] == []
    assert len(elastic.suggest(text, limit=5)) == (text == "")
