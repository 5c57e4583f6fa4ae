"""What the pages tell of their visitors, in Chromium: by script, and without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect
from pytest_django import DjangoDbBlocker

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.gate import gate
from apps.analytics.models import Event
from apps.analytics.services.draining import drain
from apps.analytics.stream import stream
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource

# pytest-django makes a database for tests with this mark only; the rows are committed before, by `site`.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser-pages")]

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
RESULTS = "/fr/douala/"
TRACK = "/api/v1/analytics/track"


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A browser that does not say that it is driven by a program."""
    return {**browser_context_args, "user_agent": PHONE}


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> Iterator[None]:
    gate.clear()
    stream.forget()
    yield
    stream.forget()


@pytest.fixture
def told(page: Page) -> list[dict[str, Any]]:
    """The events that the page has sent."""
    events: list[dict[str, Any]] = []

    def hear(request: Request) -> None:
        if urlsplit(request.url).path == TRACK:
            events.extend(json.loads(request.post_data or "{}")["events"])

    page.on("request", hear)
    return events


@pytest.fixture(scope="module")
def business(site: str, django_db_blocker: DjangoDbBlocker) -> Resource:  # noqa: ARG001  the rows of `site` end with it
    """One that can be called, written to and found: those of the demonstration cannot."""
    with django_db_blocker.unblock():
        return make_resource(
            slug="chez-wouri",
            latitude=4.0512,
            longitude=9.6979,
            contacts=[{"kind": "phone", "value": "+237670000000", "is_whatsapp": True}],
        )


def counted(listing: Resource) -> list[tuple[int, int]]:
    """Types and channels of a listing's events in the table, in their order."""
    drain(idle_s=0)
    rows = Event.objects.filter(resource_number=listing.number, verdict=Verdict.COUNTED).order_by("created_at")
    return list(rows.values_list("event_type", "channel"))


def test_a_visit_is_told_and_counted(page: Page, site: str, business: Resource, told: list[dict[str, Any]], console: list[str]) -> None:
    listing = business
    with page.expect_request(f"**{TRACK}"):
        page.goto(f"{site}/fr/fiche/{listing.slug}/?utm_campaign=fete")
    call = page.locator('main a[href^="tel:"]').locator("visible=true").first
    # Nothing on this machine answers a call.
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    with page.expect_request(f"**{TRACK}"):
        call.click()
    assert [(event["type"], event.get("channel")) for event in told] == [("view", None), ("contact", "call")]
    assert {event["resource"] for event in told} == {listing.slug}
    page.wait_for_load_state("networkidle")
    assert counted(listing) == [(EventType.VIEW, Channel.NONE), (EventType.CONTACT, Channel.CALL)]
    assert set(Event.objects.filter(resource_number=listing.number).values_list("source", "campaign")) == {(SourceClass.CAMPAIGN, "fete")}
    assert console == []


def test_a_list_tells_what_was_seen_and_what_was_opened(page: Page, site: str, told: list[dict[str, Any]]) -> None:
    with page.expect_request(f"**{TRACK}"):
        page.goto(site + RESULTS)
    first = page.locator("[data-card]").first
    slug = first.get_attribute("data-card")
    assert [(event["type"], event["position"]) for event in told if event["resource"] == slug] == [("impression", 1)]
    assert {event["type"] for event in told} == {"impression"}
    seen = len(told)
    assert seen < page.locator("[data-card]").count()
    first.locator("a[href*='/fiche/']").first.click()
    expect(page.locator("[data-listing]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [(event["type"], event.get("position")) for event in told[seen:]] == [("click", 1), ("view", None)]
    listing = Resource.objects.get(slug=slug)
    kinds = [kind for kind, _channel in counted(listing)]
    assert sorted(kinds) == [EventType.VIEW, EventType.IMPRESSION, EventType.CLICK]
    view = Event.objects.get(resource_number=listing.number, event_type=EventType.VIEW)
    assert view.source == SourceClass.OUR_LIST
    assert view.city_number == listing.city.number  # type: ignore[union-attr]  # of the list it has one


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_who_asks_not_to_be_followed_counts_in_totals_alone(
    page: Page, site: str, business: Resource, told: list[dict[str, Any]], signal: str
) -> None:
    listing = business
    value = "true" if signal == "globalPrivacyControl" else "'1'"
    page.add_init_script(f"Object.defineProperty(Navigator.prototype, '{signal}', {{ get: () => {value} }})")
    with page.expect_request(f"**{TRACK}"):
        page.goto(f"{site}/fr/fiche/{listing.slug}/?utm_campaign=fete")
    page.wait_for_load_state("networkidle")
    assert told == [{"dnt": True, "type": "view", "resource": listing.slug}]
    drain(idle_s=0)
    event = Event.objects.get(resource_number=listing.number)
    assert (event.verdict, event.visitor, event.source, event.city_number, event.campaign) == (0, None, SourceClass.UNKNOWN, None, "")


def test_nothing_is_kept_in_the_browser(page: Page, context: BrowserContext, site: str, business: Resource) -> None:
    before = {cookie["name"] for cookie in context.cookies()}
    with page.expect_request(f"**{TRACK}"):
        page.goto(f"{site}/fr/fiche/{business.slug}/")
    page.wait_for_load_state("networkidle")
    assert {cookie["name"] for cookie in context.cookies()} - before <= {"csrftoken"}
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize(
    ("way", "host", "event"),
    [
        ("itineraire", "www.openstreetmap.org", (EventType.DIRECTION, Channel.NONE)),
        ("whatsapp", "wa.me", (EventType.CONTACT, Channel.WHATSAPP)),
    ],
    ids=["directions", "whatsapp"],
)
def test_ways_out_work_and_count_without_script(
    browser: Browser, browser_context_args: dict[str, Any], site: str, business: Resource, way: str, host: str, event: tuple[int, int]
) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    led: list[tuple[int, str | None]] = []

    def answer(route: Route) -> None:
        """The click is answered by the site; where it is sent to is noted, and nothing leaves this machine."""
        response = route.fetch(max_redirects=0)
        led.append((response.status, urlsplit(response.headers["location"]).hostname))
        route.fulfill(status=200, body="elsewhere", content_type="text/plain")

    try:
        page = context.new_page()
        page.route("**/aller/**", answer)
        page.goto(f"{site}/fr/fiche/{business.slug}/")
        link = page.locator(f'a[href="/fr/aller/{business.slug}/{way}/"]').locator("visible=true").first
        assert link.get_attribute("rel") == "nofollow noopener"
        link.click()
        expect(page.locator("body")).to_have_text("elsewhere")
    finally:
        context.close()
    assert led == [(302, host)]
    assert counted(business) == [event]
