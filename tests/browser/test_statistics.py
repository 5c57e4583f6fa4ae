"""Figures in Chromium: for the owner on a phone, for the team; accessible, light, and whole without a script."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.analytics.services.demo import Visited, load_demo_events
from apps.billing.services.prices import load_defaults
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_resource
from apps.search.services.demo import load_demo_queries
from tests.browser.looking import faults, first_visit
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]
PAGE, BOARD = "/fr/compte/statistiques/", "/fr/gestion/tableau/"


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
        page.locator(".linechart .plot").first.focus()
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


def test_without_a_script_everything_is_there(page: Page, live_server: LiveServer, listing: Resource) -> None:
    log_in(page, live_server, PAGE)
    bare = page.context.browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})  # type: ignore[union-attr]  # a browser runs it
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one context gives the other takes
    plain = bare.new_page()
    plain.goto(f"{live_server.url}{PAGE}?fiche={listing.slug}")
    for name in ("Vues de la fiche", "Comment on vous trouve", "Quand on vous cherche", "De la liste au contact", "D’où l’on vient"):
        expect(plain.get_by_role("heading", name=name)).to_be_visible()
    expect(plain.get_by_role("img", name="Vues de la fiche : ")).to_be_visible()
    # Nothing that needs a script is offered.
    expect(plain.get_by_role("slider")).to_have_count(0)
    table = plain.get_by_role("table", name="Vues de la fiche")
    expect(table).to_be_hidden()
    plain.get_by_text("Voir les chiffres").click()
    expect(table.get_by_role("row")).to_have_count(31)
    plain.get_by_role("link", name="7 jours").click()
    expect(plain.get_by_text("comparé aux 7 jours d’avant")).to_be_visible()
    expect(plain.get_by_role("link", name="7 jours")).to_have_attribute("aria-current", "true")
    plain.get_by_role("link", name="Appels").click()
    expect(plain.get_by_role("heading", name="Appels", exact=True)).to_be_visible()
    plain.get_by_text("Voir les chiffres").click()
    expect(plain.get_by_role("table", name="Appels").get_by_role("row")).to_have_count(8)
    bare.close()


def test_the_numbers_of_a_chart_are_read_by_pointer_and_keys(page: Page, live_server: LiveServer, listing: Resource) -> None:
    log_in(page, live_server, PAGE)
    page.goto(f"{live_server.url}{PAGE}?fiche={listing.slug}")
    rows = page.locator(".linechart tbody tr").evaluate_all("rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))")
    chart, tip = page.get_by_role("slider", name="Vues de la fiche : "), page.locator(".linechart .tip")
    expect(tip).to_be_hidden()

    def read(place: int) -> None:
        """The place's numbers are shown, and are what a screen reader says."""
        name, views, before, people = rows[place]
        told = [f"{name} · {views}", f"Période d’avant · {before}", *([f"Visiteurs du jour · {people}"] if people else [])]
        expect(tip).to_be_visible()
        assert tip.inner_text() == "\n".join(told)
        expect(chart).to_have_attribute("aria-valuetext", ", ".join(told))
        expect(chart).to_have_attribute("aria-valuenow", str(place + 1))
        plot, shown = chart.bounding_box(), tip.bounding_box()
        assert plot is not None
        assert shown is not None
        assert plot["x"] - 1 <= shown["x"]
        assert shown["x"] + shown["width"] <= plot["x"] + plot["width"] + 1

    chart.focus()
    read(29)
    page.keyboard.press("ArrowLeft")
    read(28)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    read(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    read(8)
    page.keyboard.press("End")
    read(29)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 10 / 29, box["y"] + 60)
    read(10)
    page.mouse.move(box["x"], box["y"] - 200)
    expect(tip).to_be_hidden()
    # The reading line stands on the line that is drawn.
    page.mouse.move(box["x"] + 2, box["y"] + 60)
    read(0)
    height = page.locator(".linechart .cur").evaluate("line => parseFloat(line.style.getPropertyValue('--y'))")
    drawn = page.locator(".linechart .ln").get_attribute("d")
    assert drawn is not None
    assert abs(height - float(drawn.removeprefix("M").split("L")[0].split(" ")[1])) < 0.2


def test_the_page_is_light(page: Page, live_server: LiveServer, listing: Resource) -> None:
    """AN-02: static files in brotli as they leave in production, the page as its view packs it."""
    log_in(page, live_server, PAGE)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{PAGE}?fiche={listing.slug}")
    sizes = first_visit(page, page.url)
    assert sum(sizes.values()) <= 60_000, sizes
    assert sizes["text/html"] <= 10_000, sizes
    assert page.evaluate("document.getElementsByTagName('*').length") <= 1_200
    # Numbers stand before the chart.
    assert page.evaluate(
        "document.querySelector('.kpis').getBoundingClientRect().top < document.querySelector('.chart').getBoundingClientRect().top"
    )
