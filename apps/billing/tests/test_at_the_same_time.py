"""Two of the customer's own acts at once, in connections of their own: one order or the other, and never both halves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, PaymentState, Period, Product, SubscriptionState
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES
from apps.billing.models import Case, Grant, Invoice, Payment, Quote, Subscription
from apps.billing.selectors.ledger import credit_of
from apps.billing.selectors.ledger_proofs import prove_ledger
from apps.billing.services import renewals, subscriptions
from apps.billing.services.payments import settle
from apps.billing.services.payments.transitions import with_fresh
from apps.billing.services.subscriptions import Subscribed
from apps.billing.tests.factories import make_payment
from apps.billing.tests.world import AT, DAY, Shop, open_shop
from apps.core.exceptions import DomainError

pytestmark = pytest.mark.django_db(transaction=True)
PREMIUM, FEATURED = Product.LISTING_PREMIUM, Product.LISTING_FEATURED


@pytest.fixture(params=[1, 2, 3])
def shop(request: pytest.FixtureRequest) -> Shop:  # noqa: ARG001  each race is run three times
    return open_shop()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, a refusal of ours included; anything else fails the test."""
    barrier, found, failures = threading.Barrier(len(acts)), list[Any](acts), []

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(30)
            found[number] = act()
        except DomainError as error:
            found[number] = error
        except Exception as error:  # noqa: BLE001  a thread's failure must fail the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert [(proof.name, proof.differences) for proof in prove_ledger() if proof.differences] == []
    return found


def pays(payment: Payment) -> Callable[[], bool]:
    """The operator's success reaches us."""
    return lambda: with_fresh(payment.pk, lambda fresh: settle.succeed(fresh, transaction_id=f"T{fresh.pk.hex[-8:]}", at=AT))


def live(shop: Shop) -> list[Subscription]:
    return list(Subscription.objects.filter(resource=shop.listing.pk, state__in=LIVE_SUBSCRIPTION_STATES))


def test_two_equal_subscriptions_of_one_listing_are_one(shop: Shop) -> None:
    first, second = at_once(*[lambda: shop.wants(PREMIUM)] * 2)
    assert isinstance(first, Subscribed)
    assert isinstance(second, Subscribed)
    assert first.invoice == second.invoice
    assert (len(live(shop)), Invoice.objects.count(), Quote.objects.filter(used_at__isnull=False).count()) == (1, 1, 1)


def test_two_different_ones_leave_the_later_and_one_open_invoice(shop: Shop) -> None:
    at_once(lambda: shop.wants(PREMIUM), lambda: shop.wants(FEATURED))
    (held,) = live(shop)
    open_one = Invoice.objects.get(state=InvoiceState.OPEN)
    assert open_one.subscription == held
    assert open_one.quote is not None
    assert open_one.quote.price.product == held.product
    assert set(Invoice.objects.exclude(pk=open_one.pk).values_list("state", flat=True)) <= {InvoiceState.VOID}


def test_a_success_while_another_plan_is_chosen(shop: Shop) -> None:
    invoice = shop.wants(PREMIUM).invoice
    assert invoice is not None
    payment = make_payment(invoice=invoice, at=AT)
    _done, wished = at_once(pays(payment), lambda: shop.wants(FEATURED))
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    (held,) = live(shop)
    assert (held.product, Grant.objects.get().invoice_id) == (PREMIUM, invoice.pk)
    # Either he was told to wait for his payment, or what he has now is reckoned as an upgrade of what he paid.
    if isinstance(wished, Subscribed):
        assert wished.change is not None
        assert wished.invoice is not None
        assert wished.invoice.amount_due < 7_500


def test_two_successes_for_one_invoice_give_once(shop: Shop) -> None:
    invoice = shop.wants(PREMIUM).invoice
    assert invoice is not None
    both = [make_payment(invoice=invoice, at=AT, superseded=True), make_payment(invoice=invoice, at=AT, msisdn="+237677000222")]
    assert at_once(*[pays(one) for one in both]) == [True, True]
    assert Grant.objects.count() == 1
    assert credit_of(shop.owner.pk) == invoice.total
    assert Case.objects.get().kind == "late_duplicate"


def test_two_invoices_of_one_customer_are_settled_at_once(shop: Shop) -> None:
    listing, account = shop.wants(PREMIUM).invoice, shop.wants(Product.ACCOUNT_PRO).invoice
    assert listing is not None
    assert account is not None
    at_once(pays(make_payment(invoice=listing, at=AT)), pays(make_payment(invoice=account, at=AT, msisdn="+237677000222")))
    assert sorted(int(str(one)[-6:]) for one in Invoice.objects.values_list("number", flat=True)) == [1, 2]
    assert Grant.objects.count() == 2


def test_a_renewal_is_paid_while_the_beat_ends_the_grace(shop: Shop) -> None:
    held = shop.buys(PREMIUM, Period.WEEK)
    renewals.run(at=AT + 6 * DAY)
    renewals.run(at=AT + 7 * DAY)
    invoice = Invoice.objects.get(state=InvoiceState.OPEN)
    payment = make_payment(invoice=invoice, at=AT + 7 * DAY)
    at_once(
        lambda: with_fresh(payment.pk, lambda fresh: settle.succeed(fresh, transaction_id="T9", at=AT + 8 * DAY)),
        lambda: renewals.run(at=AT + 8 * DAY),
    )
    held.refresh_from_db()
    assert (held.state, Grant.objects.filter(invoice=invoice).count()) == (SubscriptionState.ACTIVE, 1)
    assert held.period_end is not None
    assert held.period_end > AT + 13 * DAY


def test_a_cancellation_while_the_success_comes(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    payment = make_payment(invoice=found.invoice, at=AT)
    at_once(pays(payment), lambda: subscriptions.cancel(user=shop.owner, subscription_id=found.subscription.pk, at=AT))
    (held,) = live(shop)
    assert (held.state, Grant.objects.count(), shop.plan) == ("active", 1, "premium")


def test_a_stranger_cannot_subscribe_another_s_listing_meanwhile(shop: Shop) -> None:
    refused, taken = at_once(lambda: shop.wants(PREMIUM, user=make_user()), lambda: shop.wants(PREMIUM))
    assert isinstance(refused, DomainError)
    assert isinstance(taken, Subscribed)
