"""Leaving a listing for its WhatsApp, site or directions, without JavaScript."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.test import Client

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.gate import gate
from apps.analytics.models import Event
from apps.analytics.services.draining import drain
from apps.analytics.stream import stream
from apps.analytics.tests.telling import BROWSER
from apps.catalog.models import SlugHistory
from apps.catalog.services.deletion import delete_resource
from apps.catalog.tests.factories import make_resource
from apps.web.tests.conftest import Catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> None:
    gate.clear()
    stream.forget()


def counted() -> list[tuple[int, int, int, int]]:
    """What is in the table: listing, type, channel, verdict."""
    drain(idle_s=0)
    return list(Event.objects.order_by("created_at").values_list("resource_number", "event_type", "channel", "verdict"))


def test_it_works(client: Client, catalogue: Catalogue) -> None:
    listing = catalogue.business
    html = client.get("/fr/fiche/chez-wouri/", headers=BROWSER).content.decode()
    for way in ("whatsapp", "itineraire"):
        assert f'href="/fr/aller/chez-wouri/{way}/" rel="nofollow noopener"' in html
    answer = client.get("/fr/aller/chez-wouri/whatsapp/", headers={**BROWSER, "Referer": "http://testserver/fr/fiche/chez-wouri/"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("https://wa.me/237670000000?text=")
    assert "Chez Wouri" in unquote(answer["Location"])
    assert "http://testserver/fr/fiche/chez-wouri/" in unquote(answer["Location"])
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    answer = client.get("/en/aller/chez-wouri/itineraire/", headers=BROWSER)
    assert answer["Location"].startswith("https://www.openstreetmap.org/directions?to=4.0512%2C9.6979")
    assert counted() == [
        (listing.number, EventType.CONTACT, Channel.WHATSAPP, Verdict.COUNTED),
        (listing.number, EventType.DIRECTION, Channel.NONE, Verdict.COUNTED),
    ]
    assert set(Event.objects.values_list("source", flat=True)) == {SourceClass.UNKNOWN}


def test_a_site_is_that_of_the_listing_whatever_the_query_says(client: Client) -> None:
    make_resource(slug="hotel-du-lac", contacts=[{"kind": "website", "value": "https://hotel.example/"}])
    html = client.get("/fr/fiche/hotel-du-lac/", headers=BROWSER).content.decode()
    assert "/fr/aller/hotel-du-lac/site/" in html
    assert 'href="https://hotel.example/"' not in html
    answer = client.get("/fr/aller/hotel-du-lac/site/?url=https://ailleurs.example/&next=//ailleurs.example", headers=BROWSER)
    assert answer["Location"] == "https://hotel.example/"


@pytest.mark.parametrize("agent", ["Googlebot/2.1 (+http://www.google.com/bot.html)", "WhatsApp/2.23.20.0 A", "curl/8.5.0", ""])
def test_robots_are_led_on_and_set_aside(client: Client, catalogue: Catalogue, agent: str) -> None:
    answer = client.get("/fr/aller/chez-wouri/whatsapp/", headers={**BROWSER, "User-Agent": agent})
    assert answer.status_code == 302
    assert [verdict for *_event, verdict in counted()] == [Verdict.BOT]
    assert catalogue.business.number == Event.objects.get().resource_number


def test_a_head_is_no_visit(client: Client, catalogue: Catalogue) -> None:
    assert client.head("/fr/aller/chez-wouri/whatsapp/", headers=BROWSER).status_code == 302
    assert counted() == []
    assert catalogue.business.slug == "chez-wouri"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    "path",
    [
        "chez-wouri/autre", "chez-wouri/tel", "personne/whatsapp", "exemple-le-kotto/whatsapp", "carte-identite/itineraire",
        "chez-wouri/whatsapp/x",
    ],
)  # fmt: skip
def test_what_is_not_stored_leads_nowhere(client: Client, path: str) -> None:
    assert client.get(f"/fr/aller/{path}/", headers=BROWSER).status_code == 404
    assert counted() == []


def test_a_former_address_leads_on_and_a_deleted_entry_is_gone(client: Client, catalogue: Catalogue) -> None:
    listing = catalogue.business
    SlugHistory.objects.create(slug="vieux-nom", resource=listing, created_at=listing.created_at)
    answer = client.get("/fr/aller/vieux-nom/whatsapp/", headers=BROWSER)
    assert (answer.status_code, answer["Location"]) == (301, "/fr/aller/chez-wouri/whatsapp/")
    delete_resource(resource_id=listing.pk, at=listing.created_at)
    assert client.get("/fr/aller/chez-wouri/whatsapp/", headers=BROWSER).status_code == 410
    assert counted() == []


def test_crawlers_are_told_to_stay_away(client: Client) -> None:
    rules = client.get("/robots.txt").content.decode()
    assert re.findall(r"Disallow: (/../aller/)", rules) == ["/fr/aller/", "/en/aller/"]
