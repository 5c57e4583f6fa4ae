"""GET /api-resources and /businesses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Resource
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_region, make_resource, make_user

pytestmark = pytest.mark.django_db

PATH = "/api/v1/api-resources"


def get(client: Client, path: str, **headers: str) -> Any:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()


def names(client: Client, query: str) -> list[str]:
    return [item["name"] for item in get(client, f"{PATH}?{query}")["data"]]


def refused(client: Client, query: str, status: int = 400) -> Any:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    return response.json()


def test_it_works(client: Client) -> None:
    resource = make_resource(name="Pharmacie du Marché", name_en="Market Pharmacy", hours_kind="always")
    french = get(client, PATH)
    assert [item["name"] for item in french["data"]] == ["Pharmacie du Marché"]
    assert (french["has_more"], french["next"], french["previous"]) == (False, None, None)
    item = french["data"][0]
    assert item["id"] == str(resource.pk)
    assert item["open_status"]["state"] == "open"
    assert item["open_status"]["next_change"] is None
    assert "description" not in item
    english = get(client, f"{PATH}?lang=en")
    assert english["data"][0]["name"] == "Market Pharmacy"


def test_both_prefixes_answer_alike(client: Client) -> None:
    make_resource()
    assert get(client, "/api/api-resources?sort=newest")["data"] == get(client, f"{PATH}?sort=newest")["data"]


def test_featured_first_then_newest(client: Client) -> None:
    later = AT + dt.timedelta(hours=1)
    for name, plan, at in (("Ancienne", "free", AT), ("Nouvelle", "free", later), ("Payante", "premium", AT), ("Une", "featured", AT)):
        make_resource(name=name, plan=plan, at=at)
    assert names(client, "") == ["Une", "Payante", "Nouvelle", "Ancienne"]
    assert names(client, "sort=newest")[0] == "Nouvelle"


def test_only_what_is_public(client: Client) -> None:
    for hidden in ({"status": "pending"}, {"status": "suspended"}, {"deleted_at": AT}, {"livemode": False}):
        make_resource(**hidden)
    make_resource(name="Visible")
    assert names(client, "") == ["Visible"]


def test_each_filter(client: Client) -> None:
    region = make_region()
    town = make_city(region=region)
    quarter = make_quarter(city=town)
    root = make_category()
    own = make_resource(
        name="Elle", category=make_category(parent=root), city=town, quarter=quarter, resource_type="service", plan="premium",
        verified=True, hours_kind="always", attributes=["parking", "wifi"], latitude=4.05, longitude=9.7,
    )  # fmt: skip
    other = make_resource(name="Autre", city=make_city(), attributes=["wifi"], latitude=3.87, longitude=11.52)
    assert isinstance(own, Resource)
    for query in (
        f"category={root.slug}", f"city={town.slug}", f"quarter={quarter.slug}", f"region={region.slug}", "type=service",
        "resource_type=service", "plan=premium,featured", "verified=true", "open_now=true", "has=parking", "has=wifi&has=parking",
        "bbox=9,4,10,5", f"city={town.slug}&category={root.slug}&type=service",
    ):  # fmt: skip
        assert names(client, query) == ["Elle"], query
    for query in ("verified=false", "type=business", f"category={other.category.slug}" if other.category else ""):
        assert names(client, query) == ["Autre"], query
    assert names(client, "has=parking,wifi") == ["Elle", "Autre"]
    assert names(client, "open_now=false") == ["Elle", "Autre"]
    assert names(client, f"city={town.slug}&bbox=11,3,12,4") == []


def test_when_it_was_made(client: Client) -> None:
    first, second = make_resource(name="Ancienne"), make_resource(name="Nouvelle", at=AT + dt.timedelta(seconds=1))
    moments = {row.name: row.created_at.isoformat().replace("+", "%2B") for row in (first, second)}
    assert names(client, f"created_at[gte]={moments['Nouvelle']}") == ["Nouvelle"]
    assert names(client, f"created_at[lte]={moments['Ancienne']}") == ["Ancienne"]
    assert names(client, "created_at[gte]=2020-01-01&created_at[lte]=2020-12-31T23:59:59Z") == []
    unescaped = first.created_at.isoformat().replace("+", " ")
    assert len(names(client, f"created_at[gte]={unescaped}")) == 2


def test_businesses_are_an_alias(client: Client) -> None:
    make_resource(name="Service", resource_type="service")
    make_resource(name="Entreprise")
    found = get(client, "/api/v1/businesses")
    assert [item["name"] for item in found["data"]] == ["Entreprise"]
    assert client.get("/api/v1/businesses?type=service").status_code == 400


def test_pages_by_cursor_go_forth_and_back(client: Client) -> None:
    for number in range(5):
        make_resource(name=f"N{number}", at=AT - dt.timedelta(days=number))
    first = client.get(f"{PATH}?limit=2&type=business")
    page = first.json()
    assert page["has_more"] is True
    assert page["previous"] is None
    assert first["Link"] == f'<{page["next"]}>; rel="next"'
    assert page["next"].startswith("http://testserver/api/v1/api-resources?type=business&limit=2&cursor=")
    second = get(client, page["next"])
    third = get(client, second["next"])
    assert [item["name"] for item in third["data"]] == ["N4"]
    assert third["has_more"] is False
    back = get(client, third["previous"])
    assert [item["name"] for item in back["data"]] == [item["name"] for item in second["data"]] == ["N2", "N3"]
    assert [item["name"] for item in get(client, back["previous"])["data"]] == ["N0", "N1"]


def test_a_page_does_not_shift_when_something_is_published(client: Client) -> None:
    for number in range(3):
        make_resource(name=f"N{number}", at=AT - dt.timedelta(days=number))
    following = get(client, f"{PATH}?limit=2")["next"]
    make_resource(name="Toute neuve", at=AT + dt.timedelta(days=1))
    assert [item["name"] for item in get(client, following)["data"]] == ["N2"]


def test_offset_is_kept_to_a_depth(client: Client) -> None:
    for number in range(3):
        make_resource(name=f"N{number}", at=AT - dt.timedelta(days=number))
    assert names(client, "limit=2&offset=2") == ["N2"]
    assert refused(client, "offset=10001")["errors"][0]["parameter"] == "offset"


@pytest.mark.parametrize(
    "cursor", ["nonsense", "f.0.0.0", "'", "%00", "é", "f.0.1.0192~AAAA", "~", "a" * 400, "f.9.1.00000000000000000000000000000000~x"]
)
def test_a_cursor_made_by_hand_is_refused(client: Client, cursor: str) -> None:
    assert refused(client, f"cursor={cursor}")["code"] in {"invalid_cursor", "invalid_parameter"}


def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    for _ in range(2):
        make_resource()
    following = get(client, f"{PATH}?limit=1")["next"]
    cursor = following.split("cursor=")[1]
    assert refused(client, f"limit=1&type=business&cursor={cursor}")["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("couleur=rouge", "couleur"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=deux", "limit"),
        ("type=hotel", "type"),
        ("type=business&resource_type=api", "type"),
        ("plan=gold", "plan"),
        ("verified=peut-etre", "verified"),
        ("open_now=2", "open_now"),
        ("has=piscine", "has"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=10,5,9,4", "bbox"),
        ("bbox=nan,1,2,3", "bbox"),
        ("sort=name", "sort"),
        ("lang=de", "lang"),
        ("created_at[gte]=hier", "created_at[gte]"),
        ("created_at[gte]=2026-11-24T08:00:00", "created_at[gte]"),
        ("created_at[lte]=0001-01-01", "created_at[lte]"),
        ("created_at[lt]=2026-11-24", "created_at[lt]"),
        ("include=everything", "include"),
        ("category=a&category=b", "category"),
        ("city=%00", "city"),
        ("offset=1&cursor=abc", "offset"),
    ],
)
def test_what_cannot_be_used_is_named(client: Client, query: str, parameter: str) -> None:
    problem = refused(client, query)
    assert problem["code"] == "invalid_parameter"
    assert parameter in [error["parameter"] for error in problem["errors"]]


def test_an_unknown_slug_gets_suggestions(client: Client) -> None:
    town, quarter = make_city(slug="douala"), make_quarter(slug="bonapriso")
    make_category(slug="pharmacies")
    for query, parameter, near in (
        ("category=pharmacie", "category", "pharmacies"),
        ("city=Duala", "city", town.slug),
        ("quarter=bonaprisso", "quarter", quarter.slug),
    ):
        problem = refused(client, query)
        assert problem["errors"][0]["parameter"] == parameter
        assert problem["suggestions"] == [near]
    assert refused(client, "region=atlantide")["suggestions"] == []


def test_a_category_that_was_just_made_is_known(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.catalog.models import Category
    from apps.catalog.selectors import reference

    refused(client, "category=toute-neuve")
    Category.objects.create(slug="toute-neuve", name_fr="Toute neuve", name_en="Brand new")
    monkeypatch.setattr(reference, "_RELOAD_AFTER_S", 0)
    assert names(client, "category=toute-neuve") == []


def test_fields_and_count(client: Client) -> None:
    make_resource(name="Elle")
    found = get(client, f"{PATH}?fields=name,slug&include=count")
    assert set(found["data"][0]) == {"name", "slug"}
    assert found["count"] == 1
    assert refused(client, "fields=name,couleur")["errors"][0]["parameter"] == "fields"


def test_headers_of_a_public_answer(client: Client) -> None:
    make_resource()
    response = client.get(PATH)
    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert response["Content-Language"] == "fr"
    assert "Accept-Language" in response["Vary"]
    assert "Cookie" not in response["Vary"]
    known = client.get(PATH, headers={"If-None-Match": response["ETag"]})
    assert known.status_code == 304
    assert known.content == b""
    assert known["ETag"] == response["ETag"]


def test_the_etag_moves_with_what_is_shown(client: Client) -> None:
    resource = make_resource()
    tags = {client.get(PATH)["ETag"], client.get(f"{PATH}?lang=en")["ETag"]}
    Resource.objects.filter(pk=resource.pk).update(name="Autre", version=2)
    from apps.catalog.cards import write_cards

    write_cards([resource.pk])
    tags.add(client.get(PATH)["ETag"])
    assert len(tags) == 3


def test_it_speaks_english(client: Client) -> None:
    make_resource(name="Marché", name_en="Market")
    response = client.get(PATH, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert response["Content-Language"] == "en"
    assert response.json()["data"][0]["name"] == "Market"


def test_anonymous_pages_are_one_statement(client: Client, django_assert_num_queries: Any) -> None:
    category = make_category()
    for _ in range(3):
        make_resource(category=category, hours={1: [("08:00", "12:00")]})
    names(client, f"category={category.slug}")
    with django_assert_num_queries(1):
        names(client, f"category={category.slug}")
    with django_assert_num_queries(1):
        names(client, "")


def test_a_session_is_answered_from_the_truth(client: Client, settings: Any) -> None:
    settings.CARD_CACHE_S = 60
    category = make_category()
    make_resource(name="Une", category=category)
    assert names(client, "") == ["Une"]
    make_resource(name="Deux", category=category, at=AT + dt.timedelta(days=1))
    assert names(client, "") == ["Une"]
    client.force_login(make_user())
    assert names(client, "") == ["Deux", "Une"]


def test_methods_and_formats(client: Client) -> None:
    make_resource()
    head = client.head(PATH)
    assert head.status_code == 200
    assert head["ETag"]
    assert client.delete(PATH).status_code == 405
    refusal = client.get(PATH, headers={"Accept": "text/csv"})
    assert refusal.status_code == 406
    assert refusal["Content-Type"] == "application/problem+json"
