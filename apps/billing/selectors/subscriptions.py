"""Who pays for what. Reads only."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.billing.amounts import unused_value
from apps.billing.choices import ChangeKind, ChangeState, InvoiceState, Period, SubscriptionState
from apps.billing.constants import GRACE, LIVE_PAYMENT_STATES, LIVE_SUBSCRIPTION_STATES
from apps.billing.models import CarriedCharge, Invoice, Payment, Quote, Subscription, SubscriptionChange
from apps.catalog.choices import OperatingStatus, Status
from apps.catalog.models import Resource
from apps.core.exceptions import FieldsInvalid


def live_subscription(*, user_id: uuid.UUID | None, resource_id: uuid.UUID | None, livemode: bool) -> Subscription | None:
    """The live subscription of a listing, whoever pays for it, or of an account. One statement."""
    live = Subscription.objects.filter(state__in=LIVE_SUBSCRIPTION_STATES).select_related("price", "resource", "user")
    if resource_id is not None:
        return live.filter(resource=resource_id).first()
    return live.filter(user=user_id, resource=None, livemode=livemode).first()


def subscription_page(
    user: User, *, livemode: bool | None = None, state: str | None = None, after: uuid.UUID | None = None, limit: int
) -> tuple[list[HeldSubscription], uuid.UUID | None]:
    """A page of a user's subscriptions, newest first, with what waits for each, and the id behind which the next one begins.

    Three statements. :param livemode: None for both modes.
    """
    rows = Subscription.objects.filter(user=user).select_related("price", "resource", "user").order_by("-id")
    if livemode is not None:
        rows = rows.filter(livemode=livemode)
    if state is not None:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: limit + 1])
    page = found[:limit]
    return held_subscriptions(page), page[-1].pk if len(found) > limit else None


def find_quote(user: User, quote_id: uuid.UUID) -> Quote:
    """A quote of this user. One statement. :raises FieldsInvalid: there is none."""
    quote = Quote.objects.filter(pk=quote_id, user=user).select_related("price").first()
    if quote is None:
        raise FieldsInvalid([("/quote_id", "quote_mismatch", _("Aucun de vos devis n’a cet identifiant."))])
    return quote


def listing_mode(user: User, resource_id: uuid.UUID) -> bool:
    """Whether a listing is live; a stranger's test listing is as good as none. One statement."""
    return not Resource.objects.filter(pk=resource_id, user=user, livemode=False).exists()


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


@dataclass(frozen=True)
class HeldSubscription:
    """A subscription with what waits for it. `rights_end`: until when what it gives lasts; None before the first payment."""

    subscription: Subscription
    invoice: Invoice | None
    change: SubscriptionChange | None

    @property
    def rights_end(self) -> dt.datetime | None:
        """The end of the paid period and its grace, or of the period alone when it was cancelled; when it ended, once it has."""
        one = self.subscription
        if one.ended_at is not None or one.period_end is None:
            return one.ended_at if one.started_at is not None else None
        return rights_end(one)

    @property
    def next_payment_at(self) -> dt.datetime | None:
        """By when the next payment is due; None when none will be asked for."""
        one = self.subscription
        if one.state == SubscriptionState.PENDING:
            return self.invoice.lapses_at if self.invoice else None
        is_over = one.state not in LIVE_SUBSCRIPTION_STATES or one.cancel_at_period_end
        return None if is_over else one.period_end

    @property
    def next_amount(self) -> int:
        """Francs of that payment, before credit and what was carried over when no invoice says them yet."""
        if self.invoice is not None:
            return self.invoice.amount_due
        is_changing = self.change is not None and self.change.kind == ChangeKind.DOWNGRADE
        return self.change.to_price.amount if self.change is not None and is_changing else self.subscription.price.amount


def held_subscriptions(subscriptions: Iterable[Subscription]) -> list[HeldSubscription]:
    """What waits for each: its open invoice and its change. Two statements for any number."""
    rows = list(subscriptions)
    open_ones = {one.subscription_id: one for one in Invoice.objects.filter(subscription__in=rows, state=InvoiceState.OPEN)}
    waiting = SubscriptionChange.objects.filter(subscription__in=rows, state=ChangeState.WAITING).select_related("to_price")
    changes = {one.subscription_id: one for one in waiting}
    return [HeldSubscription(one, open_ones.get(one.pk), changes.get(one.pk)) for one in rows]


def rights_end(subscription: Subscription) -> dt.datetime:
    """Until when the rights of a paid subscription last: its period and grace, or its period alone when it was cancelled."""
    if subscription.period_end is None:
        raise ValueError(f"subscription {subscription.pk} was never paid")
    return subscription.period_end + (dt.timedelta(0) if subscription.cancel_at_period_end else GRACE[Period(subscription.period)])


def has_rights(subscription: Subscription, *, at: dt.datetime) -> bool:
    """Whether a subscription gives anything now: paid for, within its grace, and not of a listing that staff suspended."""
    if subscription.state not in {SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE} or rights_end(subscription) <= at:
        return False
    return subscription.resource is None or subscription.resource.status != Status.SUSPENDED


def leaving_reason(resource: Resource | None) -> str:
    """Why nobody would renew a plan for this listing: `listing_deleted`, `listing_closed`; empty when somebody would."""
    if resource is None:
        return ""
    if resource.deleted_at is not None or resource.status == Status.ARCHIVED:
        return "listing_deleted"
    return "listing_closed" if resource.operating_status == OperatingStatus.PERMANENTLY_CLOSED else ""
