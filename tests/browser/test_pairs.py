"""The review of possible duplicates in Chromium: readable on a phone and a desk, and decided by keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.catalog.tests.factories import AT, make_category, make_city, make_resource
from apps.ingestion.choices import Verdict
from apps.ingestion.models import Pair
from tests.browser.looking import violations
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]
REASONS = [
    {"code": "name_close", "weight": 2.4, "detail": ""},
    {"code": "at_150m", "weight": 1.8, "detail": "62"},
    {"code": "name_within_500m", "weight": 1.1, "detail": ""},
    {"code": "kind_same", "weight": 0.6, "detail": ""},
    {"code": "phone_other", "weight": -0.7, "detail": ""},
    {"code": "number_one", "weight": -2.0, "detail": ""},
]


def make_pairs() -> list[Pair]:
    category, city, pairs = make_category(slug="autres", name_fr="Pharmacies"), make_city(name_fr="Yaoundé"), []
    for number in range(3):
        common: dict[str, Any] = {"category": category, "city": city}
        first = make_resource(
            name=f"Pharmacie du Soleil Levant {number}", latitude="3.8701", longitude="11.5152", address_line1="Rue 1.750, Bastos",
            description_fr="Une pharmacie de quartier.", **common, contacts=[{"kind": "phone", "value": "+237222000111"}],
        )  # fmt: skip
        second = make_resource(
            name="PHCIE SOLEIL-LEVANT",
            latitude="3.8706",
            longitude="11.5154",
            contacts=[{"kind": "phone", "value": "+237699000222"}],
            **common,
        )
        first, second = sorted((first, second), key=lambda resource: resource.pk)
        pairs.append(Pair.objects.create(first=first, second=second, score=0.5 - number / 10, reasons=REASONS, created_at=AT))
    return pairs


def test_it_works(page: Page, live_server: LiveServer) -> None:
    user = make_person()
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    pairs = make_pairs()
    log_in(page, live_server)
    page.wait_for_url("**/compte/**")
    address = f"{live_server.url}/admin/ingestion/pair/"
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for name, path in (("queue", ""), ("pair", f"{pairs[0].pk}/change/")):
            page.goto(address + path)
            expect(page.locator("h1").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if name == "pair":
                assert violations(page) == []
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    page.keyboard.press("n")
    page.wait_for_url(f"**/{pairs[1].pk}/change/")
    page.keyboard.press("d")
    page.wait_for_url(f"**/{pairs[2].pk}/change/")
    page.keyboard.press("s")
    page.wait_for_url(f"**/{pairs[0].pk}/change/")

    assert [Pair.objects.get(pk=pair.pk).verdict for pair in pairs] == [Verdict.ASK, Verdict.DIFFERENT, Verdict.SAME]
    page.goto(f"{address}{pairs[2].pk}/change/")
    page.get_by_role("button", name="Défaire la fusion").click()
    expect(page.get_by_role("button", name="Même lieu")).to_be_visible()
