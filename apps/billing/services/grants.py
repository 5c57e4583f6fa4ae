"""What a paid invoice gives: a period of its product, once."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.billing import events as billing_events
from apps.billing.choices import CaseKind, ChangeState, InvoiceState, PaymentState, Period, Purpose, SubscriptionState
from apps.billing.constants import GRACE, LIVE_SUBSCRIPTION_STATES
from apps.billing.models import CarriedCharge, Grant, Invoice, Payment, Price, Subscription, SubscriptionChange
from apps.billing.periods import local_day, period_end
from apps.billing.selectors.subscriptions import is_being_paid, leaving_reason, live_subscription, open_invoice
from apps.billing.services import cases, credit_notes, invoices
from apps.billing.services.quotes import reckoning_of
from apps.billing.services.rights import apply_rights
from apps.billing.services.targets import touch
from apps.catalog.choices import Status
from apps.core import events

logger = structlog.get_logger(__name__)


@transaction.atomic
def grant(*, invoice: Invoice, at: dt.datetime) -> Grant | None:
    """Give what a paid invoice bought, in the transaction that settles it. Harmless when repeated: the first grant is returned.

    A first period begins now. A renewal goes on from the end of the paid period, early as well as within the grace; once that is
    over, or the subscription had ended (a late success), it begins now. A change begins now, and closes what it replaces.
    None when the target is paid for by another subscription meanwhile: the whole invoice becomes credit, and a person decides.
    """
    given = Grant.objects.filter(invoice=invoice).first()
    if given is not None:
        return given
    subscription = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("price", "resource", "user")
        .get(pk=invoice.subscription_id)
    )
    if subscription.state not in LIVE_SUBSCRIPTION_STATES and not _make_room(subscription, at=at):
        give_back([invoice], invoice.total, reason=str(_("Un autre abonnement est déjà payé.")), at=at)
        payment = Payment.objects.filter(invoice=invoice, state=PaymentState.SUCCEEDED).first()
        if payment is not None:
            cases.open_case(kind=CaseKind.LATE_DUPLICATE, payment=payment, at=at)
        return None
    price = invoice.quote.price if invoice.quote is not None else subscription.price
    is_fresh = _begins_now(subscription, invoice, at=at)
    former_end = subscription.period_end
    start = at if is_fresh or former_end is None else former_end
    is_ahead = not is_fresh and start > at
    end = period_end(start, price.period, anchor_day=None if is_fresh or price.period != subscription.period else subscription.anchor_day)
    if is_fresh:
        subscription.grants.filter(closed_at=None, period_end__gt=at).update(closed_at=at)
        if subscription.state != SubscriptionState.ACTIVE:
            subscription.started_at = at
    given = Grant.objects.create(invoice=invoice, subscription=subscription, price=price, period_start=start, period_end=end, created_at=at)
    subscription.state, subscription.period_end = SubscriptionState.ACTIVE, end
    subscription.cancel_at_period_end, subscription.ended_at, subscription.end_reason = False, None, ""
    if not is_ahead:
        subscription.period_start = start
    if not (is_ahead and price.pk != subscription.price_id):
        # Paid ahead at another price, it goes on as it is until that period begins.
        take_price(subscription, price, start=start, is_fresh=is_fresh)
        settle_changes(subscription, price, at=at)
    touch(
        subscription, "state", "product", "price", "period", "started_at", "period_start", "period_end", "anchor_day",
        "cancel_at_period_end", "ended_at", "end_reason", at=at,
    )  # fmt: skip
    _fit_to_listing(subscription, at=at)
    apply_rights(subscription, at=at)
    if invoice.purpose == Purpose.CHANGE:
        _settle_rest(subscription, invoice, at=at)
    tell_changed(subscription, why="granted", at=at, invoice_id=str(invoice.pk))
    return given


def tell_changed(subscription: Subscription, *, why: str, at: dt.datetime, **more: str) -> None:
    """Publish that a locked subscription gives something else, or to something else; `why` as in `events.subscription_changed`."""
    payload = {"subscription_id": str(subscription.pk), "why": why, "at": at.isoformat(), **more}
    events.publish(billing_events.subscription_changed, key=subscription.pk, **payload)


def take_price(subscription: Subscription, price: Price, *, start: dt.datetime, is_fresh: bool) -> None:
    """Make the subscription one of this price (not saved). Its months are counted anew when they begin anew."""
    if is_fresh or subscription.anchor_day is None or price.period != subscription.period:
        subscription.anchor_day = local_day(start).day
    subscription.price, subscription.product, subscription.period = price, price.product, price.period


def give_back(paid: list[Invoice], amount: int, *, reason: str, at: dt.datetime) -> int:
    """Turn francs of issued invoices into the customer's credit, by credit notes on the first ones first; returns how many it was.

    Never more than the invoices have left: an invoice that credit or an unused period paid gives back no more than it took.
    """
    given = 0
    for invoice in paid:
        noted: int = invoice.credit_notes.aggregate(total=Sum("total", default=0))["total"]
        part = min(amount - given, invoice.total - noted)
        if part > 0:
            credit_notes.issue(invoice=invoice, amount=part, reason=reason, at=at)
            given += part
    if given < amount:
        logger.warning("credit_not_covered", amount=amount, given=given, invoices=[str(one.pk) for one in paid])
    return given


def paid_invoices(subscription: Subscription) -> list[Invoice]:
    """What was paid for it, newest first."""
    return list(subscription.invoices.filter(state=InvoiceState.PAID).order_by("-issued_at", "-id"))


def _begins_now(subscription: Subscription, invoice: Invoice, *, at: dt.datetime) -> bool:
    end = subscription.period_end
    if subscription.state not in {SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE} or end is None:
        return True
    if invoice.purpose == Purpose.CHANGE and subscription.state == SubscriptionState.ACTIVE and at < end:
        return True
    # The beat may not have ended it yet.
    grace = dt.timedelta(0) if subscription.cancel_at_period_end else GRACE[Period(subscription.period)]
    return at >= max(end, end + grace)


def _make_room(subscription: Subscription, *, at: dt.datetime) -> bool:
    """Whether an ended subscription may live again. One that waits for its first payment gives way."""
    other = live_subscription(user_id=subscription.user_id, resource_id=subscription.resource_id, livemode=subscription.livemode)
    if other is None:
        return True
    if other.state != SubscriptionState.PENDING:
        return False
    waiting = open_invoice(other)
    if waiting is not None and not is_being_paid(waiting):
        invoices.void(invoice_id=waiting.pk, at=at)
    other.state, other.ended_at, other.end_reason = SubscriptionState.CANCELLED, at, "replaced"
    touch(other, "state", "ended_at", "end_reason", at=at)
    return True


def _fit_to_listing(subscription: Subscription, *, at: dt.datetime) -> None:
    """A late success may find a listing that is gone, or hidden for a cause: it ends with its period, or a person decides."""
    reason = leaving_reason(subscription.resource)
    if reason:
        subscription.cancel_at_period_end, subscription.end_reason = True, reason
        touch(subscription, "cancel_at_period_end", "end_reason", at=at)
    if subscription.resource is not None and subscription.resource.status == Status.SUSPENDED:
        open_suspension_case(subscription, at=at)


def open_suspension_case(subscription: Subscription, *, at: dt.datetime) -> None:
    """Somebody paid for a listing that staff suspended: a person decides about a refund. Harmless when repeated."""
    payment = Payment.objects.filter(invoice__subscription=subscription, state=PaymentState.SUCCEEDED).order_by("-created_at").first()
    detail = str(_("Fiche suspendue, payée jusqu’au %(end)s.")) % {"end": f"{subscription.period_end:%d/%m/%Y}"}
    if payment is not None:
        cases.open_case(kind=CaseKind.SUSPENDED_PAID, payment=payment, detail=detail, at=at)
    else:
        # Credit paid for it: there is no payment to give back, but a decision to take.
        cases.open_case(kind=CaseKind.SUSPENDED_PAID, subscription=subscription, detail=detail, at=at)


def settle_changes(subscription: Subscription, price: Price, *, at: dt.datetime) -> None:
    """The change towards this price is done; any other that waited is dropped."""
    waiting = SubscriptionChange.objects.filter(subscription=subscription, state=ChangeState.WAITING)
    waiting.filter(to_price=price).update(state=ChangeState.APPLIED, settled_at=at)
    waiting.update(state=ChangeState.DROPPED, settled_at=at)


def _settle_rest(subscription: Subscription, invoice: Invoice, *, at: dt.datetime) -> None:
    """What was left over of the replaced period becomes credit; what is too little to pay waits for the next invoice."""
    if invoice.quote is None:
        return
    sums = reckoning_of(invoice.quote)
    if sums.surplus:
        former = [one for one in paid_invoices(subscription) if one.pk != invoice.pk]
        give_back(former, sums.surplus, reason=str(_("Reste non consommé du forfait précédent")), at=at)
    if sums.postponed:
        change = SubscriptionChange.objects.get(quote=invoice.quote)
        CarriedCharge.objects.create(
            user_id=invoice.user_id, change=change, amount=sums.postponed, livemode=invoice.livemode, created_at=at
        )
