from __future__ import annotations

import pytest
from django.core.management import call_command

from apps.catalog.cards import find_stale_cards
from apps.catalog.models import Resource, ResourceCard
from apps.catalog.services import card_upkeep
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def resources() -> list[Resource]:
    return [make_resource() for _ in range(5)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_upkeep, "BATCH_SIZE", 2)


def test_it_works(resources: list[Resource], capsys: pytest.CaptureFixture[str]) -> None:
    Resource.objects.filter(pk=resources[1].pk).update(name="Autre", version=2)
    ResourceCard.objects.filter(resource=resources[3], language="en").delete()
    Resource.objects.filter(pk=resources[4].pk).update(status="suspended")
    call_command("rebuild_cards")
    assert capsys.readouterr().out.startswith("seen=5 written=3 ")
    assert find_stale_cards([resource.pk for resource in resources]) == []


def test_all_are_written_when_asked(resources: list[Resource], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rebuild_cards", all=True)
    assert capsys.readouterr().out.startswith(f"seen=5 written={len(resources)} ")


def test_nothing_is_done_while_nothing_is_stale(resources: list[Resource], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rebuild_cards", if_stale=True)
    assert capsys.readouterr().out == ""
    ResourceCard.objects.filter(resource=resources[0]).update(hours=b"old")
    call_command("rebuild_cards", if_stale=True)
    assert capsys.readouterr().out.startswith("seen=5 written=1 ")


def test_it_goes_on_where_it_stopped(resources: list[Resource]) -> None:
    report = card_upkeep.rebuild_cards(after=resources[2].pk)
    assert report.seen == 2
    assert report.last == resources[4].pk


def test_the_check_finds_what_differs_and_fails(resources: list[Resource], capsys: pytest.CaptureFixture[str]) -> None:
    ResourceCard.objects.filter(resource=resources[0], language="fr").update(body=b"{", verified=True)
    with pytest.raises(SystemExit) as exit_info:
        call_command("check_cards")
    assert exit_info.value.code == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("seen=5 different=1 repaired=0 ")
    assert str(resources[0].pk) in printed.err


def test_the_check_repairs_when_asked(resources: list[Resource], capsys: pytest.CaptureFixture[str]) -> None:
    ResourceCard.objects.filter(resource=resources[0]).update(plan_rank=2)
    call_command("check_cards", repair=True)
    assert capsys.readouterr().out.startswith("seen=5 different=1 repaired=1 ")
    call_command("check_cards")


def test_a_sample_is_spread_over_all(resources: list[Resource]) -> None:
    assert card_upkeep.check_cards(sample=2).seen in (2, 3)
    assert card_upkeep.check_cards(sample=100).seen == len(resources)


def test_nothing_to_check() -> None:
    assert card_upkeep.check_cards().seen == 0
    assert card_upkeep.check_cards(sample=10).seen == 0
