"""Pages of results say what was understood, and lead on."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from django.test import Client

from apps.catalog.tests.factories import make_quarter
from apps.search.services import index_resources
from apps.search.tests.factories import make_found
from apps.web.questions import ALTERNATIVES_MAX, read_question
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


def boxes(html: str, name: str) -> dict[str, tuple[str, bool]]:
    """The choices of a group of the filter form: value, (kind, whether it is ticked)."""
    found = re.findall(rf'<input id="f-{name}-([^"]*)" type="(\w+)" name="{name}" value="[^"]*"( checked)?>', html)
    return {value: (kind, bool(is_on)) for value, kind, is_on in found}


def test_several_categories_are_alternatives(client: Client) -> None:
    html = page(client, "category=restaurants&category=donnees-climat")
    assert "Chez Wouri" in html
    assert "Pluviométrie" in html
    assert "Paie API" not in html
    assert boxes(html, "category") == {
        "restaurants": ("checkbox", True), "donnees-climat": ("checkbox", True), "api-paiement": ("checkbox", False),
        "identite-passeports": ("checkbox", False),
    }  # fmt: skip
    assert re.search(r'value="identite-passeports">Identité et passeports<span class="n num">2<', html), "counted as if none was chosen"
    # Either can be taken off, and what is left is a page of its own.
    assert 'href="/fr/c/restaurants/"' in html
    assert 'href="/fr/c/donnees-climat/"' in html
    assert '<h1 tabindex="-1" data-heading>Climat, Restaurants</h1>' in html
    assert page(client, "category=restaurants,donnees-climat").count("<article") == 3


def test_several_quarters_are_alternatives(client: Client, catalogue: Catalogue) -> None:
    assert catalogue.business.city is not None
    bali = make_quarter(slug="bali", name="Bali", city=catalogue.business.city)
    make_found(name="Bar de Bali", category=catalogue.business.category, city=catalogue.business.city, quarter=bali)
    deido = make_quarter(slug="deido", name="Deïdo", city=catalogue.business.city)
    make_found(name="Bar de Deïdo", category=catalogue.business.category, city=catalogue.business.city, quarter=deido)
    html = page(client, "city=douala&quarter=akwa&quarter=bali")
    assert "Bar de Bali" in html
    assert "Chez Wouri" in html
    assert "Bar de Deïdo" not in html
    assert boxes(html, "quarter") == {"akwa": ("checkbox", True), "bali": ("checkbox", True), "deido": ("checkbox", False)}
    assert re.search(r'value="deido">Deïdo<span class="n num">1<', html)
    assert 'href="/fr/recherche/?city=douala&amp;quarter=bali"' in html


def test_a_part_of_what_is_ticked_narrows() -> None:
    asked = read_question(QueryDict("category=restauration&category=restaurants&quarter=b,a&quarter=b&quarter=/"))
    assert asked.category == ("restaurants",)
    assert asked.quarter == ("a", "b")
    assert len(read_question(QueryDict("&".join(f"category=c{number}" for number in range(500)))).category) == ALTERNATIVES_MAX


def test_of_several_the_one_that_nobody_knows_is_let_go(client: Client) -> None:
    html = page(client, "category=restaurants&category=licorne")
    assert "« licorne »" in html
    assert 'href="/fr/c/restaurants/">Sans « licorne » (2)' in html


def test_ways_out_name_all_that_is_dropped(client: Client) -> None:
    html = page(client, "category=donnees-climat&category=api-paiement&q=wouri")
    assert 'href="/fr/recherche/?q=wouri">Sans « API de paiement, Climat » (1)' in html
