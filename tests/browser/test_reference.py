"""Calls tried in the API's reference, with the session of who reads it and with a key of the portal."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


def complaints(console: list[str]) -> list[str]:
    """What the page complains of, but Swagger UI's note to its own makers."""
    return [text for text in console if not text.startswith("Deprecated: escaping deep link")]


def open_operation(page: Page, method: str, path: str) -> Locator:
    """An operation of the reference, ready to be tried."""
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    block = page.locator(f".opblock-{method}", has=page.locator(f'[data-path="{path}"]')).first
    block.locator(".opblock-summary-control").first.click()
    block.get_by_role("button", name="Try it out").click()
    return block


def execute(block: Locator) -> tuple[str, dict[str, object]]:
    """Status and body of the answer that the reference shows."""
    block.get_by_role("button", name="Execute").click()
    row = block.locator(".live-responses-table tr.response").first
    expect(row).to_be_visible()
    return row.locator(".response-col_status").inner_text().split()[0], json.loads(row.locator("pre").first.inner_text())


def test_with_the_session(page: Page, live_server: LiveServer, console: list[str]) -> None:
    person = make_person()
    log_in(page, live_server, "/fr/developpeurs/")
    page.get_by_role("navigation", name="Espace développeur").get_by_role("link", name="Documentation").click()
    status, answer = execute(open_operation(page, "get", "/api/v1/auth/me"))
    assert (status, answer["email"]) == ("200", person.email)
    change = open_operation(page, "patch", "/api/v1/auth/me")
    change.locator("textarea").fill('{"name": "Awa Ngo Bell"}')
    status, answer = execute(change)
    assert (status, answer["name"]) == ("200", "Awa Ngo Bell"), "the token against forgery goes along"
    assert User.objects.get().name == "Awa Ngo Bell"
    assert complaints(console) == []


def test_with_a_new_key(page: Page, live_server: LiveServer, console: list[str]) -> None:
    make_person()
    log_in(page, live_server, "/fr/developpeurs/cles/nouvelle/")
    page.get_by_label("Nom", exact=True).fill("Site web")
    page.get_by_role("button", name="Créer la clé").click()
    page.get_by_role("link", name="L’essayer dans la documentation").click()
    status, answer = execute(open_operation(page, "get", "/api/v1/me/limits"))
    assert (status, answer["caller"]) == ("200", "api_key"), "the key comes before the session"
    assert "romapi_" not in page.url
    assert page.evaluate("sessionStorage.length") == 0
    page.goto("about:blank")
    page.goto(f"{live_server.url}/api/docs")
    status, answer = execute(open_operation(page, "get", "/api/v1/me/limits"))
    assert (status, answer["caller"]) == ("200", "session"), "nothing keeps the key"
    assert complaints(console) == []


def test_with_a_key_given_by_hand(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/api/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("Value:").first.fill("romapi_live_0000")
    page.get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close").first.click()
    block = open_operation(page, "get", "/api/v1/me/limits")
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table tr.response .response-col_status").first).to_contain_text("401")
