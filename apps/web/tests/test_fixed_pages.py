"""Pages that no entry fills: legal texts, credits, errors, and what programs read of the site."""

from __future__ import annotations

import importlib
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.catalog.choices import Status
from apps.catalog.tests.factories import make_resource
from apps.ingestion.models import RawRecord
from apps.ingestion.tests.factories import make_source
from apps.search.tests.factories import make_found
from apps.web.models import LegalPage
from apps.web.tests.conftest import Catalogue
from apps.web.tests.test_pages import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def test_a_form_without_its_token_is_explained() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/admin/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.content.decode()


def test_legal_pages_are_editable_and_cleaned(client: Client) -> None:
    page = LegalPage.objects.get(slug="mentions")
    assert settings.CONTACT_EMAIL in body(client, "/fr/legal/mentions/")
    assert settings.ABUSE_EMAIL in body(client, "/en/legal/mentions/")
    page.body_fr = "<p>Neuf</p><script>alert(1)</script>"
    page.save()
    html = body(client, "/fr/legal/mentions/")
    assert "<p>Neuf</p>" in html
    assert "alert(1)" not in html
    assert "2024/017" in body(client, "/en/legal/confidentialite/")
    body(client, "/fr/legal/autre/", 404)


def test_credits_name_every_source_of_the_notice(client: Client) -> None:
    html = body(client, "/fr/credits/")
    notice = (settings.BASE_DIR / "NOTICE").read_text(encoding="utf-8")
    for name in ("GeoNames", "Who's On First", "iD tagging schema", "Lucide", "holidays"):
        assert name in notice
        assert name.replace("'", "’") in html


def test_sources_of_published_entries_are_credited(client: Client) -> None:
    cache.clear()
    named = make_source(
        name="Annuaire ouvert", licence="ODbL 1.0", licence_url="https://licence.example/", attribution="© les contributeurs"
    )
    hidden, gone, silent = (make_source(name=name) for name in ("En attente", "Partie", "Muette"))
    gone.withdrawn_at = timezone.now()
    gone.save(update_fields=["withdrawn_at"])
    for source, status in ((named, Status.ACTIVE), (hidden, Status.PENDING), (gone, Status.ACTIVE)):
        RawRecord.objects.create(
            source=source, identity="1", payload=b"{}", payload_hash=bytes(16), outcome="created", resource=make_resource(status=status),
            first_seen_at=timezone.now(), seen_at=timezone.now(), changed_at=timezone.now(),
        )  # fmt: skip
    html = body(client, "/fr/credits/")
    assert "© les contributeurs" in html
    assert 'href="https://licence.example/"' in html
    assert "Annuaire ouvert" in html
    assert not [one.name for one in (hidden, gone, silent) if one.name in html]


def test_each_error_of_the_api_has_its_page(client: Client) -> None:
    from apps.core.api.problem_types import problem_types

    overview = body(client, "/problems/")
    for slug, kind in problem_types().items():
        assert f"/problems/{slug}" in overview
        assert kind.code in body(client, f"/problems/{slug}")
    body(client, "/problems/unknown", 404)


def test_robots_and_icon(client: Client) -> None:
    assert "Sitemap: http://testserver/sitemap.xml" in body(client, "/robots.txt")
    assert client.get("/favicon.ico").status_code == 301


def test_the_sitemap_lists_what_is_indexed(client: Client, catalogue: Catalogue) -> None:
    for number in range(3):
        make_found(name=f"Table {number}", category=catalogue.business.category, city=catalogue.business.city)
    index = ET.fromstring(body(client, "/sitemap.xml"))  # noqa: S314  our own answer
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    files = [loc.text or "" for loc in index.findall(".//s:loc", space)]
    assert files[0] == "http://testserver/sitemap-pages.xml"
    listed: dict[str, dict[str, str]] = {}
    for file in files:
        for row in ET.fromstring(body(client, file.removeprefix("http://testserver"))).findall("s:url", space):  # noqa: S314  our own answer
            twins = {link.attrib["hreflang"]: link.attrib["href"] for link in row.findall("x:link", space)}
            listed[row.findtext("s:loc", "", space)] = twins
    for url, twins in listed.items():
        assert set(twins) == {"fr", "en", "x-default"}
        assert listed[twins["en"]] == twins, url
        assert "noindex" not in body(client, url.removeprefix("http://testserver")), url
    origin = "http://testserver/fr"
    assert f"{origin}/fiche/chez-wouri/" in listed
    assert f"{origin}/douala/restaurants/" in listed
    assert f"{origin}/c/restauration/" in listed
    assert f"{origin}/fiche/exemple-le-kotto/" not in listed
    assert client.get("/sitemap-999999999.xml").status_code == 404


def test_a_sitemap_that_was_read_before_lists_what_came_since(
    client: Client, catalogue: Catalogue, django_capture_on_commit_callbacks: Any
) -> None:
    landing = "http://testserver/fr/douala/restaurants/"
    assert landing not in body(client, "/sitemap-pages.xml")
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            make_found(name=f"Table {number}", category=catalogue.business.category, city=catalogue.business.city)
    assert landing in body(client, "/sitemap-pages.xml")


def test_the_privacy_page_says_how_searches_are_counted(client: Client) -> None:
    """Once, however often the migration runs; a page that staff has rewritten stays theirs."""
    add = importlib.import_module("apps.web.migrations.0003_privacy_of_searches").add
    for _time in range(2):
        add(apps, None)
    assert body(client, "/fr/legal/confidentialite/").count("cinq personnes au moins") == 1
    assert body(client, "/en/legal/confidentialite/").count("once five people at least") == 1
    LegalPage.objects.filter(slug="confidentialite").update(body_fr="<p>Autre</p>")
    add(apps, None)
    assert LegalPage.objects.get(slug="confidentialite").body_fr == "<p>Autre</p>"
