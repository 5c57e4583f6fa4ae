"""Paying over HTTP: what is taken, what is refused, and what is answered to whom."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.billing.choices import InvoiceState, PaymentState
from apps.billing.models import Invoice, Payment, ProviderCall, ProviderState
from apps.billing.tests.factories import make_invoice, make_payment
from apps.core.models import IdempotentRequest, OutboxEvent

pytestmark = pytest.mark.django_db

PATH = "/api/v1/payments/mobile-money"


@pytest.fixture(autouse=True)
def _mtn(settings: Any) -> None:
    """An operator with a contract, which nobody asks here."""
    settings.MTN_MOMO_BASE_URL = "http://127.0.0.1:9"
    settings.ORANGE_MP_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def api(client: Client, owner: User) -> Any:
    """POST of a body by the owner's key."""
    secret = make_key(owner)[1]

    def post(body: Any, *, key: str | None = "k1", path: str = PATH, secret: str = secret) -> Any:
        headers = {"X-API-Key": secret, **({"Idempotency-Key": key} if key is not None else {})}
        return client.post(path, data=body, content_type="application/json", headers=headers)

    return post


def asked(invoice: Invoice, **changed: Any) -> dict[str, Any]:
    return {"invoice_id": str(invoice.pk), "phone": "6 70 00 01 11", **changed}


def test_it_works(api: Any, owner: User, client: Client) -> None:
    invoice = make_invoice(user=owner)
    response = api(asked(invoice))
    assert response.status_code == 202
    data = response.json()
    payment = Payment.objects.get(pk=data["id"])
    assert (payment.state, payment.amount, payment.provider, payment.operator) == ("created", 2500, "mtn", "mtn")
    assert (data["state"], data["amount"], data["currency"], data["phone"]) == ("created", 2500, "XAF", "+237670000111")
    assert (data["poll_after"], data["may_retry"], data["ussd_code"]) == (3, False, "*126#")
    assert "*126#" in data["instructions"]
    assert response["Location"] == f"http://testserver/api/v1/payments/{payment.pk}"
    assert OutboxEvent.objects.filter(name="billing.payment_created", key=str(payment.pk)).count() == 1
    # No request waits for an operator.
    assert not ProviderCall.objects.exists()
    secret = make_key(owner)[1]
    read = client.get(response["Location"], headers={"X-API-Key": secret})
    assert read.json() == data
    assert (read["Retry-After"], read["X-Quota-Cost"]) == ("3", "0")


@pytest.mark.parametrize("path", [PATH, "/api/payments/mobile-money"])
def test_without_a_key_of_idempotency_nothing_begins(api: Any, owner: User, path: str) -> None:
    response = api(asked(make_invoice(user=owner)), key=None, path=path)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_missing")
    assert not Payment.objects.exists()


def test_the_same_request_is_answered_again_for_thirty_days(api: Any, owner: User) -> None:
    invoice = make_invoice(user=owner)
    first = api(asked(invoice))
    again = api(asked(invoice))
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (202, first.content, "true")
    assert again["Location"] == first["Location"]
    other = api(asked(invoice, phone="670000112"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Payment.objects.count() == 1
    kept = IdempotentRequest.objects.get().expires_at - timezone.now()
    assert dt.timedelta(days=29) < kept <= dt.timedelta(days=30)


def test_a_double_click_is_one_payment(api: Any, owner: User) -> None:
    invoice = make_invoice(user=owner)
    first, second = api(asked(invoice), key="k1"), api(asked(invoice), key="k2")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    other = api(asked(invoice, phone="670000112"), key="k3")
    assert (other.status_code, other.json()["code"], other.json()["payment_id"]) == (409, "payment_running", first.json()["id"])


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"amount": 5}, "/amount"),
        ({"amount": 2500.0}, "/amount"),
        ({"amount": -1}, "/amount"),
        ({"currency": "EUR"}, "/currency"),
        ({"provider": "fake"}, "/provider"),
        ({"callback_url": "https://exemple.cm/"}, "/callback_url"),
        ({"invoice_id": "1"}, "/invoice_id"),
        ({"invoice_id": None}, "/invoice_id"),
        ({"operator": "nexttel"}, "/operator"),
        ({"operator": "fake"}, "/operator"),
        ({"phone": ""}, "/phone"),
        ({"phone": 670000111.5}, None),
        ({"phone": "6" * 41}, "/phone"),
    ],
)
def test_a_body_that_says_more_or_other_is_refused(api: Any, owner: User, changed: dict[str, Any], pointer: str | None) -> None:
    response = api(asked(make_invoice(user=owner), **changed))
    assert response.status_code == 422
    if pointer is not None:
        assert pointer in {error["pointer"] for error in response.json()["errors"]}
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+33612345678", "payer_phone_foreign"),
        ("222 20 00 00", "payer_phone_fixed"),
        ("67000011", "payer_phone_invalid"),
        ("+237 6 70 00 01 1١", "payer_phone_invalid"),
        ("46733123450", "payer_phone_foreign"),
        ("'; DROP TABLE payments; --", "payer_phone_invalid"),
    ],
)
def test_a_phone_that_cannot_pay_is_refused(api: Any, owner: User, phone: str, code: str) -> None:
    response = api(asked(make_invoice(user=owner), phone=phone))
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert not Payment.objects.exists()


def test_a_number_of_neither_operator_asks_whose_it_is(api: Any, owner: User) -> None:
    invoice = make_invoice(user=owner)
    refused = api(asked(invoice, phone="660000111"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/operator"
    # Numbers can be ported: the payer knows better than the prefix.
    taken = api(asked(invoice, phone="670000111", operator="orange"), key="k2")
    assert (taken.status_code, taken.json()["operator"]) == (202, "orange")
    assert Payment.objects.get().provider == "orange_mp"


def test_somebody_elses_invoice_does_not_exist(api: Any) -> None:
    assert api(asked(make_invoice())).status_code == 404
    assert api({"invoice_id": str(uuid.uuid4()), "phone": "670000111"}, key="k2").status_code == 404


def test_a_paid_or_closed_invoice_takes_no_money(api: Any, owner: User) -> None:
    now = timezone.now()
    paid = make_invoice(user=owner, state=InvoiceState.PAID, number="2026-000001", issued_at=now, check_code="ABC", subscription=None)
    assert api(asked(paid), key="k1").json()["code"] == "already_paid"
    endings: list[dict[str, Any]] = [{"state": InvoiceState.VOID}, {"state": InvoiceState.LAPSED}, {"lapses_at": now}]
    for number, fields in enumerate(endings):
        closed = make_invoice(user=make_user(), **fields)
        Invoice.objects.filter(pk=closed.pk).update(user=owner)
        response = api(asked(closed), key=f"c{number}")
        assert (response.status_code, response.json()["code"]) == (422, "payment_refused")
    assert not Payment.objects.exists()


@pytest.mark.parametrize(("total", "bound"), [(95, "amount_min"), (500_005, "amount_max")])
def test_amounts_outside_the_operators_bounds_are_refused(api: Any, owner: User, total: int, bound: str) -> None:
    response = api(asked(make_invoice(user=owner, total=total)))
    assert (response.status_code, response.json()["code"]) == (422, "payment_refused")
    assert bound in response.json()


def test_staff_sets_other_bounds(api: Any, owner: User) -> None:
    ProviderState.objects.create(provider="mtn", amount_min=500, amount_max=2000)
    assert api(asked(make_invoice(user=owner))).json()["amount_max"] == 2000


@pytest.mark.parametrize("state", [{"accepts": False}, {"opened_at": timezone.now(), "probe_at": timezone.now() + dt.timedelta(days=1)}])
def test_an_operator_that_is_off_or_cut_refuses_politely(api: Any, owner: User, state: dict[str, Any]) -> None:
    ProviderState.objects.create(provider="mtn", **state)
    invoice = make_invoice(user=owner)
    response = api(asked(invoice))
    assert (response.status_code, response.json()["code"]) == (503, "operator_unavailable")
    # The other one goes on.
    assert api(asked(invoice, phone="699000222"), key="k2").status_code == 202


def test_a_test_key_pays_test_invoices_with_the_fake_alone(api: Any, owner: User) -> None:
    secret = make_key(owner, livemode=False)[1]
    live, trial = make_invoice(user=owner), make_invoice(user=owner, livemode=False)
    assert api(asked(live), secret=secret).status_code == 404
    assert api(asked(trial)).status_code == 404
    taken = api(asked(trial), secret=secret, key="k2")
    assert (taken.status_code, taken.json()["livemode"]) == (202, False)
    assert Payment.objects.get().provider == "fake"


def test_a_payment_is_its_owners(client: Client, owner: User) -> None:
    payment = make_payment(invoice=make_invoice(user=owner))
    path = f"/api/v1/payments/{payment.pk}"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"X-API-Key": make_key(make_user())[1]}).status_code == 404
    assert client.get(path, headers={"X-API-Key": make_key(owner, livemode=False)[1]}).status_code == 404
    assert client.get(path, headers={"X-API-Key": make_key(owner, scopes=[Scope.PAYMENTS_READ])[1]}).status_code == 200
    assert client.get(path, headers={"X-API-Key": make_key(owner, scopes=[Scope.PAYMENTS_WRITE])[1]}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "words", "poll", "retry"),
    [
        ({"state": PaymentState.UNKNOWN}, "Ne payez pas une seconde fois", 3, False),
        ({"state": PaymentState.UNKNOWN, "mismatch": True}, "notre équipe vérifie", None, False),
        ({"state": PaymentState.FAILED, "reason": "insufficient_funds"}, "solde est insuffisant", None, True),
        ({"state": PaymentState.EXPIRED, "reason": "expired"}, "expiré", 3, True),
        ({"state": PaymentState.SUCCEEDED}, "réussi", None, False),
        ({"state": PaymentState.SUCCEEDED, "late_success": True}, "en retard", None, False),
    ],
)
def test_each_state_is_said_in_plain_words(client: Client, owner: User, fields: Any, words: str, poll: int | None, retry: bool) -> None:
    payment = make_payment(invoice=make_invoice(user=owner), **fields)
    data = client.get(f"/api/v1/payments/{payment.pk}", headers={"X-API-Key": make_key(owner)[1]}).json()
    assert words.replace("’", "'") in data["sentence"].replace("\u00a0", " ").replace("’", "'")
    assert (data["poll_after"], data["may_retry"]) == (poll, retry)


def test_nobody_is_told_to_confirm_what_was_taken_already(client: Client, owner: User) -> None:
    """An answer that does not match may come after the end of the window, whose reason is no longer true."""
    payment = make_payment(invoice=make_invoice(user=owner), state=PaymentState.UNKNOWN, mismatch=True, reason="expired")
    data = client.get(f"/api/v1/payments/{payment.pk}", headers={"X-API-Key": make_key(owner)[1]}).json()
    assert (data["instructions"], data["ussd_code"], data["reason"]) == ("", None, None)


def test_a_page_of_the_operator_is_shown_while_it_lives(client: Client, owner: User) -> None:
    page = "https://webpayment.orange-money.com/payment/pay_token/abc"
    payment = make_payment(invoice=make_invoice(user=owner), provider="orange_web", operator="orange", page_url=page)
    secret = make_key(owner)[1]
    data = client.get(f"/api/v1/payments/{payment.pk}", headers={"X-API-Key": secret}).json()
    assert (data["page_url"], data["ussd_code"]) == (page, None)
    Payment.objects.filter(pk=payment.pk).update(expires_at=timezone.now())
    assert client.get(f"/api/v1/payments/{payment.pk}", headers={"X-API-Key": secret}).json()["page_url"] is None


def test_statements(client: Client, owner: User, api: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = api(asked(make_invoice(user=owner)))
    secret = make_key(owner)[1]
    client.get(first["Location"], headers={"X-API-Key": secret})
    with django_assert_num_queries(2):
        client.get(first["Location"], headers={"X-API-Key": secret})
