"""The page on which anybody checks a receipt, in Chromium: accessible at every width, and led to by what is printed."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.billing.check_codes import grouped
from apps.billing.tests.issuing import issued_invoice
from tests.browser.looking import faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]


def test_it_works(page: Page, live_server: LiveServer, console: list[str]) -> None:
    cache.clear()
    code = grouped(str(issued_invoice(totals=(25_000,)).check_code))
    page.goto(f"{live_server.url}/recu/")
    page.get_by_label("Code du reçu").fill(code.lower())
    page.get_by_role("button", name="Vérifier").click()
    expect(page).to_have_url(f"{live_server.url}/recu/{code}")
    expect(page.get_by_role("heading", name="Ce reçu est authentique")).to_be_visible()
    for path in (f"/recu/{code}", "/recu/0000-0000-0000", "/recu/"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + path)
            assert faults(page) == [], (path, width)
    assert console == []
