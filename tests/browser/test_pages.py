"""The pages of visitors in Chromium, on the demonstration catalogue: accessible, light, and working in every way of browsing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.looking import faults, violations

# pytest-django makes a database for tests with this mark only; the rows are committed before, by `site`.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser-pages")]

HOME = "/fr/"
RESULTS = "/fr/recherche/?city=douala&type=business"
BUSINESS = "/fr/fiche/exemple-saveurs-du-wouri/"
PAGES = {
    "home": HOME,
    "results": RESULTS,
    "business": BUSINESS,
    "service": "/fr/fiche/carte-nationale-didentite/",
    "data": "/fr/fiche/recensement-general-de-la-population-de-2005-rgph-3/",
    "api": "/fr/fiche/mtn-momo-api/",
    "legal": "/fr/legal/confidentialite/",
    "not found": "/fr/un/deux/trois/quatre/",
    "empty": "/fr/recherche/?q=zzzz",
}
ENGLISH = "/en/fiche/exemple-saveurs-du-wouri/"
TEXT_TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")


@pytest.mark.parametrize("name", PAGES)
def test_no_axe_violation_on_any_width_or_theme(page: Page, site: str, console: list[str], name: str) -> None:
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site + PAGES[name])
        assert faults(page) == [], width
    # The browser itself reports the status of a page that is not there.
    assert [said for said in console if "404 (Not Found)" not in said] == []


def test_no_axe_violation_with_menu_filters_and_folds_open(page: Page, site: str) -> None:
    page.goto(site + RESULTS)
    page.locator("details.menu summary").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".toolbar [popovertarget=filtres]").click()
    expect(page.locator("#filtres")).to_be_visible()
    page.locator("#filtres details summary").first.click()
    assert violations(page) == []
    page.goto(site + BUSINESS)
    page.locator(".hours-fold summary").click()
    assert violations(page) == []
    page.goto(site + HOME)
    page.locator("#categories details summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways(page: Page, site: str, name: str) -> None:
    page.goto(site + PAGES[name])
    for width in (320, 390, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.set_viewport_size({"width": 390, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "text at 200 %"


@pytest.mark.parametrize(("path", "most_kb"), [(HOME, 120), (RESULTS, 120), (BUSINESS, 120)], ids=["home", "results", "detail"])
def test_the_first_visit_of_a_phone_is_light(page: Page, site: str, path: str, most_kb: int) -> None:
    """Budgets of the design page, in brotli as static files and pages leave in production."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks the listener, which a method refuses
    page.goto(site + path, wait_until="networkidle")
    sizes: dict[str, int] = {}
    for answer in answers:
        kind = answer.headers.get("content-type", "").split(";")[0]
        body = answer.body()
        is_text = kind.startswith(TEXT_TYPES)
        size = len(brotli.compress(body, quality=4 if kind == "text/html" else 11)) if is_text else len(body)
        group = "svg" if kind == "image/svg+xml" else kind.split("/")[0] if kind.startswith(("image", "font")) else kind.split("/")[-1]
        sizes[group] = sizes.get(group, 0) + size
    assert len(answers) <= 25, [answer.url for answer in answers]
    assert sizes["html"] <= 15_000, sizes
    assert sizes["css"] <= 15_000, sizes
    assert sizes["javascript"] <= 20_000, sizes
    assert sizes["font"] <= 36_000, sizes
    assert sizes.get("svg", 0) <= 12_000, sizes
    assert sizes.get("image", 0) <= 120_000, sizes
    assert sum(sizes.values()) <= most_kb * 1000, sizes
    assert page.evaluate("document.getElementsByTagName('*').length") <= 1_200


def test_ticking_a_box_filters_at_once_and_back_takes_it_off(page: Page, site: str, console: list[str]) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site + RESULTS)
    before = page.locator("[data-say]").inner_text()
    box = page.locator("#filtres input[name=verified]")
    box.check()
    expect(page).to_have_url(re.compile(r"verified=1"))
    expect(page.locator("[data-say]")).not_to_have_text(before)
    after = page.locator("[data-say]").inner_text()
    expect(page.locator("#annonces")).to_have_text(after)
    assert page.evaluate("document.activeElement.name") == "verified"
    assert page.locator("#n-resultats").inner_text().split()[1] == after.split()[0]
    assert "verified=1" in (page.locator("header a[hreflang=en]").first.get_attribute("href") or "")
    page.reload()
    expect(page.locator("[data-say]")).to_have_text(after)
    expect(box).to_be_checked()
    page.go_back()
    expect(page).to_have_url(site + RESULTS)
    expect(page.locator("[data-say]")).to_have_text(before)
    expect(page.locator("#filtres input[name=verified]")).not_to_be_checked()
    assert console == []


def test_filters_of_a_phone_open_as_a_sheet_and_stay_while_they_work(page: Page, site: str) -> None:
    page.goto(site + RESULTS)
    page.locator(".toolbar [popovertarget=filtres]").click()
    page.locator("#filtres input[name=has][value=parking]").check()
    expect(page).to_have_url(re.compile(r"has=parking"))
    expect(page.locator("#filtres")).to_be_visible()
    page.locator(".filters-close").click()
    expect(page.locator("#filtres")).to_be_hidden()
    expect(page.locator(".toolbar .chip-on", has_text="Parking")).to_be_visible()
    expect(page.locator("#pastille-lieu")).to_contain_text("Parking")


def test_turning_the_page_goes_to_the_heading(page: Page, site: str) -> None:
    page.goto(site + "/fr/douala/")
    page.locator(".pages a[rel=next]").click()
    expect(page).to_have_url(site + "/fr/douala/?page=2")
    expect(page.locator(".pages [aria-current=page]")).to_contain_text("2")
    expect(page.locator("[data-heading]")).to_be_focused()
    page.go_back()
    expect(page.locator(".pages [aria-current=page]")).to_contain_text("1")


def test_everything_works_without_a_script(browser: Browser, browser_context_args: dict[str, Any], site: str) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto(site + HOME)
    page.locator("#q").fill("hotel")
    page.locator("#location").fill("Douala")
    page.locator(".hero form button[type=submit]").click()
    assert page.url == f"{site}/fr/recherche/?q=hotel&city=douala"
    assert "Hôtel" in page.locator(".results").inner_text()
    page.locator(".toolbar [popovertarget=filtres]").click()
    page.locator("#filtres input[name=type][value=business]").check()
    page.locator("#filtres button[type=submit]").click()
    assert "type=business" in page.url
    page.locator("#tri").select_option("newest")
    page.locator(".sort button").click()
    assert "sort=newest" in page.url
    page.locator(".listing-title a").first.click()
    assert "/fr/fiche/" in page.url
    assert page.locator(".js-only:visible").count() == 0
    page.locator("details.menu summary").click()
    page.locator("details.menu form button:visible").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_the_theme_is_kept_and_there_is_no_flash(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site + HOME)
    page.locator(".site-head .to-dark:visible").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    html = page.goto(site + RESULTS)
    assert html is not None
    assert 'data-theme="dark"' in html.text()


@pytest.mark.parametrize("path", [BUSINESS, RESULTS], ids=["detail", "results"])
def test_no_focus_hides_behind_a_bar(page: Page, site: str, path: str) -> None:
    page.goto(site + path)
    hidden = []
    for _step in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate("""() => {
            const el = document.activeElement;
            if (!el || el === document.body || el.closest('.actionbar, .site-head, .skip')) return '';
            const box = el.getBoundingClientRect(), bars = [...document.querySelectorAll('.actionbar, .site-head')];
            const covered = bars.some(bar => { const b = bar.getBoundingClientRect();
                return b.height && box.top >= b.top - 1 && box.bottom <= b.bottom + 1; });
            const out = box.bottom < 0 || box.top > innerHeight;
            return covered || out ? (el.textContent || el.name || el.id).trim().slice(0, 40) + ' ' + Math.round(box.top) : '';
        }""")
        if found:
            hidden.append(found)
    assert hidden == []


def test_calling_and_finding_the_way_take_a_thumb(page: Page, site: str) -> None:
    page.goto(site + BUSINESS)
    for button in page.locator(".actionbar .btn, #coordonnees > p .btn, [data-share]").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48, button.inner_text()


def test_the_whole_entry_works_in_english(page: Page, site: str) -> None:
    page.goto(site + ENGLISH)
    text = page.locator("main").inner_text()
    for french in ("Horaires", "Exemple imaginaire", "À propos", "Itinéraire", "Partager", "Mis à jour"):
        assert french not in text
    page.locator(".foot .pref a[lang=fr]").click()
    expect(page).to_have_url(site + BUSINESS)


def test_photos_are_small(site: str, page: Page) -> None:
    """A card's photo weighs at most 12 kB on a phone, and the first one is fetched first."""
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}) if "/media/" in answer.url else None)
    page.goto(site + HOME, wait_until="networkidle")
    assert sizes
    assert max(sizes.values()) <= 20_000, {Path(url).name: size for url, size in sizes.items()}
