"""What goes wrong on our side, or is switched off by us, while an operator does its best."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.billing.choices import Operator, PaymentState, ProviderCode, Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Case, Invoice, LedgerEntry, Payment, ProviderState
from apps.billing.services import payments
from apps.billing.services.payments.leases import LEASE
from apps.billing.tests.issuing import pro_forma
from apps.billing.tests.payers import PAYS, PAYS_ORANGE, Life, begin, check_paid_once
from apps.core.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_close")]

ORANGE: Any = {"phone": PAYS_ORANGE, "wallet": Operator.ORANGE}


def test_a_worker_that_died_after_its_submit_left_is_found_out(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    # What a killed worker leaves: committed before the call, and no answer.
    Payment.objects.filter(pk=life.payment.pk).update(
        submitted_at=life.at, submit_count=1, leased_until=life.at + LEASE, next_query_at=life.at + LEASE
    )
    assert not life.step()
    life.live(minutes=20, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    assert list(life.payment.events.values_list("cause", flat=True))[:2] == ["started", "submit_unclear"]


def test_one_that_has_a_payment_keeps_others_off_it(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    Payment.objects.filter(pk=life.payment.pk).update(leased_until=life.at + dt.timedelta(seconds=60))
    assert not life.step()
    assert payments.reconcile(at=life.at).done == 0
    assert life.truth == {}


def test_a_kill_switch_stops_submits_and_nothing_else(fake_operator: FakeOperator) -> None:
    running, waiting = begin(fake_operator, phone="653456129"), begin(fake_operator)
    running.step()
    ProviderState.objects.filter(provider=ProviderCode.MTN).update(accepts=False)
    waiting.live(minutes=10)
    assert (waiting.payment.state, waiting.truth) == (PaymentState.CREATED, {})
    fake_operator.decide(str(running.payment.reference), "succeeded")
    running.live(minutes=5, until=PaymentState.SUCCEEDED)
    check_paid_once(running)
    waiting.live(minutes=10)
    assert waiting.payment.state == PaymentState.EXPIRED


def test_nothing_is_sent_for_an_invoice_that_was_closed_meanwhile(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    Invoice.objects.filter(pk=life.payment.invoice_id).update(state="void")
    life.step()
    assert (life.payment.state, life.payment.reason, life.truth) == (PaymentState.EXPIRED, Reason.CANCELED, {})


def test_whatever_breaks_in_one_payment_leaves_the_others(fake_operator: FakeOperator) -> None:
    broken, sound = begin(fake_operator), begin(fake_operator)
    # An operator that this installation no longer has.
    Payment.objects.filter(pk=broken.payment.pk).update(provider=ProviderCode.BANK)
    result = payments.reconcile(at=sound.at)
    assert (result.done, result.broken) == (1, 1)
    sound.payment.refresh_from_db()
    assert sound.payment.state == PaymentState.PENDING


def test_test_mode_never_touches_the_ledger_nor_an_operator(fake_operator: FakeOperator) -> None:
    at = now()
    invoice = pro_forma(livemode=False, at=at)
    payment = payments.start(invoice_id=invoice.pk, user=invoice.user, operator=None, phone=PAYS, livemode=False, at=at)
    life = Life(fake_operator, payment, at)
    life.live(minutes=1)
    assert life.payment.state == PaymentState.SUCCEEDED
    assert life.is_given
    assert not LedgerEntry.objects.exists()
    assert fake_operator.counts() == {}
    assert not Case.objects.exists()
