"""Each rail from token to debit."""

from __future__ import annotations

import uuid

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import Mtn, OrangeMp, OrangeWeb, PawaPay


def test_mtn(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())

    assert mtn.submit("237653456789", reference).status_code == 202
    found = mtn.query(reference).json()

    assert (found["status"], found["amount"], found["currency"]) == ("SUCCESSFUL", "5000", "XAF")
    assert found["financialTransactionId"]
    assert reference not in str(found)
    truth = fake_operator.movement(reference)
    assert truth is not None
    assert (truth["status"], truth["debits"], truth["submits"], truth["accepted"]) == ("succeeded", 1, 1, 1)


def test_orange_web(orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    answer = orange_web.submit("P123")
    assert answer.status_code == 201
    page = answer.json()
    assert orange_web.query("P123", page["pay_token"]).json()["status"] == "INITIATED"

    fake_operator.confirm("P123", "693456789")

    seen = orange_web.query("P123", page["pay_token"])
    assert (seen.status_code, seen.json()["status"], seen.json()["order_id"]) == (201, "SUCCESS", "P123")
    assert seen.json()["txnid"].startswith("MP")


def test_orange_mp(orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    pay_token = orange_mp.init()

    answer = orange_mp.submit(pay_token)

    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "PENDING")
    found = orange_mp.query(pay_token).json()["data"]
    assert (found["status"], found["amount"], found["payToken"], found["txnmode"]) == ("SUCCESSFULL", 5000, pay_token, "PK7Q2M9X4T1B8RZ0VD")
    assert [payment["debits"] for payment in fake_operator.payments()] == [1]


def test_pawapay(pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    deposit = str(uuid.uuid4())

    assert pawapay.submit("237653456789", deposit)["status"] == "ACCEPTED"
    found = pawapay.query(deposit)

    assert found["status"] == "FOUND"
    assert (found["data"]["status"], found["data"]["amount"], found["data"]["depositId"]) == ("COMPLETED", "5000.00", deposit)
    assert [payment["debits"] for payment in fake_operator.payments()] == [1]
