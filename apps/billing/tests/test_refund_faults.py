"""Refunds over HTTP against an operator that misbehaves: two people decide, and the customer has his money back once or as credit."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import CaseKind, Operator, PaymentState, ProviderCode, RefundState
from apps.billing.exceptions import SecondPersonNeeded
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Case, Refund
from apps.billing.selectors.ledger import credit_of
from apps.billing.selectors.ledger_proofs import prove_ledger
from apps.billing.services import refunds
from apps.billing.tests.payers import PAYS, PAYS_ORANGE, Life, begin, clearing_of

pytestmark = pytest.mark.django_db
RAILS = ["mtn", "pawapay"]
AMOUNT = 1_000


def staff(*permissions: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def operator(fake_operator: FakeOperator) -> FakeOperator:
    """Whose tokens do not age while its clock is moved on."""
    fake_operator.options(token_s=1_000_000)
    return fake_operator


def paid(operator: FakeOperator, rail: str, settings: Any) -> Life:
    """A payment of 2,500 francs over a rail."""
    if rail == "pawapay":
        settings.MTN_MOMO_BASE_URL = settings.ORANGE_MP_BASE_URL = settings.ORANGE_WEBPAY_BASE_URL = ""
    life = begin(operator, phone=PAYS)
    life.live(until=PaymentState.SUCCEEDED, minutes=5)
    assert (life.payment.provider, life.payment.state) == (rail, PaymentState.SUCCEEDED)
    return life


def decided(life: Life, *, amount: int = AMOUNT) -> Refund:
    """Asked for by one, approved by another, never by one alone."""
    both = staff("request_refund", "approve_refund")
    refund = refunds.request_refund(payment_id=life.payment.pk, amount=amount, motive="Doublon", actor=both, at=life.at)
    with pytest.raises(SecondPersonNeeded):
        refunds.approve_refund(refund_id=refund.pk, actor=both, at=life.at)
    return refunds.approve_refund(refund_id=refund.pk, actor=staff("approve_refund"), at=life.at)


def carry_on(life: Life, refund: Refund, *, turns: int = 60) -> Refund:
    """Workers look at it for half an hour."""
    for _ in range(turns):
        refunds.advance(refund_id=refund.pk, at=life.at)
        refund.refresh_from_db()
        if refund.state in {RefundState.SUCCEEDED, RefundState.FAILED}:
            break
        life.wait(seconds=30)
    return refund


def theirs(operator: FakeOperator, refund: Refund) -> dict[str, Any]:
    return next((row for row in operator.refunds() if row["reference"] == str(refund.reference)), {})


def prove() -> None:
    assert [(proof.name, proof.differences) for proof in prove_ledger() if proof.differences] == []


@pytest.mark.parametrize("rail", RAILS)
@pytest.mark.parametrize(
    "fault",
    [
        {}, {"reset": True}, {"reset": True, "processed": False}, {"status": 500, "processed": True},
        {"status": 504, "body": "<html>", "content_type": "text/html", "processed": True},
        {"status": 200, "body": "<html>Request Rejected", "processed": False}, {"cut": True}, {"expire_tokens": True},
    ],
    ids=["none", "answer_lost", "request_lost", "500_then_paid", "gateway_then_paid", "html", "cut", "token_over"],
)  # fmt: skip
def test_it_is_paid_out_once_whatever_happens_to_the_call(operator: FakeOperator, settings: Any, rail: str, fault: dict[str, Any]) -> None:
    life = paid(operator, rail, settings)
    refund = decided(life)
    if fault:
        operator.rule(endpoint=f"{rail}.refund", times=1, **fault)

    carry_on(life, refund)

    assert refund.state == RefundState.SUCCEEDED
    assert theirs(operator, refund)["debits"] == 1
    assert len(operator.refunds()) == 1
    life.payment.refresh_from_db()
    assert (life.payment.refunded_amount, credit_of(life.payment.user_id)) == (AMOUNT, 0)
    assert clearing_of(rail) == 2_500 - AMOUNT
    prove()


@pytest.mark.parametrize("rail", RAILS)
def test_it_is_asked_about_while_the_operator_is_silent(operator: FakeOperator, settings: Any, rail: str) -> None:
    life = paid(operator, rail, settings)
    refund = decided(life)
    operator.scenario("unavailable", endpoint=f"{rail}.refund_query", times=3)
    carry_on(life, refund)
    assert (refund.state, theirs(operator, refund)["debits"]) == (RefundState.SUCCEEDED, 1)
    prove()


@pytest.mark.parametrize("rail", RAILS)
def test_a_refusal_is_the_customers_credit_and_a_case(operator: FakeOperator, settings: Any, rail: str) -> None:
    life = paid(operator, rail, settings)
    refund = decided(life)
    operator.rule(endpoint=f"{rail}.refund", outcome="failed:PAYEE_NOT_FOUND")
    carry_on(life, refund)
    assert refund.state == RefundState.FAILED
    assert credit_of(life.payment.user_id) == AMOUNT
    assert Case.objects.get().kind == CaseKind.REFUND_FAILED
    assert clearing_of(rail) == 2_500
    prove()


@pytest.mark.parametrize("rail", RAILS)
def test_another_amount_than_ordered_is_frozen_for_a_person(operator: FakeOperator, settings: Any, rail: str) -> None:
    life = paid(operator, rail, settings)
    refund = decided(life)
    operator.rule(endpoint=f"{rail}.refund_query", report={"set": {"amount": "999"}})
    carry_on(life, refund, turns=4)
    assert (refund.state, refund.next_query_at) == (RefundState.UNKNOWN, None)
    assert Case.objects.get().kind == CaseKind.MISMATCH
    refunds.close_refund(refund_id=refund.pk, actor=staff("approve_refund"), is_paid=True, evidence="Relevé du 27", at=life.at)
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    prove()


def test_orange_is_paid_out_by_hand_with_a_proof(operator: FakeOperator) -> None:
    life = begin(operator, phone=PAYS_ORANGE, wallet=Operator.ORANGE)
    life.live(until=PaymentState.SUCCEEDED, minutes=5)
    assert life.payment.provider == ProviderCode.ORANGE_MP
    refund = decided(life)
    assert refund.is_manual
    assert refunds.advance(refund_id=refund.pk, at=life.at) is False
    refunds.record_manual(refund_id=refund.pk, actor=staff("request_refund"), evidence="Bordereau 12", at=life.at, transaction_id="CO1")
    refund.refresh_from_db()
    assert (refund.state, operator.refunds()) == (RefundState.SUCCEEDED, [])
    assert clearing_of("orange_mp") == 2_500 - AMOUNT
    prove()
