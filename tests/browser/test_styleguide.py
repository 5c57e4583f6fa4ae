"""The components in Chromium: accessible, within the page, under the content security policy, with and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import faults, violations

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser-pages"), pytest.mark.urls("apps.web.tests.styleguide_urls")]

PATH = "/fr/styleguide/"


def open_page(page: Page, site: str, width: int, query: str = "") -> None:
    """Load the style guide at this width; the error summary's focus is taken off, so that the page stands at its top."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site + PATH + query)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("query", ["", "?recherche=1"])
def test_no_axe_violation(page: Page, site: str, console: list[str], width: int, query: str) -> None:
    open_page(page, site, width, query)
    assert faults(page) == []
    assert console == []


def test_no_axe_violation_with_things_open(page: Page, site: str) -> None:
    open_page(page, site, 390)
    page.locator("details.menu summary").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("details.menu")).not_to_have_attribute("open", "")
    page.locator(".toolbar [popovertarget=filtres]").click()
    expect(page.locator("#filtres")).to_be_visible()
    assert violations(page) == []
    page.locator(".filters-close").click()
    expect(page.locator("#filtres")).to_be_hidden()
    page.locator("#q").press_sequentially("rest")
    expect(page.locator("#q-choix")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-dialog=supprimer]").click()
    expect(page.locator("#supprimer")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280])
def test_nothing_scrolls_sideways(page: Page, site: str, width: int) -> None:
    open_page(page, site, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.clientWidth") == width


def test_text_at_200_percent_stays_within_a_phone(page: Page, site: str) -> None:
    open_page(page, site, 390)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_whole_card_is_its_target(page: Page, site: str) -> None:
    """Every part of a card leads to the listing, but its call button; the prototype's heading confined the link."""
    open_page(page, site, 1280)
    script = """card => {
        card.scrollIntoView({block: 'center'});
        const box = card.getBoundingClientRect(), link = card.querySelector('h3 a');
        const hits = (x, y) => document.elementFromPoint(box.left + x, box.top + y)?.closest('a') === link;
        const middle = hits(box.width / 2, box.height / 2);
        return [hits(60, box.height - 30), hits(box.width - 20, 20), hits(200, box.height - 24), middle];
    }"""
    for card in page.locator(".listing:has(a), .tilecard").all():
        assert card.evaluate(script) == [True] * 4
    call = page.locator(".listing .acts a").first
    call.scroll_into_view_if_needed()
    assert call.evaluate(
        "a => { const b = a.getBoundingClientRect(); return document.elementFromPoint(b.left + 9, b.top + 9).closest('a') === a }"
    )


def test_the_ring_is_on_the_card(page: Page, site: str) -> None:
    open_page(page, site, 390)
    page.keyboard.press("Tab")
    card = page.locator(".listing").first
    card.locator("h3 a").focus()
    assert card.evaluate("card => getComputedStyle(card).outlineWidth") == "3px"


def test_focus_is_never_hidden_behind_a_bar(page: Page, site: str) -> None:
    """WCAG 2.4.11, which axe cannot see."""
    open_page(page, site, 390)
    hidden = page.evaluate("""() => {
        const out = [];
        const kinds = ['a', 'button', 'input', 'select', 'textarea', 'summary'].map((kind) => `main ${kind}`);
        const all = [...document.querySelectorAll([...kinds, '.foot a'].join())];
        const before = [...all, ...all.toReversed()];
        for (const el of before) {
            if (!el.checkVisibility({visibilityProperty: true})) continue;
            el.focus();
            if (document.activeElement !== el) continue;
            const box = el.getBoundingClientRect();
            const bar = document.querySelector('.actionbar').getBoundingClientRect();
            const head = document.querySelector('.site-head').getBoundingClientRect();
            if (box.height && (box.top >= bar.top - 1 || box.bottom <= head.bottom + 1)) out.push(el.outerHTML.slice(0, 90));
        }
        return out;
    }""")
    assert hidden == []


@pytest.mark.parametrize("width", [390, 1280])
def test_targets_are_at_least_24_px(page: Page, site: str, width: int) -> None:
    open_page(page, site, width)
    small = page.evaluate("""() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden]):not(.vh)')]
        .filter((el) => el.checkVisibility({visibilityProperty: true}) && !el.closest('svg, .vh, [popover]:not(:popover-open)'))
        .filter((el) => !el.closest('.skip'))
        .map((el) => [el.outerHTML.slice(0, 80), el.getBoundingClientRect()])
        .filter(([html, box]) => box.height && box.height < 24 && !html.includes('<a href') && !html.includes('type="checkbox"'))
        .filter(([html]) => !html.includes('type="radio"'))
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
    assert small == []


def test_the_theme_changes_without_a_reload(page: Page, site: str, console: list[str]) -> None:
    open_page(page, site, 1280)
    page.evaluate("window.same = true")
    page.locator(".head-end .to-dark").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#annonces")).to_have_text("Thème sombre")
    expect(page.locator(".head-end .to-light").first).to_be_focused()
    assert page.evaluate("window.same") is True
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["theme"] == "dark"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".foot-prefs button[value='']").first.click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    assert "theme" not in {cookie["name"] for cookie in page.context.cookies()}
    assert console == []


def test_without_a_script_the_page_still_works(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site + PATH)
    expect(page.locator("[data-share]")).to_be_hidden()
    expect(page.locator("[data-copy]")).to_be_hidden()
    expect(page.locator("[data-map]")).to_be_hidden()
    page.locator(".toolbar [popovertarget=filtres]").click()
    expect(page.locator("#filtres")).to_be_visible()
    page.locator(".filters-close").click()
    page.locator("details.menu summary").click()
    page.locator(".menu .to-dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url == site + PATH
    page.locator("#q").fill("ndolè")
    expect(page.locator("#q")).to_have_attribute("list", "q-liste")
    context.close()


def test_the_combobox_by_keyboard(page: Page, site: str) -> None:
    """Accents do not matter, arrows go round, Enter takes, Escape closes, and free text stays."""
    open_page(page, site, 1280)
    field = page.locator("#q")
    field.press_sequentially("VEGETARIENS")
    expect(page.locator("#q-choix [role=option]")).to_have_count(1)
    expect(page.locator("#annonces")).to_have_text("Une suggestion")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-choix-0")
    field.press("Enter")
    expect(field).to_have_value("Restaurants végétariens")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.fill("rest")
    expect(page.locator("#annonces")).to_have_text("2 suggestions")
    field.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "q-choix-1")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-choix-0")
    field.press("Escape")
    expect(page.locator("#q-choix")).to_be_hidden()
    expect(field).to_have_value("rest")
    field.fill("introuvable")
    expect(page.locator("#annonces")).to_have_text("Aucune suggestion")
    expect(field).to_be_focused()


def test_the_detailed_map_comes_when_asked(page: Page, site: str, console: list[str]) -> None:
    open_page(page, site, 1280)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.locator("[data-map=plan-liste]").click()
    expect(page.locator("#plan-liste .leaflet-marker-icon .pin")).to_have_count(5)
    assert any("leaflet/leaflet.js" in url for url in fetched)
    assert all(url.startswith((site, "data:")) for url in fetched)
    page.locator("#plan-liste .leaflet-marker-icon:has(.pin)").first.press("Enter")
    expect(page.locator(".leaflet-popup .link")).to_be_visible()
    assert console == []


def test_offline_is_said(page: Page, site: str) -> None:
    open_page(page, site, 390)
    expect(page.locator("#hors-ligne")).to_be_hidden()
    page.context.set_offline(True)
    expect(page.locator("#hors-ligne")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#hors-ligne")).to_be_hidden()


def test_nothing_moves_while_the_page_loads(page: Page, site: str) -> None:
    page.add_init_script("""window.shift = 0;
        const add = (list) => list.getEntries().forEach((entry) => { window.shift += entry.value; });
        new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});""")
    open_page(page, site, 390)
    expect(page.locator("html")).to_have_class("js")
    assert page.evaluate("document.fonts.ready.then(() => window.shift)") < 0.02
