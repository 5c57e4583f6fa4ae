"""What a purchase costs now: a first one, a renewal or a change, whichever it is."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from apps.accounts.models import User
from apps.billing.amounts import Reckoning, reckon
from apps.billing.choices import ChangeKind, Purpose, SubscriptionState
from apps.billing.constants import PERIOD_ORDER, PRODUCT_ORDER, QUOTE_VALID
from apps.billing.exceptions import SubscribedByAnother
from apps.billing.models import Price, Quote, Subscription
from apps.billing.periods import period_end
from apps.billing.selectors.ledger import available_credit
from apps.billing.selectors.prices import current_price, payment_bounds
from apps.billing.selectors.subscriptions import carried_over, live_subscription, unused_value_of
from apps.billing.services.targets import find_target
from apps.catalog.models import Resource


@dataclass(frozen=True)
class Wish:
    """What somebody wants, and what stands in its way: the live subscription of the same target, if any."""

    user: User
    price: Price
    resource: Resource | None
    subscription: Subscription | None
    livemode: bool
    # The next period, also where it will have another price.
    is_renewal: bool = False

    @property
    def purpose(self) -> Purpose:
        """What the invoice will be for."""
        held = self.subscription
        if self.is_renewal:
            return Purpose.RENEW
        if held is None or held.state == SubscriptionState.PENDING:
            return Purpose.SUBSCRIBE
        return Purpose.RENEW if (held.product, held.period) == (self.price.product, self.price.period) else Purpose.CHANGE

    @property
    def change_kind(self) -> ChangeKind | None:
        """At once or at the end; None without a change. Once the paid period is over there is no end to wait for."""
        if self.purpose != Purpose.CHANGE or self.subscription is None:
            return None
        is_over = self.subscription.state == SubscriptionState.PAST_DUE
        return ChangeKind.UPGRADE if is_over or is_upgrade(self.subscription.price, self.price) else ChangeKind.DOWNGRADE


def is_upgrade(held: Price, wanted: Price) -> bool:
    """Whether a change happens at once: towards a later product, or a longer period of the same one."""
    if held.product != wanted.product:
        return PRODUCT_ORDER.index(wanted.product) > PRODUCT_ORDER.index(held.product)
    return PERIOD_ORDER.index(wanted.period) > PERIOD_ORDER.index(held.period)


def wish(*, user: User, product: str, period: str, resource_id: uuid.UUID | None, livemode: bool, at: dt.datetime) -> Wish:
    """Read what somebody wants. Who renews pays the price that he subscribed at.

    :raises DomainError: see `find_target`; not sold so; somebody else pays for the listing.
    """
    resource = find_target(user=user, product=product, resource_id=resource_id, livemode=livemode)
    held = live_subscription(user_id=user.pk, resource_id=resource_id, livemode=livemode)
    if held is not None and held.user_id != user.pk:
        raise SubscribedByAnother
    is_paid = held is not None and held.state != SubscriptionState.PENDING
    if held is not None and is_paid and (held.product, held.period) == (product, period):
        price = held.price
    else:
        price = current_price(product=product, tier=user.pricing_tier, period=period, at=at)
    return Wish(user, price, resource, held, livemode)


@transaction.atomic
def make_quote(
    *, user: User, product: str, period: str, resource_id: uuid.UUID | None = None, livemode: bool = True, at: dt.datetime
) -> Quote:
    """Say what it costs now, good for 15 minutes: what is charged is the quote. Raises as `wish`."""
    return price_up(wish(user=user, product=product, period=period, resource_id=resource_id, livemode=livemode, at=at), at=at)


def price_up(wanted: Wish, *, at: dt.datetime) -> Quote:
    """The quote of a wish, stored."""
    held, price, kind = wanted.subscription, wanted.price, wanted.change_kind
    start, end = paid_period(wanted, at=at)
    if kind == ChangeKind.DOWNGRADE:
        # Nothing now: the renewal will cost the new price.
        sums = Reckoning(price.amount, 0, 0, 0, 0)
    else:
        is_replacing = kind == ChangeKind.UPGRADE and held is not None
        sums = reckon(
            amount=price.amount,
            unused=unused_value_of(held, at=at) if is_replacing and held is not None else 0,
            carried=carried_over(wanted.user.pk, livemode=wanted.livemode),
            credit=available_credit(wanted.user.pk, livemode=wanted.livemode),
            minimum=payment_bounds().minimum,
            may_postpone=kind == ChangeKind.UPGRADE,
        )
    return Quote.objects.create(
        user=wanted.user, purpose=wanted.purpose, price=price, resource=wanted.resource, subscription=held, change_kind=kind or "",
        amount=sums.amount, unused_value=sums.unused_value, carried_over=sums.carried_over, credit_used=sums.credit_used,
        amount_due=sums.amount_due, period_start=start, period_end=end, livemode=wanted.livemode, created_at=at,
        expires_at=at + QUOTE_VALID,
    )  # fmt: skip


def paid_period(wanted: Wish, *, at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """What would be paid for, if it were paid now."""
    held, period = wanted.subscription, wanted.price.period
    if held is None or held.period_end is None or (wanted.change_kind == ChangeKind.UPGRADE and held.state == SubscriptionState.ACTIVE):
        return at, period_end(at, period)
    return held.period_end, period_end(held.period_end, period, anchor_day=held.anchor_day if period == held.period else None)


def reckoning_of(quote: Quote) -> Reckoning:
    """The sums of a quote that something is due for now."""
    return Reckoning(quote.amount, quote.unused_value, quote.carried_over, quote.credit_used, quote.amount_due)
