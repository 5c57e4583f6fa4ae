"""The desk for payments in Chromium: readable on a phone and a desk, without one violation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from apps.billing.choices import CaseKind
from apps.billing.services import refunds
from apps.billing.services.cases import open_case
from apps.billing.tests.issuing import issued_invoice
from apps.billing.tests.test_payment_desk import busy_payment
from tests.browser.looking import violations
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]


def test_it_works(page: Page, live_server: LiveServer) -> None:
    user, at = make_person(), timezone.now()
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    payment = busy_payment()
    case = open_case(kind=CaseKind.STUCK, payment=payment, detail="Sans réponse depuis hier", at=at)
    paid = issued_invoice().payments.get()
    refund = refunds.request_refund(payment_id=paid.pk, amount=1000, motive="Doublon", actor=user, at=at)
    log_in(page, live_server)
    page.wait_for_url("**/compte/**")
    paths = {
        "payments": "payment/", "payment": f"payment/{payment.pk}/change/", "paid": f"payment/{paid.pk}/change/",
        "case": f"case/{case.pk}/change/", "refund": f"refund/{refund.pk}/change/", "read": "statement/read/",
        "operators": "providerstate/",
    }  # fmt: skip
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for name, path in paths.items():
            page.goto(f"{live_server.url}/admin/billing/{path}")
            for summary in page.locator(".desk summary").all():
                summary.click()
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"desk-{name}-{width}.png", full_page=True)
            # The lists are Django's own.
            if name not in {"payments", "operators"}:
                assert violations(page) == [], (name, width)
            beyond = page.evaluate("document.querySelector('.desk') ? document.querySelector('.desk').scrollWidth > innerWidth : false")
            assert not beyond, (name, width)
