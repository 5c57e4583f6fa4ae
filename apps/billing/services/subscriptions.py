"""Subscribing, changing, cancelling and resuming. Nothing is given here: `grants.grant` does, when the invoice is paid."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.billing import events as billing_events
from apps.billing.choices import ChangeKind, ChangeState, Purpose, SubscriptionState
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES
from apps.billing.exceptions import NothingToResume, PaymentRunning, QuoteExpired, QuoteOutdated
from apps.billing.models import Invoice, Quote, Subscription, SubscriptionChange
from apps.billing.selectors.subscriptions import carried_over, is_being_paid, unused_value_of, waiting_change
from apps.billing.services import grants, invoices
from apps.billing.services.bills import draft_for
from apps.billing.services.quotes import Wish, price_up, wish
from apps.billing.services.rights import apply_rights, stop_rights
from apps.billing.services.targets import lock_payer, lock_subscription, touch
from apps.core import events
from apps.core.exceptions import FieldsInvalid, NotFound
from apps.core.ids import uuid7


@dataclass(frozen=True)
class Subscribed:
    """What a wish came to. No `invoice`: nothing is due now, and `change` comes with the renewal. A paid invoice was covered wholly."""

    subscription: Subscription
    invoice: Invoice | None
    change: SubscriptionChange | None = None


@transaction.atomic
def subscribe(
    *, user: User, product: str, period: str, resource_id: uuid.UUID | None = None, quote_id: uuid.UUID | None = None,
    livemode: bool = True, at: dt.datetime,
) -> Subscribed:  # fmt: skip
    """Subscribe, renew or change, whichever it is: a pending subscription or a change, and the pro forma to pay.

    Repeating it while that is open returns the same invoice; another wish replaces what waits. A dearer plan begins when it is paid, a
    cheaper one with the next period. What costs nothing now (credit, or too little for any operator) is given at once.

    :param quote_id: charge this quote. :raises DomainError: as `quotes.wish`; the quote is over, used for something else or
        outdated; a payment of what would be replaced is running.
    """
    lock_payer(user.pk)
    wanted = wish(user=user, product=product, period=period, resource_id=resource_id, livemode=livemode, at=at)
    waiting: Invoice | None = None
    if wanted.subscription is not None:
        held, waiting = lock_subscription(wanted.subscription)
        wanted = replace(wanted, subscription=held if held.state in LIVE_SUBSCRIPTION_STATES else None)
    quote = _find_quote(wanted, quote_id, at=at) if quote_id is not None else None
    if quote is not None and quote.used_at is not None:
        return _used(quote)
    if wanted.change_kind == ChangeKind.DOWNGRADE:
        return _change_at_end(wanted, waiting, quote, at=at)
    if waiting is not None and wanted.subscription is not None:
        if _is_the_same(waiting, wanted, quote, at=at):
            return Subscribed(wanted.subscription, waiting, waiting_change(wanted.subscription))
        _withdraw(waiting, at=at)
    quote = quote or price_up(wanted, at=at)
    subscription = _prepare(wanted, at=at)
    drop_changes(subscription, at=at)
    invoice = draft_for(quote, subscription, at=at)
    change = None
    if wanted.purpose == Purpose.CHANGE:
        change = SubscriptionChange.objects.create(
            subscription=subscription,
            kind=ChangeKind.UPGRADE,
            from_price=subscription.price,
            to_price=quote.price,
            quote=quote,
            created_at=at,
        )
    if invoice.amount_due == 0:
        invoice = invoices.settle_invoice(invoice_id=invoice.pk, payment=None, at=at).invoice
        grants.grant(invoice=invoice, at=at)
        subscription.refresh_from_db()
    return Subscribed(subscription, invoice, change)


@transaction.atomic
def cancel(*, user: User, subscription_id: uuid.UUID, at: dt.datetime, livemode: bool | None = None) -> Subscription:
    """Let it end with its paid period; one that is not paid for (any more) ends now. Harmless when repeated.

    :param livemode: None for either mode.
    :raises NotFound: none of this user. :raises PaymentRunning: its renewal, change or first period is being paid right now.
    """
    subscription, waiting = _own(user, subscription_id, livemode=livemode)
    if subscription.state not in LIVE_SUBSCRIPTION_STATES or subscription.cancel_at_period_end:
        return subscription
    if waiting is not None:
        _withdraw(waiting, at=at)
    end_with_period(subscription, at=at, reason="cancelled")
    return subscription


@transaction.atomic
def resume(*, user: User, subscription_id: uuid.UUID, at: dt.datetime, livemode: bool | None = None) -> Subscription:
    """Take a cancellation back. Harmless when there is none.

    :raises NotFound: none of this user. :raises NothingToResume: it is over.
    """
    subscription, _waiting = _own(user, subscription_id, livemode=livemode)
    is_over = subscription.period_end is not None and subscription.period_end <= at and subscription.cancel_at_period_end
    if subscription.state not in LIVE_SUBSCRIPTION_STATES or is_over:
        raise NothingToResume
    if subscription.cancel_at_period_end:
        subscription.cancel_at_period_end = False
        touch(subscription, "cancel_at_period_end", at=at)
        apply_rights(subscription, at=at)
    return subscription


def end_with_period(subscription: Subscription, *, at: dt.datetime, reason: str) -> None:
    """Have a locked, live subscription end with its paid period, or now when nothing is paid (any more)."""
    drop_changes(subscription, at=at)
    if subscription.state == SubscriptionState.ACTIVE:
        subscription.cancel_at_period_end, subscription.end_reason = True, reason
        touch(subscription, "cancel_at_period_end", "end_reason", at=at)
        apply_rights(subscription, at=at)
        return
    end_now(subscription, state=SubscriptionState.CANCELLED, reason=reason, at=at)


def end_now(subscription: Subscription, *, state: SubscriptionState, reason: str, at: dt.datetime) -> None:
    """End a locked, live subscription: what it gave falls, the content stays. Nobody is told of one that was never paid."""
    was_paid = subscription.state != SubscriptionState.PENDING
    drop_changes(subscription, at=at)
    subscription.state, subscription.ended_at, subscription.end_reason = state, at, reason
    touch(subscription, "state", "ended_at", "end_reason", at=at)
    if was_paid:
        stop_rights(subscription, at=at)
        events.publish(billing_events.subscription_ended, key=subscription.pk, subscription_id=str(subscription.pk), reason=reason)


def _own(user: User, subscription_id: uuid.UUID, *, livemode: bool | None) -> tuple[Subscription, Invoice | None]:
    found = Subscription.objects.filter(pk=subscription_id, user=user).first()
    if found is None or livemode not in {None, found.livemode}:
        raise NotFound(_("Aucun abonnement n’a cet identifiant."))
    return lock_subscription(found)


def _find_quote(wanted: Wish, quote_id: uuid.UUID, *, at: dt.datetime) -> Quote:
    quote = Quote.objects.select_for_update(of=("self",)).select_related("price").filter(pk=quote_id, user=wanted.user).first()
    is_for_this = quote is not None and (quote.price.product, quote.price.period, quote.resource_id, quote.livemode) == (
        wanted.price.product, wanted.price.period, wanted.resource.pk if wanted.resource else None, wanted.livemode,
    )  # fmt: skip
    if quote is None or not is_for_this:
        raise FieldsInvalid([("/quote_id", "quote_mismatch", _("Aucun de vos devis pour cette souscription n’a cet identifiant."))])
    if quote.used_at is not None:
        return quote
    if quote.expires_at <= at:
        raise QuoteExpired
    held = wanted.subscription
    is_as_reckoned = (
        quote.price_id == wanted.price.pk
        and quote.purpose == wanted.purpose
        and (wanted.purpose == Purpose.SUBSCRIBE or quote.subscription_id == (held.pk if held else None))
        and (wanted.change_kind or "") == quote.change_kind
        and (not quote.unused_value or (held is not None and unused_value_of(held, at=quote.created_at) == quote.unused_value))
        and (not quote.carried_over or carried_over(wanted.user.pk, livemode=wanted.livemode) == quote.carried_over)
    )
    if not is_as_reckoned:
        raise QuoteOutdated
    return quote


def _used(quote: Quote) -> Subscribed:
    """A quote that was used says what came of it."""
    change = SubscriptionChange.objects.filter(quote=quote).first()
    invoice = Invoice.objects.filter(quote=quote).first()
    if quote.subscription is None or (invoice is None and change is None):
        raise QuoteExpired
    return Subscribed(quote.subscription, invoice, change)


def _is_the_same(invoice: Invoice, wanted: Wish, quote: Quote | None, *, at: dt.datetime) -> bool:
    """Whether the open invoice is what is wished for now. What a change costs falls by the second: it is said anew with its quote."""
    charged = invoice.quote
    if charged is None or charged.price_id != wanted.price.pk or invoice.purpose != wanted.purpose or quote not in {None, charged}:
        return False
    return wanted.purpose != Purpose.CHANGE or charged.expires_at > at


def _withdraw(invoice: Invoice, *, at: dt.datetime) -> None:
    if is_being_paid(invoice):
        raise PaymentRunning
    invoices.void(invoice_id=invoice.pk, at=at)


def _prepare(wanted: Wish, *, at: dt.datetime) -> Subscription:
    """The subscription that an invoice can be for: the live one, or a new one that waits for its payment."""
    held, price = wanted.subscription, wanted.price
    if held is None:
        return Subscription.objects.create(
            id=uuid7(), user=wanted.user, resource=wanted.resource, product=price.product, price=price, period=price.period,
            livemode=wanted.livemode, created_at=at, updated_at=at,
        )  # fmt: skip
    if held.state == SubscriptionState.PENDING and held.price_id != price.pk:
        held.price, held.product, held.period = price, price.product, price.period
        touch(held, "price", "product", "period", at=at)
    return held


def _change_at_end(wanted: Wish, waiting: Invoice | None, quote: Quote | None, *, at: dt.datetime) -> Subscribed:
    """A cheaper plan, or a shorter period, comes with the next period."""
    held = wanted.subscription
    if held is None:
        raise ValueError("a downgrade of nothing")
    change = waiting_change(held)
    if change is not None and change.kind == ChangeKind.DOWNGRADE and change.to_price_id == wanted.price.pk:
        return Subscribed(held, waiting, change)
    if waiting is not None:
        _withdraw(waiting, at=at)
    drop_changes(held, at=at)
    change = SubscriptionChange.objects.create(
        subscription=held, kind=ChangeKind.DOWNGRADE, from_price=held.price, to_price=wanted.price, quote=quote, created_at=at
    )
    if quote is not None:
        quote.used_at = at
        quote.save(update_fields=["used_at"])
    if held.cancel_at_period_end:
        held.cancel_at_period_end, held.end_reason = False, ""
        touch(held, "cancel_at_period_end", "end_reason", at=at)
        apply_rights(held, at=at)
    return Subscribed(held, None, change)


def drop_changes(subscription: Subscription, *, at: dt.datetime) -> None:
    """Forget what waits for a locked subscription."""
    waiting = SubscriptionChange.objects.filter(subscription=subscription, state=ChangeState.WAITING)
    waiting.update(state=ChangeState.DROPPED, settled_at=at)
