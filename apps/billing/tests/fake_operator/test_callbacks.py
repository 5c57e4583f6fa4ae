"""Callbacks: once by default, and in every way that they go wrong."""

from __future__ import annotations

import time
import uuid
from typing import Any

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import Mtn, OrangeMp, OrangeWeb, PawaPay
from apps.billing.tests.fake_operator.receiver import Receiver


def submit(mtn: Mtn, receiver: Receiver, phone: str = "237653456789") -> str:
    reference = str(uuid.uuid4())
    assert mtn.submit(phone, reference, {"X-Callback-Url": receiver.url}, externalId=reference).status_code == 202
    return reference


def settled(fake_operator: FakeOperator, number: int) -> list[dict[str, Any]]:
    """Every delivery, once there are that many."""
    deadline = time.monotonic() + 10
    while len(found := fake_operator.callbacks()) < number and time.monotonic() < deadline:
        time.sleep(0.01)  # between two looks: another process sends them
    assert len(found) == number
    return found


def test_mtn_puts_what_a_query_would_say(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    reference = submit(mtn, receiver)
    taken = receiver.next()
    assert (taken.method, taken.path) == ("PUT", "/hooks/mtn/3fT9wQ")
    assert taken.body == mtn.query(reference).json()
    assert taken.body["externalId"] == reference
    assert settled(fake_operator, 1)[0].items() >= {"reference": reference, "status": 200, "error": "", "url": receiver.url}.items()
    fake_operator.advance(24 * 3600)
    assert len(fake_operator.callbacks()) == 1, "sent once"


def test_a_callback_may_not_hold_the_reference(mtn: Mtn, receiver: Receiver) -> None:
    reference = str(uuid.uuid4())
    mtn.submit("237653456789", reference, {"X-Callback-Url": receiver.url})
    assert reference not in str(receiver.next().body)


def test_post_delay_and_repetition(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.rule(callbacks={"method": "POST", "times": 3, "delay_s": 60, "every_s": 60})
    submit(mtn, receiver)
    assert fake_operator.callbacks() == []
    for number in (1, 2, 3):
        fake_operator.advance(60)
        assert receiver.next().method == "POST"
        settled(fake_operator, number)


def test_a_callback_before_the_answer_to_the_submit(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.options(delay_s=600)
    fake_operator.scenario("early_callback")
    submit(mtn, receiver)
    assert receiver.received.qsize() >= 1, "it was here first"
    assert receiver.next().body["status"] == "SUCCESSFUL"


def test_a_lost_callback(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("lost_callbacks", phone="653456789")
    lost = submit(mtn, receiver)
    told = submit(mtn, receiver, "237653456039")
    assert receiver.next().body["externalId"] == told
    assert mtn.query(lost).json()["status"] == "SUCCESSFUL"
    assert [sent["reference"] for sent in settled(fake_operator, 1)] == [told]


def test_a_forged_callback(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.rule(outcome=[], callbacks={"forged": {"status": "SUCCESSFUL", "amount": "1", "externalId": "nobody"}})
    reference = submit(mtn, receiver)
    body = receiver.next().body
    assert (body["status"], body["amount"], body["externalId"]) == ("SUCCESSFUL", "1", "nobody")
    assert mtn.query(reference).json()["status"] == "PENDING"


def test_one_may_be_sent_by_hand(mtn: Mtn, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("never")
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    fake_operator.send_callback(reference, url=receiver.url, times=2, status="FAILED")
    assert [receiver.next().body["status"] for _ in range(2)] == ["FAILED", "FAILED"]


def test_nothing_leaves_this_machine(mtn: Mtn, fake_operator: FakeOperator) -> None:
    mtn.submit(headers={"X-Callback-Url": "https://pay.example.cm/hooks"})
    sent = settled(fake_operator, 1)[0]
    assert (sent["status"], sent["error"]) == (None, "not sent: another machine")


def test_nobody_listens(mtn: Mtn, fake_operator: FakeOperator) -> None:
    mtn.submit(headers={"X-Callback-Url": "http://127.0.0.1:1/hooks"})
    sent = settled(fake_operator, 1)[0]
    assert (sent["status"], sent["error"]) == (None, "ConnectionRefusedError")


def test_refunds_of_mtn_are_told(mtn: Mtn, receiver: Receiver) -> None:
    payment = str(uuid.uuid4())
    mtn.submit(reference=payment)
    body = {
        "amount": "100", "currency": "XAF", "externalId": "r1", "payerMessage": "a", "payeeNote": "a", "referenceIdToRefund": payment,
    }  # fmt: skip
    headers = mtn.headers("disbursement") | {"X-Reference-Id": str(uuid.uuid4()), "X-Callback-Url": receiver.url}
    mtn.http.post("/disbursement/v1_0/refund", headers=headers, json=body)
    assert receiver.next().body.items() >= {"externalId": "r1", "status": "SUCCESSFUL"}.items()


def test_orange_web_tells_what_was_confirmed_alone(orange_web: OrangeWeb, receiver: Receiver, fake_operator: FakeOperator) -> None:
    page = orange_web.submit("P1", notif_url=receiver.url).json()
    late = orange_web.submit("P2", notif_url=receiver.url).json()
    fake_operator.confirm("P1")
    taken = receiver.next()
    assert (taken.method, set(taken.body)) == ("POST", {"status", "notif_token", "txnid"})
    assert (taken.body["status"], taken.body["notif_token"]) == ("SUCCESS", page["notif_token"])
    fake_operator.advance(601)
    fake_operator.confirm("P2")
    assert orange_web.query("P2", late["pay_token"]).json()["status"] == "EXPIRED"
    settled(fake_operator, 1)


def test_a_policy_for_orange_web_is_given_with_its_submit(orange_web: OrangeWeb, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("lost_callbacks", times=1)
    orange_web.submit("P1", notif_url=receiver.url)
    told = orange_web.submit("P2", notif_url=receiver.url).json()
    for order_id in ("P1", "P2"):
        assert fake_operator.confirm(order_id)["status"] == "succeeded"
    assert receiver.next().body["notif_token"] == told["notif_token"]
    assert [sent["reference"] for sent in settled(fake_operator, 1)] == ["P2"]


def test_the_next_payer_on_the_page_of_orange_does_as_he_is_told(orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("declined", endpoint="orange_web.submit", times=1)
    page = orange_web.submit("P1").json()
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == "FAILED", "he confirmed by himself"


def test_orange_mp(orange_mp: OrangeMp, receiver: Receiver) -> None:
    pay_token = orange_mp.init()
    orange_mp.submit(pay_token, notifUrl=receiver.url)
    assert receiver.next().body == {"payToken": pay_token, "status": "SUCCESSFULL", "message": "Payment processed"}


def test_pawapay_and_again_on_request(pawapay: PawaPay, receiver: Receiver, fake_operator: FakeOperator) -> None:
    fake_operator.options(pawapay_callback_url=receiver.url)
    deposit, waiting = str(uuid.uuid4()), str(uuid.uuid4())
    pawapay.submit(deposit=deposit)
    pawapay.submit("237653456129", waiting)
    taken = receiver.next()
    assert (taken.method, taken.body) == ("POST", pawapay.query(deposit)["data"])
    assert pawapay.call("POST", f"deposits/resend-callback/{deposit}")["status"] == "ACCEPTED"
    assert receiver.next().body["depositId"] == deposit
    for an_id in (waiting, str(uuid.uuid4())):
        assert pawapay.call("POST", f"deposits/resend-callback/{an_id}")["status"] == "REJECTED"
