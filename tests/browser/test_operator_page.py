"""The page on which a person pays at the fake operator: accessible, and the same without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import OrangeWeb
from tests.browser.looking import faults


@pytest.fixture
def orange_web(fake_operator: FakeOperator) -> Iterator[OrangeWeb]:
    with httpx.Client(base_url=fake_operator.address, trust_env=False) as http:
        yield OrangeWeb(http)


def opened(orange_web: OrangeWeb, order_id: str, back: str) -> str:
    """Address of the page of a new order; payers come back to `back`."""
    return str(orange_web.submit(order_id, return_url=f"{back}?paid", cancel_url=f"{back}?cancelled").json()["payment_url"])


def test_no_axe_violation_in_any_state(page: Page, console: list[str], orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    back = f"{fake_operator.address}/_control/state"
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        address = opened(orange_web, f"P{width}", back)
        page.goto(address)
        page.get_by_text("Numéros d’essai").click()
        assert faults(page) == [], width
        page.get_by_label("Votre numéro Orange").fill("12")
        page.get_by_role("button", name="Confirmer").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == [], width
        page.get_by_label("Votre numéro Orange").fill("693 45 67 89")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{back}?paid")
        page.goto(address)
        expect(page.get_by_text("Paiement effectué.")).to_be_visible()
        assert faults(page) == [], width
    assert [said for said in console if "422" not in said and "favicon" not in said] == []


def test_a_person_pays_and_cancels_without_scripts(browser: Browser, orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    back = f"{fake_operator.address}/_control/state"
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(opened(orange_web, "P1", back))
    page.get_by_role("button", name="Annuler").click()
    page.wait_for_url(f"{back}?cancelled")
    page.goto(opened(orange_web, "P2", back))
    page.get_by_role("button", name="Confirmer").click()
    page.wait_for_url(f"{back}?paid")
    context.close()
    assert [(payment["order_id"], payment["debits"]) for payment in fake_operator.payments()] == [("P1", 0), ("P2", 1)]
