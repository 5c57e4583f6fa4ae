"""Every page answers, in both languages, with what it promises."""

from __future__ import annotations

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.catalog.choices import ListingRight
from apps.catalog.models import Resource, SlugHistory
from apps.catalog.services.entitlements import set_entitlements
from apps.catalog.tests.factories import AT, make_resource
from apps.core.process_cache import clear_process_caches
from apps.search.tests.factories import make_found
from apps.web.tests.conftest import Catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

PAGES = [
    "/fr/", "/fr/recherche/", "/fr/recherche/?q=wouri", "/fr/recherche/?q=zzzz", "/fr/c/restauration/", "/fr/c/restaurants/",
    "/fr/regions/littoral/", "/fr/douala/", "/fr/douala/restaurants/", "/fr/douala/akwa/restaurants/", "/fr/fiche/chez-wouri/",
    "/fr/fiche/exemple-le-kotto/", "/fr/fiche/carte-identite/", "/fr/fiche/pluviometrie/", "/fr/fiche/paie-api/",
    "/fr/fiche/pharmacie-nue/", "/fr/legal/mentions/", "/fr/legal/confidentialite/", "/fr/legal/conditions/", "/fr/credits/",
]  # fmt: skip


def body(client: Client, path: str, status: int = 200, headers: dict[str, str] | None = None) -> str:
    """The page as text."""
    response = client.get(path, headers=headers)
    assert response.status_code == status, (path, response.status_code, response.get("Location"))
    return response.content.decode()


def json_ld(html: str) -> list[dict[str, object]]:
    """The structured data of a page."""
    return [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_its_language(client: Client, path: str, language: str) -> None:
    html = body(client, path.replace("/fr/", f"/{language}/", 1))
    assert f'<html lang="{language}"' in html
    assert html.count("<h1") == 1
    title = re.search(r"<title>(.*?)</title>", html)
    assert title is not None
    assert len(title[1].replace("&#x27;", "'").replace("&amp;", "&")) < 60, title[1]
    for data in json_ld(html):
        assert data["@context"] == "https://schema.org"
    assert "{{" not in html
    assert "None" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES)
def test_twins_name_each_other(client: Client, path: str) -> None:
    """Each page names all its languages and x-default, and its twin names the same."""

    def twins(html: str) -> dict[str, str]:
        return dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', html))

    here = twins(body(client, path))
    assert set(here) == {"fr", "en", "x-default"}
    assert here["x-default"] == here["fr"]
    there = twins(body(client, here["en"].removeprefix("http://testserver").replace("&amp;", "&")))
    assert there == here


@pytest.mark.parametrize(
    ("path", "most"),
    [("/fr/", 4), ("/fr/recherche/", 4), ("/fr/douala/restaurants/", 6), ("/fr/recherche/?q=wouri", 6), ("/fr/fiche/chez-wouri/", 5),
     ("/fr/legal/mentions/", 1), ("/fr/credits/", 0)],
)  # fmt: skip
def test_a_warm_page_asks_the_database_little(client: Client, path: str, most: int) -> None:
    """The first visit fills what the process and Redis keep; on a busy machine Redis may miss one visit, not three."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    client.get(path)
    assert min(asked() for _visit in range(3)) <= most


def test_statements_do_not_grow_with_the_catalogue(client: Client, catalogue: Catalogue) -> None:
    def cold() -> int:
        clear_process_caches()
        with CaptureQueriesContext(connection) as asked:
            client.get("/fr/recherche/?has=terrace")
        return len(asked)

    before = min(cold() for _visit in range(3))  # on a busy machine Redis may miss one visit, not three
    for number in range(15):
        make_found(name=f"Bar {number}", category=catalogue.business.category, city=catalogue.business.city, attributes=["terrace"])
    assert min(cold() for _visit in range(3)) <= before + 1  # the count, asked only when a second page exists


def test_the_root_leads_to_the_visitors_language(client: Client) -> None:
    assert client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})["Location"] == "/en/"
    assert client.get("/", headers={"Accept-Language": "de"})["Location"] == "/fr/"
    response = client.get("/")
    assert response["Location"] == "/fr/"
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/fr/recherche/?q=&location=", "/fr/recherche/"),
        ("/fr/recherche/?q=wouri&location=&type=", "/fr/recherche/?q=wouri"),
        ("/fr/recherche/?location=Douala", "/fr/douala/"),
        ("/fr/recherche/?location=akwa", "/fr/recherche/?city=douala&quarter=akwa"),
        ("/fr/recherche/?location=Coast", "/fr/regions/littoral/"),
        ("/fr/recherche/?city=douala&category=restaurants&page=2", "/fr/douala/restaurants/?page=2"),
        ("/fr/douala/?category=restaurants", "/fr/douala/restaurants/"),
        ("/fr/douala/?open_now=1", "/fr/recherche/?city=douala&open_now=1"),
        ("/fr/recherche/?q=bar&location=Douala&fbclid=x", "/fr/recherche/?q=bar&city=douala"),
    ],
)
def test_a_question_has_one_address(client: Client, asked: str, leads_to: str) -> None:
    response = client.get(asked)
    assert response.status_code == 302
    assert response["Location"] == leads_to


def test_a_slash_is_added_to_pages_and_not_to_files(client: Client) -> None:
    assert client.get("/fr/douala?page=2")["Location"] == "/fr/douala/?page=2"
    assert client.get("/robots.txt/").status_code == 404
    assert client.get("/problems/not-found").status_code == 200


def test_unknown_parameters_are_ignored_and_kept_out_of_links(client: Client) -> None:
    html = body(client, "/fr/douala/?utm_source=x&fbclid=y")
    assert "utm_source" not in html.split("</head>")[0]
    assert "fbclid" not in re.sub(r'name="next" value="[^"]*"', "", html)


def test_search_and_filters_work_as_plain_links_and_forms(client: Client) -> None:
    html = body(client, "/fr/recherche/?q=wouri&city=douala&has=terrace&verified=1")
    assert "Chez Wouri" in html
    assert 'name="has" value="terrace"' in html or "Terrasse" in html
    assert 'href="/fr/recherche/?q=wouri&amp;city=douala&amp;verified=1"' in html
    assert '<input type="hidden" name="city" value="douala">' in html
    assert 'type="submit"' in html


def test_htmx_gets_the_part_alone_and_caches_keep_both(client: Client) -> None:
    response = client.get("/fr/douala/", headers={"HX-Request": "true", "HX-Target": "resultats"})
    part = response.content.decode()
    assert part.lstrip().startswith('<div class="sr-main" id="resultats">')
    assert "<html" not in part
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in response["Vary"].split(",")}
    assert "<html" in body(client, "/fr/douala/", headers={"HX-Request": "true", "HX-Target": "autre"})


def test_landing_pages_are_indexed_only_when_they_hold_something(client: Client, catalogue: Catalogue) -> None:
    thin = body(client, "/fr/douala/restaurants/")
    assert 'content="noindex,follow"' in thin
    assert 'rel="canonical"' not in thin
    for number in range(3):
        make_found(name=f"Table {number}", category=catalogue.business.category, city=catalogue.business.city)
    clear_process_caches()
    cache.clear()  # a test that is rolled back never tells the search to forget its answers
    full = body(client, "/fr/douala/restaurants/")
    assert '<link rel="canonical" href="http://testserver/fr/douala/restaurants/">' in full
    assert "noindex" not in full
    assert {data["@type"] for data in json_ld(full)} == {"ItemList", "BreadcrumbList"}
    filtered = body(client, "/fr/recherche/?city=douala&verified=1")
    assert 'content="noindex,follow"' in filtered
    assert 'rel="canonical"' not in filtered


def test_numbered_pages(client: Client, catalogue: Catalogue) -> None:
    for number in range(45):
        make_found(name=f"Table {number}", category=catalogue.business.category, city=catalogue.business.city)
    clear_process_caches()
    first = body(client, "/fr/douala/restaurants/")
    assert '<b class="text-ink">47 résultats</b>' in first
    assert 'href="/fr/douala/restaurants/?page=2"' in first
    third = body(client, "/fr/douala/restaurants/?page=3")
    assert "/fr/douala/restaurants/?page=3" in re.findall(r'rel="canonical" href="([^"]+)"', third)[0]
    assert third.count('class="listing"') == 7
    beyond = body(client, "/fr/douala/restaurants/?page=9")
    assert "Il n’y a pas autant de pages" in beyond
    assert 'href="/fr/douala/restaurants/"' in beyond


def test_nothing_found_has_ways_out_that_give_results(client: Client) -> None:
    html = body(client, "/fr/recherche/?q=wouri&city=edea")
    ways = re.findall(r'<a class="btn btn-(?:brand|line)" href="(/fr/recherche/[^"]*)"', html)
    assert ways
    for way in ways:
        assert "0 résultat" not in body(client, way.replace("&amp;", "&"))


def test_an_unknown_place_or_category_is_an_empty_page_that_says_so(client: Client) -> None:
    html = body(client, "/fr/recherche/?location=Atlantis")
    assert "«\u00a0Atlantis\u00a0»" in html
    assert 'href="/fr/recherche/"' in html
    assert "licorne" in body(client, "/fr/recherche/?category=licorne")
    for path in ("/fr/c/licorne/", "/fr/atlantis/", "/fr/regions/atlantis/", "/fr/douala/licorne/", "/fr/douala/atlantis/restaurants/"):
        body(client, path, 404)


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "';alert(1)//", "{{7*7}}"])
def test_what_is_typed_is_text(client: Client, attack: str) -> None:
    for name in ("q", "location"):
        response = client.get("/fr/recherche/", {name: attack})
        html = response.content.decode()
        assert response.status_code == 200
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "49" not in (re.search(r"<h1.*?</h1>", html, re.DOTALL) or [""])[0]


def test_a_name_with_html_stays_text_in_structured_data(client: Client, catalogue: Catalogue) -> None:
    resource = make_resource(name="</script><b>Bar", slug="bar-b", category=catalogue.business.category)
    html = body(client, "/fr/fiche/bar-b/")
    assert "</script><b>Bar" not in html
    assert json_ld(html)[0]["name"] == resource.name


def test_languages_of_an_entry(client: Client) -> None:
    assert "Wouri’s" in body(client, "/en/fiche/chez-wouri/")
    assert "Green gate past the petrol station" in body(client, "/en/fiche/chez-wouri/")
    assert "Birth certificate" in body(client, "/en/fiche/carte-identite/")
    assert 'lang="fr"' in body(client, "/en/fiche/carte-identite/").split("<main")[1]


def test_a_business_can_be_called_written_to_and_found(client: Client) -> None:
    html = body(client, "/fr/fiche/chez-wouri/")
    assert 'href="tel:+237670000000"' in html
    assert 'href="tel:+237690000000"' in html
    assert 'href="sms:+237690000000"' in html
    assert 'href="/fr/aller/chez-wouri/whatsapp/"' in html
    assert 'href="/fr/aller/chez-wouri/itineraire/"' in html
    assert "Portail vert après la station" in html
    assert "à 300\u00a0m près" in html
    assert "GET /api/v1/api-resources/chez-wouri" in html
    business = json_ld(html)[0]
    assert business["@type"] == "Restaurant"
    assert business["telephone"] == "+237670000000"
    assert len(business["openingHoursSpecification"]) == 12  # type: ignore[arg-type]  # five days twice, Saturday, Sunday
    assert '<link rel="canonical" href="http://testserver/fr/fiche/chez-wouri/">' in html
    assert "noindex" not in html


def test_an_imaginary_business_calls_nobody(client: Client) -> None:
    html = body(client, "/fr/fiche/exemple-le-kotto/")
    for link in ("tel:", "sms:", "wa.me/237", "/whatsapp/"):
        assert link not in html
    assert '<meta name="robots" content="noindex">' in html
    assert "Exemple imaginaire" in html
    assert "Fermé temporairement" in html
    assert "telephone" not in json_ld(html)[0]
    assert "Exemple" in body(client, "/fr/douala/restaurants/")


def test_hours_that_nobody_knows_are_not_guessed(client: Client) -> None:
    html = body(client, "/fr/fiche/pharmacie-nue/")
    assert "Horaires non confirmés" in html
    assert "openingHours" not in html


def test_the_four_kinds_show_what_matters(client: Client) -> None:
    service = body(client, "/fr/fiche/carte-identite/")
    assert "Acte de naissance" in service
    assert "10\u202f000\u202fF\u202fCFA" in service
    data = body(client, "/fr/fiche/pluviometrie/")
    assert 'href="https://creativecommons.org/licenses/by/4.0/"' in data
    assert "depuis 1990" in data
    assert json_ld(data)[0]["@type"] == "Dataset"
    api = body(client, "/fr/fiche/paie-api/")
    assert "/pay" in api
    assert "curl https://paie.example/pay" in api
    assert json_ld(api)[0]["@type"] == "WebAPI"


def test_who_pays_for_it_has_the_page_alone(client: Client, catalogue: Catalogue) -> None:
    assert "Du même genre" in body(client, "/fr/fiche/chez-wouri/")
    alone = {ListingRight.NO_COMPETITORS: 1, ListingRight.RANK_WEIGHT: 1}
    set_entitlements(resource_id=catalogue.business.pk, values=alone, valid_until=None, at=AT)
    assert "Du même genre" not in body(client, "/fr/fiche/chez-wouri/")


def test_a_former_address_redirects_and_a_deleted_entry_is_gone(client: Client, catalogue: Catalogue) -> None:
    SlugHistory.objects.create(slug="vieux-nom", resource=catalogue.business, created_at=AT)
    response = client.get("/en/fiche/vieux-nom/")
    assert (response.status_code, response["Location"]) == (301, "/en/fiche/chez-wouri/")
    Resource.objects.filter(pk=catalogue.api.pk).update(deleted_at=AT)
    clear_process_caches()
    gone = body(client, "/fr/fiche/paie-api/", 410)
    assert "Cette fiche a été supprimée" in gone
    assert 'role="search"' in gone
    body(client, "/fr/fiche/jamais-vu/", 404)


def test_not_found_offers_the_search_in_the_language_of_the_address(client: Client) -> None:
    french, english = body(client, "/fr/un/deux/trois/quatre/", 404), body(client, "/en/one/two/three/four/", 404)
    assert 'lang="fr"' in french
    assert "This page does not exist" in english
    assert 'action="/en/recherche/"' in english
    assert 'content="noindex"' in french


def test_pages_are_compressed_unless_somebody_is_logged_in(client: Client) -> None:
    import gzip

    import brotli

    plain = client.get("/fr/credits/")
    assert not plain.has_header("Content-Encoding")
    assert "Accept-Encoding" in plain["Vary"]
    packed = client.get("/fr/credits/", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed["Content-Encoding"] == "br"
    assert brotli.decompress(packed.content) == plain.content
    zipped = client.get("/fr/credits/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.content) == plain.content
    client.cookies["sessionid"] = "x"
    assert not client.get("/fr/credits/", headers={"Accept-Encoding": "br"}).has_header("Content-Encoding")


def test_a_visit_leaves_no_cookie(client: Client) -> None:
    for path in ("/fr/", "/fr/douala/", "/fr/fiche/chez-wouri/"):
        assert not client.get(path).cookies, path
