"""What sources propose for an entry, listed and decided by its owner through the API."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_resource
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import Proposal
from apps.ingestion.tests.factories import make_proposal, make_source

pytestmark = pytest.mark.django_db

PATH = "/api/v1/proposals"


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def stranger() -> User:
    return make_user()


@pytest.fixture
def entry(owner: User) -> Resource:
    return make_resource(name="Nom du propriétaire", user=owner)


@pytest.fixture
def api(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def shown(client: Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get(PATH, query)
    assert response.status_code == 200, response.content
    data: list[dict[str, Any]] = response.json()["data"]
    return data


def decide(client: Client, proposal: Proposal, decision: str) -> Any:
    return client.post(f"{PATH}/{proposal.pk}/{decision}")


def test_it_works(api: Client, entry: Resource, owner: User) -> None:
    source = make_source(name="Annuaire d’essai", licence="CC BY 4.0")
    proposal = make_proposal(entry, value="Pharmacie Autrement", source=source)

    [found] = shown(api)

    assert found["id"] == str(proposal.pk)
    assert found["resource"] == {"id": str(entry.pk), "slug": entry.slug, "name": "Nom du propriétaire"}
    assert (found["field"], found["value"], found["current"]) == ("name", "Pharmacie Autrement", "Nom du propriétaire")
    assert found["source"] == {"name": "Annuaire d’essai", "licence": "CC BY 4.0"}
    assert (found["state"], found["decided_at"]) == ("open", None)

    for _time in range(2):
        response = decide(api, proposal, "accept")
        assert response.status_code == 200
        assert (response.json()["state"], response.json()["current"]) == ("accepted", "Pharmacie Autrement")
    entry.refresh_from_db()
    assert (entry.name, entry.version) == ("Pharmacie Autrement", 2)
    assert Proposal.objects.get().decided_by == owner
    assert shown(api) == []
    assert [one["id"] for one in shown(api, state="accepted")] == [str(proposal.pk)]
    assert decide(api, proposal, "decline").status_code == 409


def test_what_is_put_away_stays_away(api: Client, entry: Resource) -> None:
    proposal = make_proposal(entry)

    for _time in range(2):
        assert decide(api, proposal, "decline").json()["state"] == "declined"

    assert decide(api, proposal, "accept").status_code == 409
    assert Resource.objects.get().name == "Nom du propriétaire"


def test_a_stranger_sees_and_decides_nothing(client: Client, entry: Resource, stranger: User) -> None:
    proposal = make_proposal(entry)
    assert client.get(PATH).status_code == 401

    client.force_login(stranger)
    assert shown(client) == []
    assert shown(client, resource=str(entry.pk)) == []
    assert decide(client, proposal, "accept").status_code == 404
    assert decide(client, proposal, "decline").status_code == 404
    assert decide(client, Proposal(pk=uuid.uuid4()), "accept").status_code == 404
    assert Proposal.objects.get().state == ProposalState.OPEN


def test_a_test_key_sees_what_concerns_test_entries(client: Client, entry: Resource, owner: User) -> None:
    live, test = make_proposal(entry), make_proposal(make_resource(user=owner, livemode=False))
    found = {}
    for livemode in (True, False):
        _key, secret = make_key(owner, livemode=livemode)
        response = client.get(PATH, headers={"X-API-Key": secret})
        found[livemode] = [one["id"] for one in response.json()["data"]]
    assert found == {True: [str(live.pk)], False: [str(test.pk)]}


def test_what_a_withdrawn_source_said_is_over(api: Client, entry: Resource) -> None:
    proposal = make_proposal(entry, source=make_source(withdrawn_at=timezone.now()))

    assert shown(api) == []
    assert decide(api, proposal, "accept").status_code == 404


def test_all_phones_are_taken_over(api: Client, entry: Resource) -> None:
    entry.contacts.create(kind="phone", value="+237699000001", is_primary=True, is_whatsapp=True)
    entry.contacts.create(kind="phone", value="+237699000009", order_index=1)
    entry.contacts.create(kind="email", value="accueil@exemple.cm", is_primary=True, order_index=2)
    numbers = ["+237233420000", "+237699000001", "+237677000002"]
    proposal = make_proposal(entry, field="phone", value=numbers)
    assert shown(api)[0]["current"] == ["+237699000001", "+237699000009"]

    assert decide(api, proposal, "accept").json()["current"] == numbers

    rows = list(entry.contacts.values_list("kind", "value", "is_primary", "is_whatsapp"))
    assert rows == [
        ("phone", "+237233420000", True, False), ("phone", "+237699000001", False, True), ("phone", "+237677000002", False, False),
        ("email", "accueil@exemple.cm", True, False),
    ]  # fmt: skip


def test_hours_leave_particular_days_as_they_are(api: Client, owner: User) -> None:
    day = dt.date(2026, 12, 25)
    entry = make_resource(user=owner, hours={1: [("08:00", "17:00")]}, special_days={day: []}, holiday_policy="closed")
    proposal = make_proposal(entry, field="hours", value={"1": [["09:00", "12:00"]], "2": []})

    found = decide(api, proposal, "accept").json()

    rows = [
        {"day_of_week": 1, "open_time": "09:00", "close_time": "12:00", "is_closed": False},
        {"day_of_week": 2, "open_time": None, "close_time": None, "is_closed": True},
    ]
    assert found["value"] == found["current"] == rows
    entry.refresh_from_db()
    assert (entry.holiday_policy, entry.special_days.get().date) == ("closed", day)


def test_open_at_all_times_becomes_just_that(api: Client, entry: Resource) -> None:
    proposal = make_proposal(entry, field="hours", value={str(day): [["00:00", "00:00"]] for day in range(7)})

    found = decide(api, proposal, "accept").json()

    assert len(found["current"]) == 7
    assert found["current"] == found["value"]
    entry.refresh_from_db()
    assert entry.hours_kind == "always"


def test_ids_are_shown_as_names_and_taken_over(api: Client, entry: Resource) -> None:
    category, city = make_category(slug="hotels"), make_city(slug="kribi")
    quarter = make_quarter(slug="dombe", city=city)
    proposals = [
        make_proposal(entry, field="category", value=str(category.pk)),
        make_proposal(entry, field="city", value={"city_id": str(city.pk), "quarter_id": str(quarter.pk)}),
        make_proposal(entry, field="position", value={"latitude": 2.94, "longitude": 9.91}),
    ]
    wanted = ["hotels", {"city": "kribi", "quarter": "dombe"}, {"latitude": 2.94, "longitude": 9.91}]

    assert [one["value"] for one in reversed(shown(api))] == wanted
    for proposal, value in zip(proposals, wanted, strict=True):
        assert decide(api, proposal, "accept").json()["current"] == value


def test_what_names_nothing_any_more_is_a_conflict(api: Client, entry: Resource) -> None:
    proposal = make_proposal(entry, field="category", value=str(uuid.uuid4()))

    assert shown(api)[0]["value"] is None
    assert decide(api, proposal, "accept").status_code == 409


def test_pages_follow_one_another(api: Client, entry: Resource) -> None:
    wanted = [str(make_proposal(entry, value=f"Nom {number}").pk) for number in range(5)][::-1]
    found, address = [], f"{PATH}?limit=2&resource={entry.pk}"
    while address:
        page = api.get(address).json()
        assert page["has_more"] == bool(page["next"])
        found += [one["id"] for one in page["data"]]
        address = page["next"]
    assert found == wanted


@pytest.mark.parametrize("query", ["cursor=x", "resource=akwa", "state=new", "limit=0", "colour=red", "cursor=%00"])
def test_a_question_that_cannot_be_read_is_named(api: Client, query: str) -> None:
    response = api.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_the_number_of_statements_does_not_grow(api: Client, owner: User) -> None:
    city = make_city()
    shown(api)  # what a process reads once
    counts = []
    for size in (1, 12):
        for _each in range(size):
            entry = make_resource(user=owner, contacts=[{"kind": "phone", "value": "+237699000001"}], hours={1: [("08:00", "17:00")]})
            make_proposal(entry, field="category", value=str(make_category().pk))
            make_proposal(entry, field="city", value={"city_id": str(city.pk), "quarter_id": None})
            make_proposal(entry, field="hours", value={"1": []})
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(api, limit=100)) >= 3 * size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
