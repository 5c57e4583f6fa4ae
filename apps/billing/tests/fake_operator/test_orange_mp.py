"""Merchant payments of Orange Cameroon, as integrators describe them."""

from __future__ import annotations

from typing import Any

import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import OrangeMp, basic


def test_tokens(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    found = orange_mp.token().json()
    assert (found["token_type"], found["expires_in"], found["scope"]) == ("Bearer", 3600, "am_application_scope default")
    assert orange_mp.token(headers={"Authorization": basic("", "secret")}).status_code == 401
    assert orange_mp.token(data={"grant_type": "password"}).status_code == 400
    orange_mp.init()
    fake_operator.advance(3601)
    assert orange_mp.call("POST", "init").status_code == 401


@pytest.mark.parametrize("header", ["", "user:password", "dXNlcjo=", "é"])
def test_the_second_header_is_needed(orange_mp: OrangeMp, header: str) -> None:
    assert orange_mp.call("POST", "init", headers={"X-AUTH-TOKEN": header.encode()}).status_code == 401


def test_a_bad_word_may_be_named(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    fake_operator.options(credentials={"orange_mp.api_password": "good", "orange_mp.pin": "1234"})
    assert orange_mp.call("POST", "init").status_code == 401


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"orderId": "P" * 21}, "The OrderId field must be at most 20 characters long"),
        ({"subscriberMsisdn": "237693456789"}, "subscriberMsisdn"),
        ({"channelUserMsisdn": "+691000111"}, "channelUserMsisdn"),
        ({"amount": 5000}, "Amount"),
        ({"amount": "5000.0"}, "Amount"),
        ({"pin": "12"}, "Pin"),
        ({"description": "a" * 126}, "Description"),
        ({"payToken": None}, "PayToken"),
    ],
)
def test_fields_that_cannot_be(orange_mp: OrangeMp, changed: dict[str, Any], said: str) -> None:
    answer = orange_mp.submit(orange_mp.init(), **changed)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


def test_a_transaction(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    pay_token = orange_mp.init()
    before = orange_mp.query(pay_token).json()["data"]
    assert before.pop("status") == "INITIATED"
    assert before.pop("payToken") == pay_token
    assert set(before.values()) == {None}, "not started"

    fake_operator.options(delay_s=10)
    found = orange_mp.submit(pay_token).json()
    assert found["message"] == "Merchant payment successfully initiated"
    assert found["data"].items() >= {
        "status": "PENDING", "amount": 5000, "payToken": pay_token, "subscriberMsisdn": "693456789", "txnmode": "PK7Q2M9X4T1B8RZ0VD",
        "inittxnstatus": "200", "confirmtxnstatus": None, "channelUserMsisdn": "691000111",
    }.items()  # fmt: skip
    assert "pin" not in str(fake_operator.payments())

    transaction_id = found["data"]["txnid"]
    assert transaction_id.startswith("MP")

    fake_operator.advance(11)
    found = orange_mp.query(pay_token).json()
    assert found["data"]["txnid"] == transaction_id
    assert found["message"] == "Transaction retrieved successfully"
    assert (found["data"]["status"], found["data"]["confirmtxnstatus"]) == ("SUCCESSFULL", "200")


@pytest.mark.parametrize(
    ("phone", "message", "number"),
    [
        ("693456049", "60019 :: Le solde du compte du payeur est insuffisant", "60019"),
        ("693456029", "60021 :: Beneficiaire introuvable", "60021"),
        ("693456019", "60024::Vous avez saisi un montant superieur au montant maximum autorise", "60024"),
    ],
)
def test_some_refusals_come_at_once(orange_mp: OrangeMp, phone: str, message: str, number: str) -> None:
    pay_token = orange_mp.init()
    answer = orange_mp.submit(pay_token, phone)
    assert (answer.status_code, answer.json()["message"]) == (417, message)
    for data in (answer.json()["data"], orange_mp.query(pay_token).json()["data"]):
        assert (data["status"], data["inittxnstatus"]) == ("FAILED", number)


@pytest.mark.parametrize(("phone", "status"), [("693456039", "CANCELLED"), ("693456069", "FAILED"), ("693456129", "PENDING")])
def test_others_come_later(orange_mp: OrangeMp, phone: str, status: str) -> None:
    pay_token = orange_mp.init()
    assert orange_mp.submit(pay_token, phone).json()["data"]["status"] == "PENDING"
    assert orange_mp.query(pay_token).json()["data"]["status"] == status


def test_what_expired_has_no_fields(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("expired", phone="693456789")
    pay_token = orange_mp.init()
    orange_mp.submit(pay_token)
    data = orange_mp.query(pay_token).json()["data"]
    assert data.pop("status") == "EXPIRED"
    assert set(data.values()) == {None}


def test_a_payment_that_does_not_start_may_be_pushed(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("init_failed_then_push", times=1)
    pay_token = orange_mp.init()
    data = orange_mp.submit(pay_token).json()["data"]
    assert (data["status"], data["inittxnstatus"]) == ("FAILED", "600")
    assert orange_mp.query(pay_token).json()["data"]["status"] == "FAILED"

    answer = orange_mp.call("GET", f"push/{pay_token}")

    assert (answer.status_code, answer.json()["message"]) == (200, "Push sent to customer")
    assert orange_mp.query(pay_token).json()["data"]["status"] == "SUCCESSFULL"
    assert [(payment["debits"], payment["nudges"], payment["submits"]) for payment in fake_operator.payments()] == [(1, 1, 1)]


def test_a_push_rings_again_and_debits_nothing_more(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    pay_token = orange_mp.init()
    assert orange_mp.call("GET", f"push/{pay_token}").status_code == 404, "nothing was asked yet"
    orange_mp.submit(pay_token)
    assert orange_mp.call("GET", f"push/{pay_token}").status_code == 200
    assert [(payment["debits"], payment["nudges"]) for payment in fake_operator.payments()] == [(1, 1)]


def test_to_pay_twice_with_one_token_debits_twice(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    pay_token = orange_mp.init()
    orange_mp.submit(pay_token)
    orange_mp.submit(pay_token)
    assert [(payment["submits"], payment["debits"]) for payment in fake_operator.payments()] == [(2, 2)]
    fake_operator.reset()
    orange_mp.bearer = ""
    fake_operator.options(delay_s=5)
    pay_token = orange_mp.init()
    orange_mp.submit(pay_token)
    orange_mp.submit(pay_token)
    fake_operator.advance(6)
    assert [payment["debits"] for payment in fake_operator.payments()] == [2]


def test_unknown_tokens(orange_mp: OrangeMp) -> None:
    assert orange_mp.query("MP1").status_code == 404
    assert orange_mp.submit("MP1").status_code == 404
    assert orange_mp.call("GET", "push/MP1").status_code == 404
