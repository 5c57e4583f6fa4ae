"""What only Orange does, on its push and on its page, and what the payer's franc comes to."""

from __future__ import annotations

from typing import Any

import pytest

from apps.billing.choices import Operator, PaymentState, Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.services import payments
from apps.billing.tests.payers import PAYS, PAYS_ORANGE, begin, check_paid_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_close")]

ORANGE: Any = {"phone": PAYS_ORANGE, "wallet": Operator.ORANGE}


def test_orange_expired_with_nulls_is_no_mismatch(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("expired")
    life = begin(fake_operator, **ORANGE)
    life.live(minutes=10)
    assert (life.payment.state, life.payment.mismatch) == (PaymentState.EXPIRED, False)


def test_orange_417_is_a_refusal_for_lack_of_money(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator, phone="693456049", wallet=Operator.ORANGE)
    life.live(minutes=1)
    assert (life.payment.state, life.payment.reason) == (PaymentState.FAILED, Reason.INSUFFICIENT_FUNDS)
    assert 417 in life.payment.calls.values_list("http_status", flat=True)


def test_orange_pay_token_is_stored_before_pay_and_never_paid_twice(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("reset_not_received", endpoint="orange_mp.submit")
    life = begin(fake_operator, **ORANGE)
    life.step()
    assert life.payment.state == PaymentState.UNKNOWN
    assert life.payment.provider_token
    life.live(minutes=25)
    assert life.payment.calls.filter(kind="submit").count() == 1
    assert life.payment.state in {PaymentState.FAILED, PaymentState.EXPIRED}
    assert life.debits == 0


@pytest.fixture
def web(fake_operator: FakeOperator, settings: Any) -> None:  # noqa: ARG001  its settings come first
    """Orange by its page alone."""
    settings.ORANGE_MP_BASE_URL = ""


@pytest.mark.usefixtures("web")
def test_orange_page_leads_to_a_success(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator, **ORANGE)
    life.step()
    assert life.payment.page_url
    life.live(minutes=1)
    assert life.payment.state == PaymentState.PENDING
    fake_operator.confirm(life.payment.order_id)
    life.live(minutes=3, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("scenario", ["reset_then_paid", "reset_not_received", "html_then_paid"])
def test_orange_page_that_was_lost_is_made_anew(fake_operator: FakeOperator, scenario: str) -> None:
    fake_operator.scenario(scenario, endpoint="orange_web.submit", outcome=[])
    life = begin(fake_operator, **ORANGE)
    first = life.payment.order_id
    life.live(minutes=1)
    assert life.payment.state == PaymentState.PENDING
    assert life.payment.order_id != first
    fake_operator.confirm(life.payment.order_id)
    life.live(minutes=3, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


@pytest.mark.usefixtures("web")
def test_orange_page_that_was_lost_makes_room_at_once(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("reset_not_received", endpoint="orange_web.submit")
    life = begin(fake_operator, **ORANGE)
    life.step()
    second = begin(fake_operator, phone=PAYS, invoice=life.payment.invoice, at=life.at)
    life.payment.refresh_from_db()
    assert (life.payment.state, life.payment.reason) == (PaymentState.FAILED, Reason.NEVER_RECEIVED)
    second.live(minutes=1)
    check_paid_once(second)


@pytest.mark.usefixtures("web")
def test_orange_page_that_nobody_uses_expires_without_calling_anybody(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator, **ORANGE)
    life.live(minutes=16)
    assert life.payment.state == PaymentState.EXPIRED
    life.live(hours=30)
    payments.reconcile(at=life.at, limit=0)
    assert life.cases() == []
