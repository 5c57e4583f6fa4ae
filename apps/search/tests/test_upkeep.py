"""Whole engines are brought in line: rebuilt without a gap, compared every night, and told of when they are behind."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.catalog import events as catalog_events
from apps.catalog.models import Resource
from apps.catalog.tests.factories import AT, make_resource
from apps.core import events
from apps.core.models import OutboxDelivery, OutboxEvent
from apps.search import backends, services, tasks
from apps.search.backends.base import EngineUnavailable
from apps.search.backends.postgres import PostgresBackend
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch
from apps.search.selectors.lag import indexing_lag_s
from apps.search.services import indexing, upkeep
from apps.search.tests.plain_backend import PlainBackend

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> PlainBackend:
    """Another engine beside PostgreSQL."""
    other = PlainBackend()
    both = (PostgresBackend(), other)
    for module in (backends, indexing, upkeep):
        monkeypatch.setattr(module, "engines", lambda: both)
    return other


def held() -> set[uuid.UUID]:
    return set(ResourceSearch.objects.values_list("pk", flat=True))


def test_rebuild_writes_every_engine_and_drops_what_was_left(second: PlainBackend, capsys: pytest.CaptureFixture[str]) -> None:
    first, last = make_resource(name="Garage"), make_resource(name="Hôtel")
    gone = make_resource(name="Scierie")
    services.index_resources(resource_ids=[gone.pk])
    pk = gone.pk
    gone.delete()
    call_command("rebuild_index")
    assert "seen=2 written=2" in capsys.readouterr().out
    assert held() == set(second.documents) == {first.pk, last.pk}
    assert pk not in held()


def test_rebuild_leaves_rows_alone_that_are_right() -> None:
    make_resource(name="Garage")
    call_command("rebuild_index")
    places = ResourceSearch.objects.extra(select={"place": "ctid::text"}).values_list("place", flat=True)
    before = list(places)
    call_command("rebuild_index")
    assert list(places) == before


def test_an_interrupted_rebuild_tells_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = sorted((make_resource() for _ in range(3)), key=lambda resource: resource.pk)
    monkeypatch.setattr(upkeep, "BATCH", 1)
    done: list[Sequence[uuid.UUID]] = []

    def interrupted(ids: Sequence[uuid.UUID]) -> Sequence[SearchDocument]:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(ids)
        return indexing.write_first(ids)

    monkeypatch.setattr(upkeep, "write_first", interrupted)
    with pytest.raises(CommandError, match=f"--after {resources[0].pk}"):
        call_command("rebuild_index")
    assert held() == {resources[0].pk}
    monkeypatch.setattr(upkeep, "write_first", indexing.write_first)
    call_command("rebuild_index", "--after", str(resources[0].pk))
    assert held() == {resource.pk for resource in resources}


def test_an_index_is_stale_when_documents_would_be_others(capsys: pytest.CaptureFixture[str]) -> None:
    resource = make_resource(name="Garage")
    assert services.is_index_stale()
    call_command("rebuild_index", if_stale=True)
    assert not services.is_index_stale()
    capsys.readouterr()
    call_command("rebuild_index", if_stale=True)
    assert capsys.readouterr().out == ""
    ResourceSearch.objects.filter(pk=resource.pk).update(terms=[1])
    assert services.is_index_stale()


def test_an_index_is_stale_when_another_engine_is_behind(second: PlainBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = make_resource(name="Garage")
    call_command("rebuild_index")
    assert not services.is_index_stale()
    del second.documents[resource.pk]
    assert services.is_index_stale()
    call_command("rebuild_index", if_stale=True)
    assert set(second.documents) == {resource.pk}
    monkeypatch.setattr(second, "is_current", lambda: False)
    assert services.is_index_stale()

    def away() -> bool:
        raise EngineUnavailable("gone")

    monkeypatch.setattr(second, "is_current", away)
    assert not services.is_index_stale(), "the site starts without it"


def test_the_nightly_check_mends_each_engine(second: PlainBackend) -> None:
    missing, old, hidden, right = (make_resource(version=2) for _ in range(4))
    ids = [resource.pk for resource in (missing, old, hidden, right)]
    services.index_resources(resource_ids=ids)
    ResourceSearch.objects.filter(pk=missing.pk).delete()
    ResourceSearch.objects.filter(pk=old.pk).update(version=1)
    del second.documents[old.pk]
    Resource.objects.filter(pk=hidden.pk).update(status="suspended")
    first, other = services.repair_drift()
    assert (first.missing, first.old, first.left) == ([missing.pk], [old.pk], [hidden.pk])
    # What the first repair wrote is right in both.
    assert not other.all
    assert held() == set(second.documents) == {missing.pk, old.pk, right.pk}
    tasks.repair_drift()
    assert not any(report.all for report in services.repair_drift())


def test_an_engine_that_is_away_does_not_keep_the_rows_of_postgresql_waiting(second: PlainBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = make_resource()

    def away(_documents: Sequence[SearchDocument]) -> int:
        raise EngineUnavailable("gone")

    monkeypatch.setattr(second, "index", away)
    with pytest.raises(EngineUnavailable):
        services.index_resources(resource_ids=[resource.pk])
    assert held() == {resource.pk}


def test_lag_is_the_age_of_the_oldest_event_that_waits(client: Client) -> None:
    assert indexing_lag_s(at=AT) == 0
    events.publish(catalog_events.resource_hidden, key="x", resource_id=str(uuid.uuid4()))
    OutboxEvent.objects.update(created_at=AT)
    assert indexing_lag_s(at=AT + dt.timedelta(seconds=90)) == 90
    assert client.get("/health/ready").json()["checks"]["search"]["status"] == "down"
    OutboxDelivery.objects.update(state="done")
    assert indexing_lag_s(at=AT + dt.timedelta(seconds=90)) == 0
    assert client.get("/health/ready").json()["checks"]["search"]["status"] == "ok"


def test_statistics_are_stale_after_many_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not services.is_stale()
    counted: list[bool] = []
    monkeypatch.setattr(services, "refresh_statistics", lambda: counted.append(True))
    tasks.refresh_statistics(only_if_stale=True)
    assert not counted
    monkeypatch.setattr(services, "is_stale", lambda: True)
    tasks.index_resources(resource_ids=[str(uuid.uuid4()), str(uuid.uuid4())])
    assert counted == [True]
