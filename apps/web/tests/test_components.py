"""What components must hold whatever page they stand on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from apps.web.styleguide import HOURS, sample_listings

pytestmark = pytest.mark.urls("apps.web.tests.styleguide_urls")
TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_works(client: Client, language: str) -> None:
    """Every component renders in both languages, and the page links to its twin."""
    response = client.get(f"/{language}/styleguide/")
    page = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}">' in page
    assert 'hreflang="en"' in page
    assert 'hreflang="fr"' in page
    assert page.count("<h1") == 1


def test_a_page_obeys_the_content_security_policy(client: Client) -> None:
    """No inline script, no style element, no handler: the policy has no exception for them."""
    page = client.get("/fr/styleguide/?recherche=1").content.decode()
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert all('type="application/json"' in script or 'type="application/ld+json"' in script for script in scripts)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert "javascript:" not in page


def test_ids_are_unique(client: Client) -> None:
    page = client.get("/fr/styleguide/").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_opens_with_its_variables(component: Path) -> None:
    text = component.read_text(encoding="utf-8")
    assert re.match(r"(\{% load [a-z0-9 ]+ %\})?(\{# .+ #\}|\{% comment %\})", text)


def test_a_card_calls_the_listing_and_a_fictional_one_calls_nobody() -> None:
    real, fictional = sample_listings()[0], sample_listings()[3]
    with translation.override("fr"):
        assert 'href="tel:+237670000000"' in render_to_string("components/listing_card.html", {"listing": real})
        for name in ("listing_card", "contact_card", "action_bar"):
            html = render_to_string(f"components/{name}.html", {"listing": fictional | {"whatsapp": "+237670000000"}})
            assert "tel:" not in html
            assert "wa.me" not in html


def test_a_paid_place_says_so_and_shares_its_number_with_the_plan() -> None:
    html = render_to_string("components/listing_card.html", {"listing": sample_listings()[0], "number": 3})
    assert "Annonce" in html
    assert 'data-pin="3"' in html


def test_a_photo_has_its_size_and_only_the_first_is_eager() -> None:
    listing = sample_listings()[0]
    first = render_to_string("components/listing_card.html", {"listing": listing, "eager": True})
    other = render_to_string("components/listing_card.html", {"listing": listing})
    assert 'fetchpriority="high"' in first
    assert 'loading="lazy"' in other
    assert 'width="960" height="720" alt="Ndolè"' in other


def test_names_are_escaped() -> None:
    listing = sample_listings()[0] | {"name": '<img src=x onerror="x">', "summary": "<script>"}
    for name in ("listing_card", "listing_tile"):
        html = render_to_string(f"components/{name}.html", {"listing": listing})
        assert "<img src=x" not in html
        assert "<script>" not in html


def test_hours_show_each_span_of_the_day() -> None:
    with translation.override("fr"):
        html = render_to_string("components/hours_table.html", {"hours": HOURS, "today": 0}).replace("\u00a0", " ")
    assert "11 h – 15 h<br>18 h 30 – 23 h" in html
    assert "11 h – minuit" in html
    assert "24 h sur 24" in html
    assert "Dimanche, aujourd’hui" in html


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_missing_page_offers_a_search(language: str) -> None:
    with translation.override(language):
        html = render_to_string("404.html", {}, request=RequestFactory().get(f"/{language}/nulle-part/"))
    assert f'action="/{language}/recherche/"' in html
    assert '<meta name="robots" content="noindex">' in html


def test_the_page_of_a_server_error_needs_nothing_else() -> None:
    text = (TEMPLATES / "500.html").read_text(encoding="utf-8")
    assert "{%" not in text
    assert "{{" not in text
    assert "<style" not in text
    assert not re.findall(r'(?:src|<link[^>]*href)="', text)
    assert 'lang="fr"' in text
    assert 'lang="en"' in text
