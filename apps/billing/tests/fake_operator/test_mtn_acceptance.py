"""MTN's acceptance sheet for Collection, line by line, in both environments, and the reasons of its sandbox numbers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import Mtn, basic


@pytest.fixture(params=["mtncameroon", "sandbox"])
def client(mtn: Mtn, request: pytest.FixtureRequest) -> Mtn:
    return Mtn(mtn.http, request.param)


def good_phone(client: Mtn) -> str:
    return "46733123999" if client.environment == "sandbox" else "237653456789"


def test_bad_subscription_key(client: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.options(credentials={"mtn.collection.subscription_key": "good"})
    assert client.token(key="bad").status_code == 401
    assert "invalid subscription key" in client.token(key="bad").json()["message"]
    assert client.token(key="good").status_code == 200


def test_bad_api_key(client: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.options(credentials={"mtn.collection.api_key": "good"})
    answer = client.token()
    assert (answer.status_code, answer.json()) == (500, {"error": "login_failed"})
    assert client.token(headers={"Authorization": basic("user", "good")}).status_code == 200


def test_two_tokens_in_a_row_are_both_good(client: Mtn) -> None:
    first, second = client.token().json()["access_token"], client.token().json()["access_token"]
    assert first != second
    for text in (first, second):
        client.tokens["collection"] = text
        assert client.submit(good_phone(client)).status_code == 202


@pytest.mark.parametrize(
    ("phone", "status", "reason"),
    [
        ("237653456789", "SUCCESSFUL", None),
        ("237653456039", "FAILED", "APPROVAL_REJECTED"),
        ("237653456129", "PENDING", None),
    ],
)
def test_approve_reject_and_nothing_in_cameroon(mtn: Mtn, phone: str, status: str, reason: str | None) -> None:
    found = mtn.pay(phone)
    assert (found["status"], found.get("reason")) == (status, reason)


def test_a_prompt_that_times_out(mtn: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("expired", phone="653456789")
    found = mtn.pay()
    assert (found["status"], found["reason"]) == ("FAILED", "EXPIRED")


def test_duplicate_reference(client: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    assert client.submit(good_phone(client), reference).status_code == 202
    for again in (reference, reference.upper()):
        answer = client.submit(good_phone(client), again)
        assert (answer.status_code, answer.json()["code"]) == (409, "RESOURCE_ALREADY_EXIST")
    truth = fake_operator.movement(reference)
    assert truth is not None
    assert (truth["submits"], truth["accepted"], truth["debits"]) == (3, 1, 1)


@pytest.mark.parametrize("name", ["currency", "amount"])
def test_missing_currency_or_amount(client: Mtn, name: str) -> None:
    without: dict[str, Any] = {name: None}
    answer = client.submit(good_phone(client), **without)
    assert (answer.status_code, answer.content) == (400, b"")


def test_too_high_an_amount_is_accepted_and_fails(mtn: Mtn) -> None:
    found = mtn.pay(amount="500001")
    assert (found["status"], found["reason"]) == ("FAILED", "PAYER_LIMIT_REACHED")


@pytest.mark.parametrize("phone", ["+237653456789", "237 653456789", "abc", "", "2376"])
def test_bad_payer(client: Mtn, phone: str) -> None:
    assert client.submit(phone).status_code == 400


def test_a_payer_without_an_account(mtn: Mtn) -> None:
    assert mtn.pay("237653456029")["reason"] == "PAYER_NOT_FOUND"


@pytest.mark.parametrize("environment", ["mtnuganda", "MTNCAMEROON", ""])
def test_bad_target_environment(client: Mtn, environment: str) -> None:
    answer = client.submit(good_phone(client), headers={"X-Target-Environment": environment})
    assert (answer.status_code, answer.json()["code"]) == (500, "NOT_ALLOWED_TARGET_ENVIRONMENT")


@pytest.mark.parametrize("authorization", ["Bearer nothing", "Bearer", "Basic YTpi", ""])
def test_bad_token(client: Mtn, authorization: str) -> None:
    assert client.submit(good_phone(client), headers={"Authorization": authorization}).status_code == 401


def test_unknown_reference(client: Mtn) -> None:
    answer = client.query(str(uuid.uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_FOUND")
    assert client.query("12").status_code == 400


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("50", "INTERNAL_PROCESSING_ERROR"),
        ("51", "APPROVAL_REJECTED"),
        ("52", "EXPIRED"),
        ("55", "PAYER_NOT_FOUND"),
        ("56", "PAYEE_NOT_ALLOWED_TO_RECEIVE"),
        ("57", "NOT_ALLOWED"),
        ("58", "NOT_ALLOWED_TARGET_ENVIRONMENT"),
        ("59", "INVALID_CALLBACK_URL_HOST"),
        ("60", "INVALID_CURRENCY"),
        ("61", "INTERNAL_PROCESSING_ERROR"),
        ("62", "SERVICE_UNAVAILABLE"),
        ("63", "COULD_NOT_PERFORM_TRANSACTION"),
    ],
)
def test_every_doomed_sandbox_payment_is_accepted_first(mtn_sandbox: Mtn, last: str, reason: str) -> None:
    found = mtn_sandbox.pay(f"467331234{last}")
    assert (found["status"], found["reason"], found["currency"]) == ("FAILED", reason, "EUR")
    assert "financialTransactionId" not in found


def test_the_slow_sandbox_numbers(mtn_sandbox: Mtn, fake_operator: FakeOperator) -> None:
    ongoing, delayed = str(uuid.uuid4()), str(uuid.uuid4())
    mtn_sandbox.submit("46733123453", ongoing)
    mtn_sandbox.submit("46733123454", delayed)
    assert [mtn_sandbox.query(one).json()["status"] for one in (ongoing, delayed)] == ["PENDING", "PENDING"]
    fake_operator.advance(31)
    assert [mtn_sandbox.query(one).json()["status"] for one in (ongoing, delayed)] == ["PENDING", "SUCCESSFUL"]


def test_ordinary_sandbox_numbers_pay_at_once(mtn_sandbox: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.options(delay_s=60)
    assert mtn_sandbox.pay("46733123999", amount="50.25")["status"] == "SUCCESSFUL"
