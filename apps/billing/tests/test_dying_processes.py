"""The process dies before each statement and each commit, one after another: whoever comes next ends where it would have ended.

The broker is away all the while, so that nothing but the beat's own work mends what was left.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, PaymentState, Product, RefundState, SubscriptionState
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import CreditNote, Grant, Invoice, LedgerTransaction, Payment, Quote, Refund, Subscription
from apps.billing.selectors.ledger import credit_of
from apps.billing.selectors.ledger_proofs import prove_ledger
from apps.billing.services import payments, refunds
from apps.billing.tests.dying import dying_before
from apps.billing.tests.payers import Life, begin, check_paid_once, clearing_of
from apps.billing.tests.world import Shop, open_shop
from apps.catalog.choices import ListingRight
from apps.catalog.selectors.entitlements import entitlements_of
from apps.core import background
from apps.core.clock import now
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _broker_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task leaves: events wait in the outbox for the sweep."""
    monkeypatch.setattr(background._Broker, "away_until", math.inf)


@pytest.fixture(autouse=True)
def _long_tokens(fake_operator: FakeOperator) -> None:
    """The operator's clock is moved on by hours, and with it would age tokens that ours thinks fresh; it mints few a minute."""
    fake_operator.options(token_s=1_000_000)


def prove() -> None:
    assert [(proof.name, proof.differences) for proof in prove_ledger() if proof.differences] == []


def events_of(name: str, payment: Payment) -> int:
    return OutboxEvent.objects.filter(name=f"billing.{name}", key=str(payment.pk)).count()


def test_before_each_statement_of_a_success(fake_operator: FakeOperator) -> None:
    collected = 0
    for number in itertools.count(1):
        shop = open_shop()
        invoice = shop.wants(Product.LISTING_FEATURED, at=now()).invoice
        life = begin(fake_operator, invoice=invoice)
        life.step()
        life.wait(seconds=15)

        with dying_before(number) as watch:
            payments.advance(payment_id=life.payment.pk, at=life.at)
        life.live(until=PaymentState.SUCCEEDED, minutes=30)

        collected += life.payment.amount
        assert life.payment.state == PaymentState.SUCCEEDED, number
        assert life.debits == 1
        assert Grant.objects.filter(invoice=life.payment.invoice_id).count() == 1
        assert clearing_of(life.payment.provider) == collected
        assert (events_of("payment_succeeded", life.payment), events_of("payment_surplus", life.payment)) == (1, 0)
        assert shop.plan == "featured"
        assert entitlements_of(shop.listing.pk, at=life.at)[ListingRight.RANK_WEIGHT] == 2
        if not watch.is_dead:
            break
    prove()
    assert number > 60, "the whole of it was walked"
    paid = Invoice.objects.filter(state=InvoiceState.PAID).values_list("number", flat=True)
    assert sorted(int(str(one)[-6:]) for one in paid) == list(range(1, number + 1)), "no number is lost with a process"


def test_before_each_statement_of_a_subscription(fake_operator: FakeOperator) -> None:
    for number in itertools.count(1):
        shop, at = open_shop(), now()

        with dying_before(number) as watch:
            found = shop.wants(Product.LISTING_PREMIUM, at=at)
            assert found.invoice is not None
            pay(shop, found.invoice, at=at)
        # Whoever got no answer asks again.
        again = shop.wants(Product.LISTING_PREMIUM, at=at)
        assert again.invoice is not None
        payment = pay(shop, again.invoice, at=at)

        mine = Subscription.objects.filter(user=shop.owner)
        assert [one.state for one in mine] == [SubscriptionState.PENDING], number
        assert Invoice.objects.filter(user=shop.owner).count() == 1
        assert Quote.objects.filter(user=shop.owner, used_at__isnull=False).count() == 1
        assert Payment.objects.filter(user=shop.owner).count() == events_of("payment_created", payment) == 1
        life = Life(fake_operator, payment, at)
        if number % 8 == 0 or not watch.is_dead:
            life.live(until=PaymentState.SUCCEEDED, minutes=5)
            assert life.debits == 1
            assert shop.plan == "premium"
        if not watch.is_dead:
            break
    prove()
    assert number > 30, "the whole of it was walked"


def pay(shop: Shop, invoice: Invoice, *, at: Any) -> Payment:
    return payments.start(invoice_id=invoice.pk, user=shop.owner, operator=None, phone="653456789", livemode=True, at=at)


def staff(*permissions: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return User.objects.get(pk=user.pk)


def test_before_each_statement_of_a_refund(fake_operator: FakeOperator) -> None:
    asker, decider = staff("request_refund"), staff("approve_refund")
    for number in itertools.count(1):
        life = begin(fake_operator)
        life.live(until=PaymentState.SUCCEEDED, minutes=5)
        check_paid = life.payment
        refund = refunds.request_refund(payment_id=check_paid.pk, amount=1_000, motive="Erreur", actor=asker, at=life.at)

        with dying_before(number) as watch:
            refunds.approve_refund(refund_id=refund.pk, actor=decider, at=life.at)
            refunds.advance(refund_id=refund.pk, at=life.at)
            life.wait(seconds=15)
            refunds.advance(refund_id=refund.pk, at=life.at)
        refund.refresh_from_db()
        if refund.state == RefundState.REQUESTED:
            refunds.approve_refund(refund_id=refund.pk, actor=decider, at=life.at)
        for _turn in range(40):
            life.wait(seconds=30)
            refunds.advance(refund_id=refund.pk, at=life.at)
            refund.refresh_from_db()
            if refund.state == RefundState.SUCCEEDED:
                break

        assert refund.state == RefundState.SUCCEEDED, number
        theirs = [row for row in fake_operator.refunds() if row["reference"] == str(refund.reference)]
        assert [row["debits"] for row in theirs] == [1]
        assert CreditNote.objects.filter(invoice=check_paid.invoice_id).count() == 1
        assert Payment.objects.get(pk=check_paid.pk).refunded_amount == 1_000
        assert credit_of(check_paid.user_id) == 0
        assert sorted(LedgerTransaction.objects.filter(refund=refund).values_list("kind", flat=True)) == ["refund", "refund_due"]
        if not watch.is_dead:
            break
    prove()
    assert Refund.objects.exclude(state=RefundState.SUCCEEDED).count() == 0
    assert number > 60, "the whole of it was walked"


def test_it_works_when_nobody_dies(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    with dying_before(10_000) as watch:
        life.live(until=PaymentState.SUCCEEDED, minutes=5)
    check_paid_once(life)
    assert not watch.is_dead
