"""pawaPay v2: wrapped answers, rejections, duplicates, refunds, callbacks sent again."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import PawaPay


def code(answer: dict[str, Any]) -> str:
    assert answer["status"] == "REJECTED"
    return str(answer["failureReason"]["failureCode"])


def account(phone: str, provider: str) -> dict[str, Any]:
    return {"type": "MMO", "accountDetails": {"phoneNumber": phone, "provider": provider}}


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("237653456019", "PAYER_LIMIT_REACHED"),
        ("237653456029", "PAYER_NOT_FOUND"),
        ("237653456039", "PAYMENT_NOT_APPROVED"),
        ("237653456069", "UNSPECIFIED_FAILURE"),
        ("237693456019", "PAYER_LIMIT_REACHED"),
        ("237693456049", "INSUFFICIENT_BALANCE"),
        ("237693456069", "UNSPECIFIED_FAILURE"),
    ],
)
def test_numbers_that_fail(pawapay: PawaPay, phone: str, reason: str) -> None:
    deposit = str(uuid.uuid4())
    assert pawapay.submit(phone, deposit)["status"] == "ACCEPTED"
    data = pawapay.query(deposit)["data"]
    assert (data["status"], data["failureReason"]["failureCode"]) == ("FAILED", reason)


@pytest.mark.parametrize("phone", ["237653456129", "237693456129"])
def test_numbers_that_never_end(pawapay: PawaPay, fake_operator: FakeOperator, phone: str) -> None:
    deposit = str(uuid.uuid4())
    pawapay.submit(phone, deposit)
    fake_operator.advance(30 * 24 * 3600)
    assert pawapay.query(deposit)["data"]["status"] == "PROCESSING"


def test_the_outer_status_is_not_that_of_the_payment(pawapay: PawaPay) -> None:
    deposit = str(uuid.uuid4())
    assert pawapay.query(deposit) == {"status": "NOT_FOUND"}
    pawapay.submit(deposit=deposit)
    found = pawapay.query(deposit.upper())
    assert found["status"] == "FOUND"
    assert found["data"].items() >= {
        "depositId": deposit, "amount": "5000.00", "currency": "XAF", "country": "CMR", "metadata": {"orderId": "FA-2026-000123"},
        "payer": account("237653456789", "MTN_MOMO_CMR"), "clientReferenceId": "FA-2026-000123",
    }.items()  # fmt: skip


def test_a_duplicate_is_ignored(pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    deposit = str(uuid.uuid4())
    assert [pawapay.submit(deposit=deposit)["status"] for _ in range(3)] == ["ACCEPTED", "DUPLICATE_IGNORED", "DUPLICATE_IGNORED"]
    assert [(payment["submits"], payment["debits"]) for payment in fake_operator.payments()] == [(3, 1)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"depositId": "12"}, "INVALID_PARAMETER"),
        ({"amount": 5000}, "INVALID_AMOUNT"),
        ({"amount": "05000"}, "INVALID_AMOUNT"),
        ({"amount": "5000.00"}, "INVALID_AMOUNT"),
        ({"amount": "500001"}, "AMOUNT_OUT_OF_BOUNDS"),
        ({"currency": "EUR"}, "INVALID_CURRENCY"),
        ({"customerMessage": "abc"}, "INVALID_PARAMETER"),
        ({"customerMessage": "a" * 23}, "INVALID_PARAMETER"),
        ({"payer": None}, "MISSING_PARAMETER"),
        ({"payer": account("237653456789", "MTN_MOMO_GHA")}, "INVALID_PROVIDER"),
        ({"payer": account("+237653456789", "MTN_MOMO_CMR")}, "INVALID_PHONE_NUMBER"),
        ({"payer": account("237693456789", "MTN_MOMO_CMR")}, "INVALID_PHONE_NUMBER"),
    ],
)
def test_rejections(pawapay: PawaPay, fake_operator: FakeOperator, changed: dict[str, Any], reason: str) -> None:
    assert code(pawapay.submit(**changed)) == reason
    assert fake_operator.payments() == []


def test_tokens(http: httpx.Client, fake_operator: FakeOperator) -> None:
    answer = http.get("/v2/active-conf")
    assert (answer.status_code, answer.json()["failureReason"]["failureCode"]) == (401, "NO_AUTHENTICATION")
    fake_operator.options(credentials={"pawapay.token": "good"})
    answer = http.get("/v2/active-conf", headers={"Authorization": "Bearer bad"})
    assert (answer.status_code, answer.json()["failureReason"]["failureCode"]) == (403, "AUTHENTICATION_ERROR")
    assert http.get("/v2/active-conf", headers={"Authorization": "Bearer good"}).status_code == 200


def test_limits_and_providers(pawapay: PawaPay) -> None:
    country = pawapay.call("GET", "active-conf")["countries"][0]
    assert country["country"] == "CMR"
    assert [provider["provider"] for provider in country["providers"]] == ["MTN_MOMO_CMR", "ORANGE_CMR"]
    limits = country["providers"][0]["currencies"][0]["operationTypes"]["DEPOSIT"]
    assert (limits["maxAmount"], limits["decimalsInAmount"]) == ("500000", "NONE")
    assert "MTN_MOMO_CMR" in str(pawapay.call("GET", "availability"))
    assert pawapay.call("POST", "predict-provider", json={"phoneNumber": "+237 6 93 45 67 89"})["provider"] == "ORANGE_CMR"
    assert "failureReason" in pawapay.call("POST", "predict-provider", json={"phoneNumber": "+33 6"})


def test_refunds_in_parts(pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    deposit, first = str(uuid.uuid4()), str(uuid.uuid4())
    assert code(pawapay.refund(deposit)) == "NOT_FOUND"
    pawapay.submit(deposit=deposit)

    assert pawapay.refund(deposit, "2000", first)["status"] == "ACCEPTED"
    assert pawapay.refund(deposit, "2000", first)["status"] == "DUPLICATE_IGNORED"
    assert code(pawapay.refund(deposit, "3001")) == "AMOUNT_TOO_LARGE"
    assert pawapay.refund(deposit, "3000")["status"] == "ACCEPTED"
    assert code(pawapay.refund(deposit, "1")) == "DEPOSIT_ALREADY_REFUNDED"

    found = pawapay.call("GET", f"refunds/{first}")
    assert (found["status"], found["data"]["status"], found["data"]["amount"]) == ("FOUND", "COMPLETED", "2000.00")
    assert found["data"]["recipient"] == account("237653456789", "MTN_MOMO_CMR")
    assert pawapay.call("GET", f"refunds/{uuid.uuid4()}") == {"status": "NOT_FOUND"}
    assert [(refund["amount"], refund["debits"]) for refund in fake_operator.refunds()] == [(2000, 1), (3000, 1)]


def test_one_refund_at_a_time_and_of_paid_deposits_alone(pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    paid, failed = str(uuid.uuid4()), str(uuid.uuid4())
    pawapay.submit(deposit=paid)
    pawapay.submit("237653456039", failed)
    fake_operator.options(delay_s=60)
    assert code(pawapay.refund(failed)) == "REFUNDS_NOT_ALLOWED"
    assert pawapay.refund(paid, "1000")["status"] == "ACCEPTED"
    assert code(pawapay.refund(paid, "1000")) == "REFUND_IN_PROGRESS"
    fake_operator.advance(61)
    assert pawapay.refund(paid, "1000")["status"] == "ACCEPTED"
