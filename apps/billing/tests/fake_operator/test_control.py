"""The control endpoint: what may be asked for, and what it tells."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from apps.billing.fake_operator.client import ControlError, FakeOperator
from apps.billing.fake_operator.scenarios import SCENARIOS
from apps.billing.tests.fake_operator.conftest import Mtn, OrangeMp, OrangeWeb, PawaPay


def statuses(mtn: Mtn, reference: str, number: int) -> list[str]:
    return [mtn.query(reference).json()["status"] for _ in range(number)]


def test_it_works(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    fake_operator.rule(reference=reference, outcome="failed:SENDER_ACCOUNT_NOT_ACTIVE")
    mtn.submit(reference=reference)
    assert mtn.query(reference).json()["reason"] == "SENDER_ACCOUNT_NOT_ACTIVE"
    assert mtn.pay()["status"] == "SUCCESSFUL", "the others go as always"


@pytest.mark.parametrize("written", ["237653456789", "+237 6 53 45 67 89", "653456789"])
def test_a_rule_for_a_number_however_it_is_written(mtn: Mtn, orange_mp: OrangeMp, fake_operator: FakeOperator, written: str) -> None:
    fake_operator.scenario("declined", phone=written)
    assert mtn.pay("237653456789")["reason"] == "APPROVAL_REJECTED"
    pay_token = orange_mp.init()
    orange_mp.submit(pay_token, "653456789")
    assert orange_mp.query(pay_token).json()["data"]["status"] == "CANCELLED"


def test_a_rule_for_the_next_calls(mtn: Mtn, fake_operator: FakeOperator) -> None:
    number = fake_operator.scenario("unavailable", endpoint="mtn.query", times=2)
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    assert [mtn.query(reference).status_code for _ in range(3)] == [503, 503, 200]
    assert [(rule["number"], rule["used"], rule["times"]) for rule in fake_operator.rules()] == [(number, 2, 2)]


def test_the_younger_rule_wins_and_rules_go(mtn: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("declined")
    number = fake_operator.scenario("insufficient")
    assert mtn.pay()["reason"] == "NOT_ENOUGH_FUNDS"
    fake_operator.remove_rule(number)
    assert mtn.pay()["reason"] == "APPROVAL_REJECTED"
    fake_operator.remove_rules()
    assert mtn.pay()["status"] == "SUCCESSFUL"


def test_outcomes_after_queries_and_after_seconds(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    fake_operator.rule(outcome=[{"status": "succeeded", "after_queries": 2, "after_s": 100}])
    mtn.submit(reference=reference)
    assert statuses(mtn, reference, 4) == ["PENDING"] * 4
    fake_operator.advance(101)
    assert statuses(mtn, reference, 1) == ["SUCCESSFUL"]

    other = str(uuid.uuid4())
    fake_operator.scenario("slow", reference=other)
    mtn.submit(reference=other)
    assert statuses(mtn, other, 4) == ["PENDING", "PENDING", "PENDING", "SUCCESSFUL"]


def test_a_success_after_expiry(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    fake_operator.scenario("late_success")
    mtn.submit(reference=reference)
    seen = statuses(mtn, reference, 1)
    for seconds in (301, 900):
        fake_operator.advance(seconds)
        seen += statuses(mtn, reference, 1)
    assert seen == ["PENDING", "FAILED", "SUCCESSFUL"]
    truth = fake_operator.movement(reference)
    assert truth is not None
    assert (truth["status"], truth["debits"]) == ("succeeded", 1)


def test_a_contradiction(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    fake_operator.scenario("contradiction")
    mtn.submit(reference=reference)
    assert statuses(mtn, reference, 3) == ["SUCCESSFUL", "FAILED", "FAILED"]
    truth = fake_operator.movement(reference)
    assert truth is not None
    assert truth["debits"] == 1, "the money is gone all the same"


def test_a_person_decides_now(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    mtn.submit("237653456129", reference)
    fake_operator.decide(reference, "succeeded")
    assert statuses(mtn, reference, 1) == ["SUCCESSFUL"]
    with pytest.raises(ControlError):
        fake_operator.decide(str(uuid.uuid4()), "succeeded")


def shown(fake_operator: FakeOperator, rail: str, clients: dict[str, Any]) -> dict[str, Any]:
    """What a query says about a payment that succeeded."""
    if rail == "mtn":
        found: dict[str, Any] = clients["mtn"].pay()
        return found
    if rail == "pawapay":
        deposit = str(uuid.uuid4())
        clients["pawapay"].submit(deposit=deposit)
        return dict(clients["pawapay"].query(deposit)["data"])
    if rail == "orange_mp":
        pay_token = clients["orange_mp"].init()
        clients["orange_mp"].submit(pay_token)
        return dict(clients["orange_mp"].query(pay_token).json()["data"])
    order_id = f"P{uuid.uuid4().hex[:17]}"
    page = clients["orange_web"].submit(order_id).json()
    fake_operator.confirm(order_id)
    return dict(clients["orange_web"].query(order_id, page["pay_token"]).json())


REFERENCES = {"mtn": "externalId", "orange_web": "order_id", "orange_mp": "txnmode", "pawapay": "depositId"}


@pytest.mark.parametrize("rail", REFERENCES)
def test_queries_may_say_something_else(
    rail: str, fake_operator: FakeOperator, mtn: Mtn, orange_web: OrangeWeb, orange_mp: OrangeMp, pawapay: PawaPay
) -> None:
    clients = {"mtn": mtn, "orange_web": orange_web, "orange_mp": orange_mp, "pawapay": pawapay}
    fake_operator.scenario("wrong_amount")
    fake_operator.scenario("wrong_reference", times=0)
    assert shown(fake_operator, rail, clients)["amount"] == "100"
    fake_operator.remove_rules()
    fake_operator.rule(report={"set": {"reference": "other", "currency": "XOF", "status": "ONGOING"}})
    found = shown(fake_operator, rail, clients)
    assert (found[REFERENCES[rail]], found["currency"], found["status"]) == ("other", "XOF", "ONGOING")
    fake_operator.remove_rules()
    fake_operator.scenario("bare")
    found = shown(fake_operator, rail, clients)
    assert "status" in found
    assert not {"amount", "currency", REFERENCES[rail]} & set(found)


def test_the_token_expires_in_the_middle(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    fake_operator.scenario("token_expires_now")
    assert mtn.query(reference).status_code == 401
    mtn.tokens.clear()
    assert mtn.query(reference).status_code == 200
    assert fake_operator.expire_tokens("pawapay") == 0
    assert fake_operator.expire_tokens("mtn") == 1
    assert mtn.query(reference).status_code == 401


def test_the_truth_and_the_calls(mtn: Mtn, pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    reference, refund = str(uuid.uuid4()), str(uuid.uuid4())
    mtn.submit(reference=reference)
    mtn.query(reference)
    mtn.query(reference)
    mtn.refund(reference, "2000", refund)
    pawapay.submit("237693456049")
    payments = fake_operator.payments()
    assert payments[0].items() >= {
        "rail": "mtn", "reference": reference, "status": "succeeded", "amount": 5000, "currency": "XAF", "msisdn": "237653456789",
        "submits": 1, "accepted": 1, "debits": 1, "queries": 2,
    }.items()  # fmt: skip
    assert (payments[1]["status"], payments[1]["reason"], payments[1]["debits"]) == ("failed", "INSUFFICIENT_BALANCE", 0)
    assert [(one["reference"], one["refunds"], one["amount"]) for one in fake_operator.refunds()] == [(refund, reference, 2000)]
    assert fake_operator.movement("nobody") is None
    assert fake_operator.counts() == {
        "mtn.token": 2, "mtn.submit": 1, "mtn.query": 2, "mtn.refund": 1, "pawapay.submit": 1,
    }  # fmt: skip
    last = fake_operator.calls()[-1]
    assert (last["endpoint"], last["method"], last["path"], last["status"]) == ("pawapay.submit", "POST", "/v2/deposits", 200)


def test_reset_forgets_everything(mtn: Mtn, fake_operator: FakeOperator) -> None:
    before = fake_operator.state()
    mtn.submit("237653456129")
    fake_operator.scenario("down")
    fake_operator.options(delay_s=90, credentials={"pawapay.token": "good"})
    fake_operator.advance(10_000)
    fake_operator.reset()
    after = fake_operator.state()
    assert after["options"] == before["options"]
    assert (fake_operator.payments(), fake_operator.rules(), fake_operator.counts(), after["pending"]) == ([], [], {}, 0)
    assert after["now"] - before["now"] < 10_000
    assert mtn.submit().status_code == 401, "tokens too"


@pytest.mark.parametrize(
    ("action", "data", "said"),
    [
        ("rules", {"scenario": "nothing"}, "Unknown scenario"),
        ("rules", {"stal_s": 3}, "Unknown: stal_s"),
        ("rules", {"outcome": "perhaps"}, "perhaps"),
        ("rules", {"outcome": [{"after_s": 3}]}, "status"),
        ("rules", {"callbacks": {"tims": 3}}, "tims"),
        ("rules", {"report": {"amount": 3}}, "amount"),
        ("options", {"delays": 3}, "Unknown: delays"),
        ("advance", {}, "Missing: 'seconds'"),
        ("advance", {"seconds": "soon"}, "soon"),
        ("decide", {"id": "x", "status": "perhaps"}, "perhaps"),
    ],
)
def test_what_cannot_be_is_said(http: httpx.Client, action: str, data: dict[str, Any], said: str) -> None:
    answer = http.post(f"/_control/{action}", json=data)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_other_mistakes(http: httpx.Client) -> None:
    assert "POST /_control/rules" in http.get("/_control/nothing").json()["error"]
    assert http.post("/_control/rules", content=b"[1]").status_code == 400
    assert http.post("/_control/rules", content=b"{").status_code == 400
    assert http.get("/_control/truth/nobody").status_code == 404
    assert http.post("/_control/confirm", json={"id": "nobody"}).status_code == 404
    assert http.post("/_control/callbacks", json={"id": "nobody"}).status_code == 404


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_ready_made_scenario_is_understood(fake_operator: FakeOperator, name: str) -> None:
    assert fake_operator.scenario(name, phone="653456789") > 0
    assert fake_operator.state()["scenarios"][name] == SCENARIOS[name]
