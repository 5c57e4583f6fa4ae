"""GET /search/suggestions."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client

from apps.catalog.tests.factories import make_category, make_city, make_quarter
from apps.search.tests.factories import make_found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]
PATH = "/api/v1/search/suggestions"


def get(client: Client, query: str) -> list[dict[str, Any]]:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.content
    body = response.json()
    assert (body["has_more"], body["next"], body["previous"]) == (False, None, None)
    found: list[dict[str, Any]] = body["data"]
    return found


def test_it_works(client: Client) -> None:
    category = make_category(slug="pharmacies", name_fr="Pharmacies", name_en="Chemists")
    entry = make_found(name="Pharmacie du Soleil", category=category)
    found = get(client, "q=pharm&lang=fr")
    assert {line["kind"] for line in found} >= {"category", "resource"}
    line = next(line for line in found if line["kind"] == "resource")
    assert (line["name"], line["slug"], line["id"]) == ("Pharmacie du Soleil", entry.slug, str(entry.pk))
    assert set(line) == {"kind", "name", "slug", "detail", "id", "city"}


def test_places(client: Client) -> None:
    douala = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    make_quarter(slug="doualare", name="Doualaré", city=douala)
    found = get(client, "q=doua")
    assert {(line["kind"], line["slug"]) for line in found} >= {("city", "douala"), ("quarter", "doualare")}
    assert next(line for line in found if line["kind"] == "quarter")["city"] == "douala"


@pytest.mark.parametrize("typed", ["PHARM", "phàrm", "pharmacie%20du%20sol", "farmacie", "Pharmaciee"])
def test_accents_case_and_errors(client: Client, typed: str) -> None:
    make_found(name="Pharmacie du Soleil")
    assert "Pharmacie du Soleil" in [line["name"] for line in get(client, f"q={typed}")]


@pytest.mark.parametrize("typed", ["", "q=", "q=p", "q=%20", "q=!?", "q=*", "q=%F0%9F%98%80"])
def test_less_than_two_letters_suggest_nothing(client: Client, typed: str) -> None:
    make_found(name="Pharmacie du Soleil")
    assert get(client, typed) == []


def test_it_is_short(client: Client) -> None:
    for number in range(30):
        make_found(name=f"Pharmacie numéro {number} du grand marché central")
    assert len(get(client, "q=pharm")) <= 8
    assert len(get(client, "q=pharm&limit=20")) <= 20
    assert len(gzip.compress(client.get(f"{PATH}?q=pharm").content)) <= 1_500


def test_what_is_hidden_is_not_suggested(client: Client) -> None:
    make_found(name="Pharmacie cachée", status="suspended")
    assert get(client, "q=pharm") == []


@pytest.mark.parametrize("query", [f"q={'x' * 201}", "q=%00", "limit=0", "limit=21", "limit=x", "type=api", "lang=de"])
def test_bad_parameters(client: Client, query: str) -> None:
    response = client.get(f"{PATH}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
