"""Subscriptions of listings that become one, and two again."""

from __future__ import annotations

import datetime as dt
import uuid

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.billing import words
from apps.billing.choices import Purpose, SubscriptionState
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES, PRODUCT_ORDER, QUOTE_VALID
from apps.billing.models import Grant, Quote, Subscription, SubscriptionMove
from apps.billing.selectors.ledger import available_credit
from apps.billing.selectors.subscriptions import is_being_paid, live_subscription, unused_value_of
from apps.billing.services import invoices
from apps.billing.services.grants import give_back, paid_invoices, tell_changed
from apps.billing.services.invoices import Line
from apps.billing.services.rights import apply_rights, stop_rights
from apps.billing.services.subscriptions import end_now
from apps.billing.services.targets import lock_subscription, touch

logger = structlog.get_logger(__name__)


@transaction.atomic
def follow_merge(*, survivor_id: uuid.UUID, absorbed_id: uuid.UUID, at: dt.datetime) -> None:
    """Have the subscription of a listing that went into another follow it there.

    Both have one: the better stays, the rest of the lesser becomes its payer's credit. One that was never paid gives way.
    """
    held = [one for one in (_of(absorbed_id), _of(survivor_id)) if one is not None]
    # One order for all, so that two merges never wait for each other.
    locked = {one.pk: lock_subscription(one)[0] for one in sorted(held, key=lambda one: (str(one.user_id), str(one.pk)))}
    live = [one for one in locked.values() if one.state in LIVE_SUBSCRIPTION_STATES]
    if not any(one.resource_id == absorbed_id for one in live):
        return
    best = max(live, key=_worth)
    for lesser in live:
        if lesser.pk != best.pk:
            _give_way(lesser, absorbed_id=absorbed_id, survivor_id=survivor_id, at=at)
    if best.resource_id == absorbed_id:
        _move(best, to=survivor_id, why="moved", at=at)
        SubscriptionMove.objects.create(
            subscription=best, absorbed_id=absorbed_id, survivor_id=survivor_id, before={"resource_id": str(absorbed_id)}, created_at=at
        )


@transaction.atomic
def undo_merge(*, survivor_id: uuid.UUID, absorbed_id: uuid.UUID, at: dt.datetime) -> None:
    """Give each listing its subscription back, as far as its paid period still runs.

    A rest that became credit is bought back with it, at what is left of it now; when the credit was spent or paid out
    meanwhile, it stays credit.
    """
    moves = list(
        SubscriptionMove.objects.filter(survivor=survivor_id, absorbed=absorbed_id, undone_at=None)
        .select_related("subscription")
        .order_by("pk")
    )
    for move in sorted(moves, key=lambda one: "period_end" in one.before):
        subscription, _waiting = lock_subscription(move.subscription)
        if "period_end" in move.before:
            _bring_back(subscription, move, at=at)
        elif subscription.state in LIVE_SUBSCRIPTION_STATES and subscription.resource_id == survivor_id:
            _move(subscription, to=absorbed_id, why="restored", at=at)
        move.undone_at = at
        move.save(update_fields=["undone_at"])


def _of(resource_id: uuid.UUID) -> Subscription | None:
    return live_subscription(user_id=None, resource_id=resource_id, livemode=True)


def _worth(one: Subscription) -> tuple[bool, int, dt.datetime]:
    end = one.period_end or one.created_at
    return one.state != SubscriptionState.PENDING, PRODUCT_ORDER.index(one.product), end


def _give_way(lesser: Subscription, *, absorbed_id: uuid.UUID, survivor_id: uuid.UUID, at: dt.datetime) -> None:
    """End the lesser one; what is left of it becomes credit."""
    waiting = lesser.invoices.filter(state="open").first()
    if waiting is not None and not is_being_paid(waiting):
        invoices.void(invoice_id=waiting.pk, at=at)
    value = unused_value_of(lesser, at=at)
    before = {
        "resource_id": str(lesser.resource_id), "state": str(lesser.state), "cancel_at_period_end": lesser.cancel_at_period_end,
        "period_end": lesser.period_end.isoformat() if lesser.period_end else None,
    }  # fmt: skip
    credit = 0
    if value:
        credit = give_back(paid_invoices(lesser), value, reason=_("Fiche fusionnée avec une autre qui a son propre forfait"), at=at)
    lesser.grants.filter(closed_at=None, period_end__gt=at).update(closed_at=at)
    end_now(lesser, state=SubscriptionState.CANCELLED, reason="listing_merged", at=at)
    SubscriptionMove.objects.create(
        subscription=lesser, absorbed_id=absorbed_id, survivor_id=survivor_id, credit=credit, before=before, created_at=at
    )


def _move(subscription: Subscription, *, to: uuid.UUID, why: str, at: dt.datetime) -> None:
    if subscription.state != SubscriptionState.PENDING:
        stop_rights(subscription, at=at)
    subscription.resource_id = to
    if subscription.end_reason == "listing_deleted":
        # The beat saw the absorbed listing before this did.
        subscription.cancel_at_period_end, subscription.end_reason = False, ""
    touch(subscription, "resource", "cancel_at_period_end", "end_reason", at=at)
    # The new listing, not the one that was read with the row.
    subscription = Subscription.objects.select_related("price", "resource", "user").get(pk=subscription.pk)
    if subscription.state != SubscriptionState.PENDING:
        apply_rights(subscription, at=at)
    tell_changed(subscription, why=why, at=at)


def _bring_back(subscription: Subscription, move: SubscriptionMove, *, at: dt.datetime) -> None:
    end = dt.datetime.fromisoformat(move.before["period_end"]) if move.before["period_end"] else None
    taken = live_subscription(user_id=subscription.user_id, resource_id=subscription.resource_id, livemode=subscription.livemode)
    if end is None or end <= at or taken is not None or subscription.state in LIVE_SUBSCRIPTION_STATES:
        return
    closed = subscription.grants.filter(closed_at=move.created_at, period_end__gt=at)
    reopened = list(closed.values_list("pk", flat=True))
    closed.update(closed_at=None)
    value = min(unused_value_of(subscription, at=at), move.credit)
    if value > available_credit(subscription.user_id, livemode=subscription.livemode):
        Grant.objects.filter(pk__in=reopened).update(closed_at=move.created_at)
        logger.warning("credit_of_merge_was_spent", subscription_id=str(subscription.pk), value=value)
        return
    if value:
        _buy_back(subscription, value, end=end, at=at)
    subscription.state, subscription.ended_at, subscription.end_reason = SubscriptionState.ACTIVE, None, ""
    subscription.cancel_at_period_end = move.before["cancel_at_period_end"]
    touch(subscription, "state", "ended_at", "end_reason", "cancel_at_period_end", at=at)
    apply_rights(subscription, at=at)
    tell_changed(subscription, why="restored", at=at)


def _buy_back(subscription: Subscription, value: int, *, end: dt.datetime, at: dt.datetime) -> None:
    """An invoice that the credit pays: the books say again what the subscription is worth."""
    quote = Quote.objects.create(
        user=subscription.user, purpose=Purpose.RENEW, price=subscription.price, resource=subscription.resource,
        subscription=subscription, amount=value, credit_used=value, amount_due=0, period_start=at, period_end=end,
        livemode=subscription.livemode, created_at=at, expires_at=at + QUOTE_VALID, used_at=at,
    )  # fmt: skip
    line = Line(*words.unused(product=subscription.product, resource=subscription.resource, start=at, end=end), value, at, end)
    invoice = invoices.draft(
        user=subscription.user, purpose=Purpose.RENEW, lines=[line], subscription=subscription, quote=quote,
        livemode=subscription.livemode, at=at,
    )  # fmt: skip
    invoices.settle_invoice(invoice_id=invoice.pk, payment=None, at=at)
    # Its period is that of the grants which run again: this one only says what the invoice was for.
    Grant.objects.create(
        invoice=invoice, subscription=subscription, price=subscription.price, period_start=at, period_end=end, closed_at=at, created_at=at
    )
