"""Figures in Chromium: for the owner on a phone, for the team; accessible, light, and whole without a script."""

from __future__ import annotations

import datetime as dt
import gzip

import brotli
import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, Response
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.analytics.services.demo import Visited, load_demo_events
from apps.billing.services.prices import load_defaults
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_resource
from apps.search.services.demo import load_demo_queries
from tests.browser.looking import faults
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]
PAGE, BOARD = "/fr/compte/statistiques/", "/fr/gestion/tableau/"
TEXT_TYPES = ("text/", "application/javascript", "image/svg+xml")


@pytest.fixture
def owner() -> User:
    cache.clear()
    load_defaults(at=timezone.now())
    return make_person()


@pytest.fixture
def listing(owner: User) -> Resource:
    """A listing with two months of visits and searches."""
    akwa = make_quarter(city=make_city(slug="douala", name_fr="Douala", name_en="Douala"), name="Akwa", slug="akwa")
    food = make_category(slug="restaurants", name_fr="Restaurants", name_en="Restaurants", icon="utensils")
    resource: Resource = make_resource(
        name="Saveurs du Wouri", slug="saveurs-du-wouri", user=owner, category=food, city=akwa.city, quarter=akwa
    )
    at, today = timezone.now(), timezone.localdate()
    load_demo_events([Visited(resource.number, 20, akwa.city.number)], other_cities=[], at=at)
    load_demo_queries([resource], days=[today - dt.timedelta(days=back) for back in range(3)])
    return resource


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible(page: Page, live_server: LiveServer, listing: Resource, console: list[str], width: int) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    make_resource(name="Wouri Traiteur", user=listing.user)
    log_in(page, live_server, PAGE)
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in (PAGE, f"{PAGE}?fiche={listing.slug}", f"/en/compte/statistiques/?fiche={listing.slug}&periode=12m&mesure=appels", BOARD):
        page.goto(live_server.url + path)
        page.locator(".linechart summary").first.click()
        if page.locator("details.menu-left").count():
            page.locator("details.menu-left summary").click()
        found[path] = faults(page)
    Resource.objects.update(deleted_at=timezone.now())
    page.goto(live_server.url + PAGE)
    found["none"] = faults(page)
    assert {path: said for path, said in found.items() if said} == {}
    assert console == []


def test_nothing_scrolls_sideways_and_no_focus_is_hidden(page: Page, live_server: LiveServer, listing: Resource) -> None:
    log_in(page, live_server, PAGE)
    page.goto(f"{live_server.url}{PAGE}?fiche={listing.slug}")
    for width in (320, 390, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.set_viewport_size({"width": 390, "height": 844})
    hidden = page.evaluate("""() => {
        const bar = document.querySelector('.tabbar').getBoundingClientRect();
        return [...document.querySelectorAll('main a, main summary, .foot a')].filter((el) => {
            if (!el.checkVisibility({visibilityProperty: true})) return false;
            el.focus();
            const box = el.getBoundingClientRect();
            return document.activeElement === el && box.height && box.top >= bar.top - 1;
        }).map((el) => el.outerHTML.slice(0, 90));
    }""")
    assert hidden == []


def test_the_page_is_light(page: Page, live_server: LiveServer, listing: Resource) -> None:
    """AN-02: static files in brotli as they leave in production, the page as its view packs it."""
    log_in(page, live_server, PAGE)
    fresh = page.context.browser.new_context(viewport={"width": 390, "height": 844})  # type: ignore[union-attr]  # a browser runs it
    fresh.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one context gives the other takes
    first, answers = fresh.new_page(), list[Response]()
    first.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks the listener, which a method refuses
    first.goto(f"{live_server.url}{PAGE}?fiche={listing.slug}", wait_until="networkidle")
    sizes: dict[str, int] = {}
    for answer in answers:
        kind = answer.headers.get("content-type", "").split(";")[0]
        body = answer.body()
        is_text = kind.startswith(TEXT_TYPES)
        if kind == "text/html":
            assert answer.headers["content-encoding"] == "gzip"
            size = len(gzip.compress(body, 6))
        else:
            size = len(brotli.compress(body)) if is_text else len(body)
        sizes[kind] = sizes.get(kind, 0) + size
    assert sum(sizes.values()) <= 66_000, sizes
    assert sizes["text/html"] <= 10_000, sizes
    assert first.evaluate("document.getElementsByTagName('*').length") <= 1_200
    # Numbers stand before the chart.
    assert first.evaluate(
        "document.querySelector('.kpis').getBoundingClientRect().top < document.querySelector('.chart').getBoundingClientRect().top"
    )
    fresh.close()
