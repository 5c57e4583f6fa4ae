"""Searching in Chromium, on the demonstration catalogue: by keyboard, by place, on the map, with boxes and the back button."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from apps.search import tally
from tests.browser.looking import READERS, faults, violations

# pytest-django makes a database for tests with this mark only; the rows are committed before, by `site`.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser-pages")]

RESULTS = "/fr/recherche/?type=business&city=douala"
STATES = {
    "results": "recherche/?q=hotel+douala",
    "several": "recherche/?city=douala&category=hotels&category=banques&quarter=akwa&quarter=bonanjo",
    "empty": "recherche/?q=zzzz",
    "nothing open": "recherche/?city=douala&category=cinemas&open_now=1",
    "mistake": "recherche/?q=pharmacei",
    "unknown": "recherche/?category=licorne&category=hotels",
    "near": "recherche/?q=hotel&lat=4.05&lng=9.7&sort=distance",
    "area": "recherche/?bbox=9.6,4,9.8,4.1",
}
DOUALA = {"latitude": 4.05112, "longitude": 9.69784}
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


def asked(page: Page) -> dict[str, list[str]]:
    """The parameters of the page's address."""
    return parse_qs(urlsplit(page.url).query)


def settle(page: Page) -> None:
    """Colours fade for 150 ms; what axe would see in between is not a colour of the page."""
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")


@pytest.mark.parametrize("name", STATES)
def test_no_state_has_an_axe_violation(page: Page, site: str, console: list[str], name: str) -> None:
    for language, width in READERS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site}/{language}/{STATES[name]}")
        assert faults(page) == [], (language, width)
    assert console == []


def test_the_detailed_map_has_no_axe_violation(page: Page, site: str, console: list[str]) -> None:
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(site + RESULTS)
            page.locator("[data-map]").click()
            expect(page.locator(".map-live .pin").first).to_be_visible()
            settle(page)
            assert violations(page) == [], (width, scheme)
    assert console == []


def test_near_me_sorts_by_distance_and_can_be_taken_off(page: Page, context: BrowserContext, site: str) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation(DOUALA)  # type: ignore[arg-type]  # two of its members
    page.goto(site + RESULTS)
    page.locator("[data-near]").click()
    page.wait_for_url(re.compile("sort=distance"))
    # To about a hundred metres: the address may be shared.
    assert asked(page) == {"type": ["business"], "city": ["douala"], "lat": ["4.051"], "lng": ["9.698"], "sort": ["distance"]}
    expect(page.locator("#tri")).to_have_value("distance")
    assert distances(page) == sorted(distances(page))
    assert distances(page)[0] < 5_000
    chip = page.locator(".toolbar .chip-on", has_text="Près de vous")
    chip.click()
    expect(page).to_have_url(site + RESULTS)
    expect(chip).to_have_count(0)


def distances(page: Page) -> list[float]:
    """What the cards say, in metres."""
    words = page.locator(".listing .meta .num").all_inner_texts()
    found = [re.fullmatch(r"([\d,]+)\s(k?m)", text.strip()) for text in words]
    return [float(match[1].replace(",", ".")) * (1000 if match[2] == "km" else 1) for match in found if match]


def test_a_position_that_is_refused_is_said_and_changes_nothing(page: Page, context: BrowserContext, site: str) -> None:
    context.clear_permissions()
    page.goto(site + RESULTS)
    button = page.locator("[data-near]")
    said = page.locator("#annonces").get_attribute("data-no-position") or ""
    assert said
    button.click()
    expect(button).to_have_text(said)
    expect(page.locator("#annonces")).to_have_text(said)
    assert button.get_attribute("aria-busy") is None
    assert page.url == site + RESULTS


def test_what_the_map_shows_can_be_searched(page: Page, site: str, console: list[str]) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site + RESULTS)
    before = count(page)
    page.locator("[data-map]").click()
    expect(page.locator(".map-live .pin").first).to_be_visible()
    expect(page.locator(".map-area")).to_have_count(0)
    # Focus has followed into the map, which the keyboard moves.
    expect(page.locator(".map-live")).to_be_focused()
    for _time in range(2):
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(400)
    area = page.locator(".map-area")
    expect(area).to_have_text("Chercher dans cette zone")
    assert violations(page) == []
    area.click()
    page.wait_for_url(re.compile("bbox="))
    assert "city" not in asked(page)
    assert asked(page)["type"] == ["business"]
    west, south, east, north = (float(part) for part in asked(page)["bbox"][0].split(","))
    assert 9 < west < east < 10.5
    assert 3.5 < south < north < 4.6
    assert 0 < count(page) < before
    expect(page.locator(".toolbar .chip-on", has_text="Zone de la carte")).to_be_visible()
    # The map follows: what it shows now are the entries of the area.
    page.locator("[data-map]").click()
    expect(page.locator(".map-live .pin").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(site + RESULTS)
    assert count(page) == before
    assert console == []


def count(page: Page) -> int:
    """The number of results that the page says."""
    return int(re.sub(r"\D", "", page.locator("[data-say]").inner_text()))


def test_suggestions_by_keyboard(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/fr/")
    field = page.locator(".hero #q")
    box = page.locator("#q-choix")
    field.fill("pharm")
    expect(box).to_be_visible()
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-controls", "q-choix")
    options = remote_options(page, box)
    assert options > 2
    expect(page.locator("#annonces")).to_contain_text(str(options))
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-choix-0")
    expect(page.locator("#q-choix-0")).to_have_attribute("aria-selected", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        assert violations(page) == [], scheme
    # Up from the first is the last, down from the last the first; the focus never leaves the field.
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", f"q-choix-{options - 1}")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-choix-0")
    expect(field).to_be_focused()
    expect(field).to_have_value("pharm")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("pharm")
    assert field.get_attribute("aria-activedescendant") is None


def remote_options(page: Page, box: Locator) -> int:
    """How many the server suggests, once it has answered."""
    expect(box.locator("small", has_text="Catégorie").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return box.locator("[role=option]").count()


def test_enter_takes_the_marked_suggestion_or_searches_what_is_typed(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/fr/")
    field, box = page.locator(".hero #q"), page.locator("#q-choix")
    field.fill("hotel")
    remote_options(page, box)
    category = box.locator("[role=option]", has=page.locator("small", has_text="Catégorie")).first
    label = category.locator("small").inner_text()
    words = category.inner_text().removesuffix(label).strip()
    for _press in range(int((category.get_attribute("id") or "").rsplit("-", 1)[1]) + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value(words)
    expect(box).to_be_hidden()
    expect(page).to_have_url(f"{site}/fr/")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/fr/recherche/"))
    assert asked(page)["q"] == [words]
    # An entry is opened at once.
    page.locator("header #q").fill("saveurs du wouri")
    entry = page.locator("#q-choix [role=option]", has_text="Saveurs du Wouri").first
    expect(entry).to_be_visible()
    for _press in range(int((entry.get_attribute("id") or "").rsplit("-", 1)[1]) + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/fr/fiche/exemple-saveurs-du-wouri/")


def test_boxes_of_one_group_add_up_and_the_back_button_takes_them_off(page: Page, site: str, console: list[str]) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/fr/douala/")
    boxes = page.locator("#filtres input[name=category]")
    first, second = boxes.nth(0).get_attribute("value"), boxes.nth(1).get_attribute("value")
    counts = [int(page.locator(f"label:has(#f-category-{slug}) .n").inner_text()) for slug in (first, second)]
    said = page.locator("[data-say]").inner_text()

    def box(slug: str | None) -> Locator:
        return page.locator(f"#f-category-{slug}")

    box(first).check()
    expect(page).to_have_url(f"{site}/fr/douala/{first}/")
    assert count(page) == counts[0]
    # What else could be ticked is counted as if nothing was.
    expect(page.locator(f"label:has(#f-category-{second}) .n")).to_have_text(str(counts[1]))
    box(second).check()
    expect(page).to_have_url(re.compile(r"category=.*category="))
    expect(page.locator("#n-resultats")).to_contain_text(str(sum(counts)))
    assert count(page) == sum(counts)
    page.go_back()
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(f"{site}/fr/douala/{first}/")
    expect(box(first)).to_be_checked()
    expect(box(second)).not_to_be_checked()
    page.go_back()
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(f"{site}/fr/douala/")
    expect(page.locator("[data-say]")).to_have_text(said)
    expect(box(first)).not_to_be_checked()
    page.go_forward()
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(f"{site}/fr/douala/{first}/")
    expect(box(first)).to_be_checked()
    assert console == []


def test_several_boxes_work_without_a_script(browser: Browser, browser_context_args: dict[str, Any], site: str) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False, "viewport": {"width": 1280, "height": 900}})
    page = context.new_page()
    page.goto(f"{site}/fr/douala/")
    slugs = [page.locator("#filtres input[name=category]").nth(number).get_attribute("value") for number in (0, 1)]
    for slug in slugs:
        page.locator(f"#f-category-{slug}").check()
    page.locator("#filtres button[type=submit]").click()
    assert asked(page)["category"] == slugs
    assert asked(page)["city"] == ["douala"]
    assert all(page.locator(f"#f-category-{slug}").is_checked() for slug in slugs)
    # What is typed on the map's or the phone's scripts does not show.
    assert page.locator(".js-only:visible").count() == 0
    link = page.locator(".toolbar a", has_text="Enregistrer")
    link.click()
    assert "/fr/compte/login/?next=/fr/compte/recherches/nouvelle/" in page.url.replace("%2F", "/")
    context.close()


def test_the_place_of_an_opened_result_is_counted_and_leaves_the_address(
    browser: Browser, browser_context_args: dict[str, Any], site: str
) -> None:
    cache.clear()
    context = browser.new_context(**{**browser_context_args, "user_agent": PHONE})
    page = context.new_page()
    page.goto(f"{site}/fr/recherche/?q=saveurs+du+wouri")
    page.locator(".listing-title a").first.click()
    expect(page).to_have_url(f"{site}/fr/fiche/exemple-saveurs-du-wouri/")
    counted = tally.read(timezone.localdate())
    assert counted.totals == {"fr|page|s": 1, "fr|page|c": 1, "fr|at|1": 1}
    assert counted.texts == {"fr|saveurs du wouri": {"s": 1, "c": 1, "p": 1}}
    page.go_back()
    expect(page.locator("[data-heading]")).to_contain_text("saveurs du wouri")
    context.close()
