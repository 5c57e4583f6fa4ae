"""The consent page in Chromium: readable by everybody, and it leads back to the application, as no other page may."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.accounts.tests.oauth.partner import AUTHORIZE, SCOPES, Partner, json_of, make_partner
from tests.browser.looking import READERS, faults
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def back(live_server: LiveServer) -> str:
    """The application's own address: another origin on this machine."""
    address = (
        live_server.url.replace("localhost", "127.0.0.1")
        if "localhost" in live_server.url
        else live_server.url.replace("127.0.0.1", "localhost")
    )
    return f"{address}/fr/credits/"


def question(server: LiveServer, partner: Partner, back: str, **changes: str) -> str:
    return f"{server.url}{AUTHORIZE}?{urlencode(partner.question(redirect_uri=back, **changes))}"


def make_both(back: str, *, is_approved: bool = True) -> tuple[User, Partner]:
    person = make_person()
    owner = None if is_approved else person
    return person, make_partner(owner=owner, is_approved=is_approved, redirect_uris=[back], name="Agenda de Bonapriso")


def test_a_person_lets_an_application_in_and_takes_it_back(page: Page, live_server: LiveServer, back: str, console: list[str]) -> None:
    _person, partner = make_both(back)
    page.goto(question(live_server, partner, back))
    page.get_by_label("Adresse e-mail").fill("awa@exemple.cm")
    page.get_by_label("Mot de passe").fill("un mot de passe de phrase")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Agenda de Bonapriso demande à accéder à votre compte")
    page.get_by_label("Lire votre adresse e-mail").uncheck()
    page.get_by_role("button", name="Autoriser").click()
    page.wait_for_url(f"{back}?*")
    said = parse_qs(urlsplit(page.url).query)
    tokens = json_of(partner.redeem(said["code"][0], redirect_uri=back))
    assert set(tokens["scope"].split()) == set(SCOPES) - {"email"}
    assert said["state"] == ["état 1"]
    page.goto(f"{live_server.url}/fr/compte/applications/")
    page.get_by_role("button", name="Retirer l’accès").click()
    expect(page.get_by_text("Aucune application n’a accès")).to_be_visible()
    assert partner.renew(tokens["refresh_token"]).status_code == 400
    assert console == []


def test_no_leads_back_too(page: Page, live_server: LiveServer, back: str) -> None:
    _person, partner = make_both(back)
    log_in(page, live_server)
    page.goto(question(live_server, partner, back))
    page.get_by_role("button", name="Refuser").click()
    page.wait_for_url(f"{back}?*")
    assert "error=access_denied" in page.url


@pytest.mark.parametrize(("language", "width"), READERS)
def test_pages_are_accessible(page: Page, live_server: LiveServer, back: str, width: int, language: str) -> None:
    _person, partner = make_both(back, is_approved=False)
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    found: dict[str, list[str]] = {}
    for name, address in (
        ("consent", question(live_server, partner, back, ui_locales=language)),
        ("error", question(live_server, partner, "https://voleur.cm/", ui_locales=language)),
        ("logout", f"{live_server.url}/identity/o/logout?client_id={partner.client_id}&ui_locales={language}"),
    ):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", language)
        found[name] = faults(page)
    assert {name: rules for name, rules in found.items() if rules} == {}


def test_the_page_speaks_the_language_that_is_asked_for(page: Page, live_server: LiveServer, back: str) -> None:
    _person, partner = make_both(back, is_approved=False)
    log_in(page, live_server)
    page.goto(question(live_server, partner, back, ui_locales="en fr"))
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    expect(page.get_by_text("Application in test:")).to_be_visible()
    page.get_by_role("contentinfo").get_by_role("link", name="Français").click()
    expect(page.get_by_role("button", name="Autoriser")).to_be_visible()
