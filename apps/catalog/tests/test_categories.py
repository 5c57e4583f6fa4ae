"""GET /categories, and the counts beside it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.catalog import selectors
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_region, make_resource
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_cached() -> None:
    cache.clear()


def get(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def test_it_works(client: Client) -> None:
    root = make_category(slug="sante", name_fr="Santé", name_en="Health", description_en="To be well.", order=1)
    child = make_category(slug="pharmacies", parent=root)
    make_category(slug="avant", order=0)
    make_category(slug="fermee", is_active=False)
    for category in (root, child, child):
        make_resource(category=category)
    make_resource(category=child, status="pending")
    found = get(client, "/api/v1/categories?lang=en")
    assert [node["slug"] for node in found["data"]] == ["avant", "sante"]
    node = found["data"][1]
    assert (node["name"], node["description"], node["count"]) == ("Health", "To be well.", 3)
    assert uuid.UUID(node["id"]) == root.pk
    assert (node["parent_id"], node["parent"]) == (None, None)
    (below,) = node["children"]
    assert (below["slug"], below["count"], below["parent"], below["parent_id"]) == ("pharmacies", 2, "sante", str(root.pk))
    assert get(client, "/api/categories/pharmacies?lang=en") == below


def test_unknown_and_inactive_ones(client: Client) -> None:
    make_category(slug="fermee", is_active=False)
    for slug in ("fermee", "inconnue", "é", "a" * 300):
        response = client.get(f"/api/v1/categories/{slug}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/categories?limit=3").status_code == 400


def test_a_warm_answer_asks_the_database_nothing(client: Client, django_assert_num_queries: Any) -> None:
    make_resource()
    get(client, "/api/v1/categories")
    with django_assert_num_queries(0):
        response = client.get("/api/v1/categories")
    assert response["Cache-Control"].startswith("public")
    assert client.get("/api/v1/categories", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_counts_follow_their_stamp(django_capture_on_commit_callbacks: Any) -> None:
    category = make_category()
    make_resource(category=category)
    assert selectors.category_tree("fr")[0].count == 1
    make_resource(category=category)
    assert selectors.category_tree("fr")[0].count == 1
    with django_capture_on_commit_callbacks(execute=True):
        bump(CATEGORIES)
    assert selectors.category_tree("fr")[0].count == 2


def test_places_and_types() -> None:
    region, empty = make_region(), make_region()
    town = make_city(region=region)
    for kind in ("business", "business", "api"):
        make_resource(city=town, resource_type=kind)
    make_resource()
    counts = selectors.catalogue_counts("en")
    assert counts.total == 4
    assert counts.types == {"business": 3, "service": 0, "data": 0, "api": 1}
    assert [(place.slug, place.count) for place in counts.regions] == [(region.slug, 3), (empty.slug, 0)]
    assert [(place.slug, place.name, place.count) for place in counts.cities] == [(town.slug, town.name_en, 3)]


def test_names_of_places_and_categories() -> None:
    region = make_region(slug="littoral", name_fr="Littoral", name_en="Coast", aliases=["LT"])
    town = make_city(slug="douala", region=region, name_fr="Douala", name_en="Duala", aliases=["Dla"])
    make_quarter(slug="akwa", name="Akwa", city=town, latitude=4.05, longitude=9.7, aliases=["Akwa Centre"])
    make_quarter(slug="deido", name="Deïdo", city=town)
    root = make_category(slug="sante", name_en="Health", schema_type="MedicalBusiness")
    make_category(slug="pharmacies", name_en="Pharmacies", parent=root)
    assert selectors.place_name(city="douala", quarter="akwa", language="en") == "Akwa, Duala"
    assert selectors.place_name(quarter="akwa", language="fr") == "Akwa, Douala"
    assert selectors.place_name(region="littoral", language="en") == "Coast"
    assert selectors.place_name(city="nulle-part", language="fr") == ""
    assert selectors.place_name(city="douala", quarter="bali", language="fr") == ""
    assert selectors.category_name("pharmacies", "en") == "Pharmacies"
    assert selectors.category_name("rien", "en") == ""
    assert selectors.category_schema_type("pharmacies") == "MedicalBusiness"
    assert selectors.category_schema_type("rien") == ""
    for text, place in (
        ("DOUALA", selectors.FoundPlace(city="douala")),
        ("dla", selectors.FoundPlace(city="douala")),
        ("Deido", selectors.FoundPlace(city="douala", quarter="deido")),
        ("akwa, douala", selectors.FoundPlace(city="douala", quarter="akwa")),
        ("lt", selectors.FoundPlace(region="littoral")),
        ("Atlantide", None),
    ):
        assert selectors.find_place(text) == place, text
    assert selectors.quarter_positions("douala") == [("Akwa", 4.05, 9.7)]
    assert selectors.quarter_positions("nulle-part") == []
