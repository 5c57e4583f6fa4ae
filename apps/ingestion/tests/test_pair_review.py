"""Staff decides whether two entries are one place."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from apps.accounts.models import User
from apps.catalog.models import Category, Resource
from apps.catalog.tests.factories import AT, make_category, make_resource, make_user
from apps.ingestion.choices import Verdict
from apps.ingestion.matching.reasons import explain
from apps.ingestion.models import Merge, Pair
from apps.ingestion.services.merges import merge_entries

pytestmark = pytest.mark.django_db
QUEUE = "/admin/ingestion/pair/"
REASONS = [
    {"code": "name_same", "weight": 2.5, "detail": ""},
    {"code": "at_30m", "weight": 2.0, "detail": "12"},
    {"code": "at_150m", "weight": 1.0, "detail": "12"},
    {"code": "phone_other", "weight": -0.7, "detail": ""},
]


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def make_pair(score: float = 0.5, **fields: Any) -> Pair:
    category = Category.objects.filter(slug="autres").first() or make_category(slug="autres")
    first, second = sorted(
        (
            make_resource(name="Pharmacie du Soleil", category=category, latitude="3.87", longitude="11.51", description_fr="Ouverte."),
            make_resource(name="Phcie Soleil", category=category, latitude="3.8701", longitude="11.51", address_line1="Rue 12", **fields),
        ),
        key=lambda resource: resource.pk,
    )
    return Pair.objects.create(first=first, second=second, score=score, reasons=REASONS, created_at=AT)


def decide(desk: Client, pair: Pair, decision: str) -> str:
    answer = desk.post(f"{QUEUE}{pair.pk}/change/", {"decision": decision})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_it_works(desk: Client, staff: User) -> None:
    likely, unlikely = make_pair(0.9), make_pair(0.4)
    assert [row.pk for row in desk.get(QUEUE).context["cl"].queryset] == [likely.pk, unlikely.pk]
    page = desk.get(f"{QUEUE}{likely.pk}/change/").content.decode()
    for text in (
        "Pharmacie du Soleil",
        "Phcie Soleil",
        "Rue 12",
        "Même nom",
        "Distance",
        "Téléphones différents",
        "entre les deux",
    ):
        assert text in page

    assert decide(desk, likely, "same") == f"{QUEUE}{unlikely.pk}/change/"

    likely.refresh_from_db()
    assert (likely.verdict, likely.decided_by) == (Verdict.SAME, staff)
    merge = Merge.objects.get()
    assert (merge.pair, merge.merged_by, merge.undone_at) == (likely, staff, None)
    assert [row.pk for row in desk.get(QUEUE).context["cl"].queryset] == [unlikely.pk]
    assert "Défaire la fusion" in desk.get(f"{QUEUE}{likely.pk}/change/").content.decode()

    assert decide(desk, likely, "undo") == f"{QUEUE}{likely.pk}/change/"

    likely.refresh_from_db()
    merge.refresh_from_db()
    assert (likely.verdict, likely.decided_by, merge.undone_by) == (Verdict.ASK, None, staff)


def test_two_places_are_not_asked_about_again(desk: Client) -> None:
    pair = make_pair()

    assert decide(desk, pair, "different") == QUEUE

    assert list(desk.get(QUEUE).context["cl"].queryset) == []
    assert [row.pk for row in desk.get(f"{QUEUE}?verdict=different").context["cl"].queryset] == [pair.pk]
    assert [row.pk for row in desk.get(f"{QUEUE}?verdict=all").context["cl"].queryset] == [pair.pk]
    decide(desk, pair, "undo")
    assert [row.pk for row in desk.get(QUEUE).context["cl"].queryset] == [pair.pk]


def test_later_decides_nothing(desk: Client) -> None:
    pair, other = make_pair(0.5), make_pair(0.5)

    assert decide(desk, pair, "later") == f"{QUEUE}{other.pk}/change/"
    assert set(Pair.objects.values_list("verdict", flat=True)) == {Verdict.ASK}


def test_many_at_once(desk: Client) -> None:
    pairs = [make_pair(), make_pair()]
    keys = [pair.pk for pair in pairs]

    desk.post(QUEUE, {"action": "merge_all", "_selected_action": keys})
    assert Merge.objects.filter(undone_at=None).count() == 2

    merges = list(Merge.objects.values_list("pk", flat=True))
    desk.post("/admin/ingestion/merge/", {"action": "undo", "_selected_action": merges})
    assert Merge.objects.filter(undone_at=None).count() == 0

    more = [make_pair().pk, make_pair().pk]
    desk.post(QUEUE, {"action": "keep_apart", "_selected_action": more})
    assert Pair.objects.filter(verdict=Verdict.DIFFERENT).count() == 2


def test_a_refusal_is_said_and_changes_nothing(desk: Client, staff: User) -> None:
    pair = make_pair()
    third = make_resource(category=pair.first.category, description_fr="x", po_box="y", landmark_fr="z", address_line1="Rue 1")
    merge_entries(first_id=pair.second_id, second_id=third.pk, at=AT, actor=staff)

    assert desk.get(QUEUE).context["cl"].result_count == 0
    assert decide(desk, pair, "same") == f"{QUEUE}{pair.pk}/change/"
    pair.refresh_from_db()
    assert pair.verdict == Verdict.ASK
    assert "déjà été fondue" in desk.get(f"{QUEUE}{pair.pk}/change/").content.decode()


def test_a_stranger_sees_nothing(client: Client) -> None:
    pair = make_pair()
    client.force_login(make_user(is_staff=True))

    assert client.get(f"{QUEUE}{pair.pk}/change/").status_code == 403
    assert client.post(f"{QUEUE}{pair.pk}/change/", {"decision": "same"}).status_code == 403
    assert not Merge.objects.exists()
    client.logout()
    assert client.get(QUEUE).status_code == 302


def test_no_such_pair(desk: Client) -> None:
    assert desk.get(f"{QUEUE}nothing/change/").status_code == 404
    assert desk.get(f"{QUEUE}{make_resource().pk}/change/").status_code == 404


def test_a_pair_without_positions(desk: Client) -> None:
    pair = make_pair()
    Resource.objects.filter(pk=pair.first_id).update(latitude=None, longitude=None)

    assert "pas de position" in desk.get(f"{QUEUE}{pair.pk}/change/").content.decode()


def test_reasons_about_one_thing_are_one_sentence() -> None:
    found = explain([*REASONS, {"code": "of_another_time", "weight": 9}])

    with translation.override("en"):
        english = explain(REASONS)
    assert [(reason.weight, reason.length, reason.is_for) for reason in found] == [(3.0, 100, True), (2.5, 83, True), (-0.7, 23, False)]
    assert [reason.text for reason in english] == ["Distance: 12 m", "Same name", "Different phones"]
