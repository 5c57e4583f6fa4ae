"""What becomes of a subscription when its listing or its account changes (contracts, section 7). Each is harmless when repeated."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.billing.choices import SubscriptionState
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES
from apps.billing.models import BuyerIdentity, Invoice, Subscription
from apps.billing.selectors.subscriptions import is_being_paid, leaving_reason
from apps.billing.services import invoices
from apps.billing.services.grants import open_suspension_case
from apps.billing.services.rights import apply_rights
from apps.billing.services.subscriptions import end_now, end_with_period
from apps.billing.services.targets import lock_subscription, touch
from apps.catalog.choices import Status
from apps.catalog.models import Resource

# Reasons that a listing gave, and takes back when it returns.
_OF_LISTINGS = ("listing_deleted", "listing_closed")


def follow_listing(*, resource_id: uuid.UUID, at: dt.datetime) -> None:
    """Follow a listing that was deleted, closed or suspended, or has come back.

    Deleted or closed: it ends with its paid period. Suspended for cause: its rights stop at once, and a person decides
    about a refund. Come back: so do its rights and its renewal.
    """
    for subscription in Subscription.objects.filter(resource=resource_id, state__in=LIVE_SUBSCRIPTION_STATES):
        _follow(subscription, at=at)


@transaction.atomic
def _follow(subscription: Subscription, *, at: dt.datetime) -> None:
    subscription, waiting = lock_subscription(subscription)
    if subscription.resource_id is None or subscription.state not in LIVE_SUBSCRIPTION_STATES:
        return
    # Locked after the subscription, as whoever writes rights does.
    resource = Resource.objects.select_for_update(no_key=True).get(pk=subscription.resource_id)
    subscription.resource = resource
    reason = leaving_reason(resource)
    if reason:
        if not subscription.cancel_at_period_end:
            _withdraw(waiting, at=at)
            end_with_period(subscription, at=at, reason=reason)
        return
    if subscription.cancel_at_period_end and subscription.end_reason in _OF_LISTINGS:
        subscription.cancel_at_period_end, subscription.end_reason = False, ""
        touch(subscription, "cancel_at_period_end", "end_reason", at=at)
    if subscription.state == SubscriptionState.PENDING:
        return
    if resource.status == Status.SUSPENDED:
        _withdraw(waiting, at=at)
        open_suspension_case(subscription, at=at)
    apply_rights(subscription, at=at)


def follow_account(*, user_id: uuid.UUID, at: dt.datetime) -> None:
    """End what a deleted account pays for: its own plan now, those of listings with their paid period. Invoices stay as they were.

    The row of the account stays without any personal data, so that invoices keep what they name.
    """
    for subscription in Subscription.objects.filter(user=user_id, state__in=LIVE_SUBSCRIPTION_STATES):
        _leave(subscription, at=at)
    BuyerIdentity.objects.filter(user=user_id).delete()


@transaction.atomic
def _leave(subscription: Subscription, *, at: dt.datetime) -> None:
    subscription, waiting = lock_subscription(subscription)
    if subscription.state not in LIVE_SUBSCRIPTION_STATES:
        return
    _withdraw(waiting, at=at)
    if subscription.resource_id is None:
        end_now(subscription, state=SubscriptionState.CANCELLED, reason="account_deleted", at=at)
    elif not subscription.cancel_at_period_end:
        end_with_period(subscription, at=at, reason="account_deleted")


def _withdraw(waiting: Invoice | None, *, at: dt.datetime) -> None:
    """Nobody is asked for it any more; what is being paid already is taken, and becomes credit or a late success."""
    if waiting is not None and not is_being_paid(waiting):
        invoices.void(invoice_id=waiting.pk, at=at)
