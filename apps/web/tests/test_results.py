"""Pages of results say what was understood, and lead on."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.search.services import index_resources
from apps.web.questions import read_question
from apps.web.tests.conftest import Catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def page(client: Client, query: str) -> str:
    response = client.get(f"/fr/recherche/?{query}")
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def test_it_works(client: Client) -> None:
    html = page(client, "q=restaurant+wouri+akwa")
    assert "<mark>Wouri</mark>" in html
    assert "chip-said" in html
    assert 'href="/fr/recherche/?q=restaurant+wouri"' in html
    assert "Pourquoi ce résultat" in html


def test_a_misspelt_word_is_asked_about(client: Client) -> None:
    html = page(client, "q=pharmacei")
    assert "Vouliez-vous dire" in html
    assert "<mark>Pharmacie</mark> sans horaires" in html


def test_the_area_of_a_map_and_the_place_of_a_visitor(client: Client) -> None:
    assert "Chez Wouri" in page(client, "bbox=9.6,4,9.8,4.1")
    assert "Chez Wouri" not in page(client, "bbox=11,3,12,4")
    near = page(client, "lat=4.051&lng=9.7&sort=distance")
    assert '<option value="distance" selected>' in near
    assert "\u00a0m</span>" in near
    assert 'value="distance"' not in page(client, "sort=newest")


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=9,5,8,4", "bbox=a,b,c,d", "lat=91&lng=9", "lat=4", "lat=nan&lng=9", "sort=distance"])
def test_what_is_no_place_counts_as_not_asked(query: str) -> None:
    asked = read_question(dict(part.split("=") for part in query.split("&")))
    assert (asked.bbox, asked.lat, asked.sort) == ("", "", "relevance")


def test_suggestions(client: Client) -> None:
    response = client.get("/fr/recherche/suggestions/?q=che")
    lines = response.json()["data"]
    assert {"value": "Chez Wouri", "url": "/fr/fiche/chez-wouri/"}.items() <= lines[0].items()
    places = client.get("/fr/recherche/suggestions/?q=ak&what=places").json()["data"]
    assert [line["value"] for line in places] == ["Akwa, Douala"]
    for typed in ("", "a", "%00", "x" * 5_000, "%ff"):
        assert client.get(f"/fr/recherche/suggestions/?q={typed}").status_code == 200


def test_what_is_hidden_is_not_found(client: Client, catalogue: Catalogue) -> None:
    catalogue.business.status = "suspended"
    catalogue.business.save(update_fields=["status"])
    index_resources(resource_ids=[catalogue.business.pk])
    assert client.get("/fr/recherche/suggestions/?q=chez").json()["data"] == []
