"""Who pays for what. Reads only."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Q, QuerySet, Sum

from apps.accounts.models import User
from apps.billing.amounts import unused_value
from apps.billing.choices import ChangeState, InvoiceState
from apps.billing.constants import LIVE_PAYMENT_STATES, LIVE_SUBSCRIPTION_STATES
from apps.billing.models import CarriedCharge, Invoice, Payment, Subscription, SubscriptionChange


def live_subscription(*, user_id: uuid.UUID, resource_id: uuid.UUID | None, livemode: bool) -> Subscription | None:
    """The live subscription of a listing, whoever pays for it, or of an account. One statement."""
    live = Subscription.objects.filter(state__in=LIVE_SUBSCRIPTION_STATES).select_related("price", "resource", "user")
    if resource_id is not None:
        return live.filter(resource=resource_id).first()
    return live.filter(user=user_id, resource=None, livemode=livemode).first()


def subscriptions_of(user: User, *, livemode: bool) -> QuerySet[Subscription]:
    """A user's subscriptions, newest first, each with its price and listing."""
    return Subscription.objects.filter(user=user, livemode=livemode).select_related("price", "resource").order_by("-created_at", "-id")


def unused_value_of(subscription: Subscription, *, at: dt.datetime) -> int:
    """Francs that are left of what was paid for, periods that were paid ahead included. One statement."""
    grants = subscription.grants.filter(closed_at=None, period_end__gt=at).select_related("price")
    return sum(unused_value(price=one.price.amount, start=one.period_start, end=one.period_end, at=at) for one in grants)


def carried_charges(user_id: uuid.UUID, *, livemode: bool) -> QuerySet[CarriedCharge]:
    """What earlier changes left to be paid, and no open or paid invoice holds."""
    is_free = Q(invoice=None) | Q(invoice__state__in=(InvoiceState.LAPSED, InvoiceState.VOID))
    return CarriedCharge.objects.filter(is_free, user=user_id, livemode=livemode)


def carried_over(user_id: uuid.UUID, *, livemode: bool) -> int:
    """Their sum in francs. One statement."""
    total: int | None = carried_charges(user_id, livemode=livemode).aggregate(total=Sum("amount"))["total"]
    return total or 0


def open_invoice(subscription: Subscription) -> Invoice | None:
    """What is waiting to be paid for it. One statement."""
    return Invoice.objects.filter(subscription=subscription, state=InvoiceState.OPEN).select_related("quote__price").first()


def waiting_change(subscription: Subscription) -> SubscriptionChange | None:
    """The change that will come. One statement."""
    return SubscriptionChange.objects.filter(subscription=subscription, state=ChangeState.WAITING).select_related("to_price").first()


def is_being_paid(invoice: Invoice) -> bool:
    """Whether a payment may still take money for it. One statement."""
    return Payment.objects.filter(invoice=invoice, state__in=LIVE_PAYMENT_STATES).exists()
