"""Owners read through the API what their listings brought; nobody else does."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.constants import ZONE
from apps.analytics.models import ListingDay
from apps.analytics.periods import first_day_kept, today
from apps.analytics.tests.telling import happened
from apps.analytics.tests.test_counters import event
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.core.templatetags.eco import date_short

pytestmark = pytest.mark.django_db

OWN = "/api/v1/analytics/dashboard"


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def api(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def listing(owner: User) -> Resource:
    return make_resource(user=owner, category=make_category(slug="pharmacies"), name="Pharmacie du Marché")


@pytest.fixture
def noon() -> dt.datetime:
    """Yesterday, so that no test is too early for its events."""
    return dt.datetime.combine(today(timezone.now()) - dt.timedelta(days=1), dt.time(12), ZONE)


def read(client: Client, path: str, status: int = 200, *, key: str = "") -> Any:
    response = client.get(path, headers={"X-API-Key": key} if key else {})
    assert response.status_code == status, response.content
    return response.json()


def test_it_works(api: Client, listing: Resource, noon: dt.datetime) -> None:
    douala = make_city(slug="douala", name_fr="Douala")
    of_it: dict[str, Any] = {"number": listing.number, "at": noon}
    happened(
        [
            event(**of_it, visitor=1, source=SourceClass.OUR_SEARCH, city_number=douala.number, campaign="rentrée"),
            event(**of_it, visitor=2),
            event(EventType.CONTACT, **of_it, visitor=1, channel=Channel.WHATSAPP),
            event(EventType.IMPRESSION, **of_it, position=3),
            event(EventType.IMPRESSION, **of_it, position=4),
            event(**of_it, verdict=Verdict.BOT),
            event(number=listing.number, at=noon - dt.timedelta(days=7), visitor=9),
            event(number=listing.number + 1, at=noon),
        ],
        batch_id="a",
        at=timezone.now(),
    )

    data = read(api, f"{OWN}/{listing.pk}?period=7d&lang=fr")

    assert data["resource"] == {"id": str(listing.pk), "slug": listing.slug, "name": "Pharmacie du Marché"}
    assert (data["period"]["days"], data["previous_period"]["days"]) == (7, 7)
    assert data["totals"] == {"views": 2, "impressions": 2, "clicks": 0, "contacts": 1, "directions": 0, "shares": 0, "saves": 0}
    assert (data["previous_totals"]["views"], data["change_percent"]["views"], data["change_percent"]["contacts"]) == (1, 100.0, None)
    assert data["contacts"] == {"call": 0, "whatsapp": 1, "sms": 0, "email": 0, "site": 0, "copy_number": 0}
    assert [step["count"] for step in data["funnel"]] == [2, 2, 1]
    assert (data["series"][-2]["day"], data["series"][-2]["visitors"], data["series"][-2]["views"]) == (noon.date().isoformat(), 2, 2)
    assert data["sources"] == [
        {"source": "direct", "label": "Accès direct", "views": 1}, {"source": "our_search", "label": "Recherche Ecosyste", "views": 1},
    ]  # fmt: skip
    assert data["cities"] == [{"city": "douala", "name": "Douala", "views": 1}]
    assert data["campaigns"] == [{"campaign": "rentrée", "views": 1}]
    assert data["hours"][noon.weekday()][12] == 3
    assert (data["position"], data["set_aside"], data["queries"]) == (3.5, {"bot": 1, "repeat": 0, "flood": 0}, [])
    assert data["counted_until"] == noon.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    own = read(api, f"{OWN}?period=7d")
    assert own["totals"] == data["totals"]
    assert (own["listings"], own["series"][-2]["visitors"]) == (1, 2)


def test_all_of_an_owner_are_added_up_without_adding_people(api: Client, owner: User, listing: Resource, noon: dt.datetime) -> None:
    second = make_resource(user=owner, category=listing.category)
    other = make_resource(category=listing.category)
    rows = [event(number=one.number, at=noon, visitor=5) for one in (listing, second, other)]
    happened(rows, batch_id="a", at=timezone.now())

    data = read(api, OWN)

    assert (data["listings"], data["totals"]["views"]) == (2, 2)
    assert {point["visitors"] for point in data["series"]} == {None}


def test_strangers_and_unknown_ids_get_the_same_answer(listing: Resource) -> None:
    client = Client()
    client.force_login(make_user())

    foreign, unknown = read(client, f"{OWN}/{listing.pk}", 404), read(client, f"{OWN}/{uuid.uuid4()}", 404)

    assert foreign["code"] == unknown["code"] == "not_found"
    assert foreign["detail"] == unknown["detail"]


def test_a_test_key_sees_test_rows_only(owner: User, listing: Resource) -> None:
    test_row = make_resource(user=owner, category=listing.category, livemode=False)
    key, live = make_key(owner, livemode=False)[1], make_key(owner)[1]

    assert read(Client(), f"{OWN}/{test_row.pk}", key=key)["totals"]["views"] == 0
    read(Client(), f"{OWN}/{listing.pk}", 404, key=key)
    read(Client(), f"{OWN}/{test_row.pk}", 404, key=live)
    assert read(Client(), OWN, key=key)["listings"] == 1


def test_a_key_without_the_scope_reads_nothing(owner: User, listing: Resource) -> None:
    key = make_key(owner, scopes=["resources:read"])[1]

    assert read(Client(), f"{OWN}/{listing.pk}", 403, key=key)["missing_scope"] == "analytics:read"


def test_staff_see_the_same_figures(listing: Resource, api: Client, noon: dt.datetime) -> None:
    staff = Client()
    staff.force_login(make_user(is_staff=True))
    happened([event(number=listing.number, at=noon, verdict=Verdict.FLOOD)], batch_id="a", at=timezone.now())

    assert read(staff, f"{OWN}/{listing.pk}") == read(api, f"{OWN}/{listing.pk}")


def test_a_deleted_listing_is_gone(api: Client, listing: Resource) -> None:
    Resource.objects.filter(pk=listing.pk).update(deleted_at=timezone.now())

    read(api, f"{OWN}/{listing.pk}", 404)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("period=1y", "period"), ("period=7d&first=2026-01-01&last=2026-01-02", "period"), ("first=2026-11-01", "last"),
        ("last=2026-11-01", "first"), ("first=2026-11-31&last=2026-12-01", "first"), ("first=2026-W01-1&last=2026-11-02", "first"),
        ("granularity=hour", "granularity"), ("first=2016-01-01&last=2026-01-01", "first"), ("first=2026-11-02&last=9999-12-31", "last"),
        ("first=2026-11-02&last=2026-11-01", "last"), ("first=0001-01-01&last=0001-01-02", "first"), ("metric=views", "metric"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(api: Client, listing: Resource, query: str, named: str) -> None:
    found = read(api, f"{OWN}/{listing.pk}?{query}", 400)

    assert named in {error["parameter"] for error in found["errors"]}


def test_ten_years_are_refused_with_the_bound(api: Client, listing: Resource) -> None:
    found = read(api, f"{OWN}/{listing.pk}?first=2016-01-01&last=2026-01-01&lang=fr", 400)

    assert "25 mois" in found["detail"]
    assert date_short(first_day_kept(timezone.now())) in found["detail"]


def test_the_whole_retention_can_be_asked(api: Client, listing: Resource) -> None:
    at = timezone.now()
    first, last = first_day_kept(at), today(at)
    ListingDay.objects.create(resource_number=listing.number, day=first, views=4, last_at=at)

    data = read(api, f"{OWN}/{listing.pk}?first={first}&last={last}")

    assert data["series"][0] == {"day": first.isoformat(), "visitors": None, **data["totals"]}
    assert data["totals"]["views"] == 4
    assert len(data["series"]) == 26


def test_statements(
    api: Client, owner: User, listing: Resource, noon: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_resource(user=owner, category=listing.category)
    happened([event(number=listing.number, at=noon, city_number=make_city().number)], batch_id="a", at=timezone.now())
    read(api, f"{OWN}/{listing.pk}")

    # The user; then the listing, the clock, figures, towns, searches.
    with django_assert_num_queries(6):
        read(api, f"{OWN}/{listing.pk}")
    with django_assert_num_queries(6):
        read(api, OWN)
