"""Who is told of what happens to what he pays for. Test mode moves no money and tells nobody."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils import translation

from apps.accounts.models import User
from apps.billing.choices import PaymentState, Product, Reason
from apps.billing.models import Invoice, Payment, Refund, Subscription
from apps.notifications.services import notifying
from apps.notifications.telling import page_address

BILLING_PAGE = ("web:billing",)


def tell_renewal_due(*, subscription_id: uuid.UUID, invoice_id: uuid.UUID | None, days_before: int, at: dt.datetime) -> None:
    """Write that a paid period ends in so many days, once for each; nobody, when it was renewed or cancelled meanwhile."""
    one = _subscription(subscription_id)
    if one is None or one.cancel_at_period_end or one.period_end is None or one.period_end <= at:
        return
    invoice = Invoice.objects.filter(pk=invoice_id).first() if invoice_id else None
    context = {
        "days": days_before, "end": one.period_end.isoformat(), "amount": invoice.amount_due if invoice else one.price.amount,
    }  # fmt: skip
    page = ("web:billing_pay", str(invoice.pk)) if invoice else BILLING_PAGE
    _tell("renewal_due", one.user, {**_named(one), **context}, f"renewal:{one.pk}:{one.period_end.isoformat()}:{days_before}", page, at=at)


def tell_past_due(*, subscription_id: uuid.UUID, ends_at: str, at: dt.datetime) -> None:
    """Write that a paid period is over, and until when its rights go on."""
    one = _subscription(subscription_id)
    if one is not None:
        _tell("past_due", one.user, {**_named(one), "end": ends_at}, f"past_due:{one.pk}:{ends_at}", at=at)


def tell_subscription_ended(*, subscription_id: uuid.UUID, reason: str, at: dt.datetime) -> None:
    """Write that a plan is over; nothing of the content is lost."""
    one = _subscription(subscription_id)
    if one is None or one.ended_at is None:
        return
    context = {**_named(one), "is_wanted": reason == "cancelled"}
    _tell("subscription_ended", one.user, context, f"ended:{one.pk}:{one.ended_at.isoformat()}", at=at)


def tell_payment_succeeded(*, payment_id: uuid.UUID, late: bool, at: dt.datetime) -> None:
    """Send the receipt: what was paid, for what, until when, and the code that proves it."""
    payment = Payment.objects.select_related("user", "invoice__subscription__resource").get(pk=payment_id)
    invoice, one = payment.invoice, payment.invoice.subscription
    if not payment.livemode:
        return
    context = {
        **_named(one), "amount": payment.amount, "number": invoice.number or "", "code": invoice.check_code or "", "late": late,
        "end": one.period_end.isoformat() if one.period_end else "",
    }  # fmt: skip
    page = ("web:billing_invoice", str(invoice.pk))
    _tell("payment_succeeded", payment.user, context, f"payment:{payment.pk}:succeeded", page, at=at)


def tell_payment_failed(*, payment_id: uuid.UUID, reason: str, at: dt.datetime) -> None:
    """Write why a payment did not succeed, in our words."""
    payment = Payment.objects.select_related("user", "invoice__subscription__resource").get(pk=payment_id)
    if not payment.livemode:
        return
    with translation.override(payment.user.language):
        why = str(Reason(reason).label) if reason in Reason.values else ""
    context = {**_named(payment.invoice.subscription), "amount": payment.amount, "why": why}
    page = ("web:billing_payment", str(payment.pk))
    _tell("payment_failed", payment.user, context, f"payment:{payment.pk}:failed", page, at=at)


def tell_payment_surplus(*, payment_id: uuid.UUID, at: dt.datetime) -> None:
    """Write that money came for something that was paid already, and what becomes of it."""
    payment = Payment.objects.select_related("user", "invoice__subscription__resource").get(pk=payment_id)
    if payment.livemode:
        context = {**_named(payment.invoice.subscription), "amount": payment.amount}
        _tell("payment_surplus", payment.user, context, f"payment:{payment.pk}:surplus", at=at)


def tell_subscription_changed(
    *, subscription_id: uuid.UUID, why: str, changed_at: str, invoice_id: uuid.UUID | None = None, at: dt.datetime
) -> None:
    """Write what a plan is now, and until when. Whoever paid for it just now has his receipt, which says it."""
    one = _subscription(subscription_id)
    if one is None or one.period_end is None:
        return
    paid = Payment.objects.filter(invoice=invoice_id, state__in=(PaymentState.SUCCEEDED, PaymentState.REFUNDED))
    if invoice_id is not None and paid.exists():
        return
    context = {**_named(one), "why": why, "end": one.period_end.isoformat()}
    _tell("subscription_changed", one.user, context, f"changed:{one.pk}:{why}:{changed_at}", at=at)


def tell_refund_succeeded(*, refund_id: uuid.UUID, at: dt.datetime) -> None:
    """Write that money went back."""
    refund = Refund.objects.select_related("payment__user", "payment__invoice__subscription__resource").get(pk=refund_id)
    payment = refund.payment
    if payment.livemode:
        context = {**_named(payment.invoice.subscription), "amount": refund.amount, "number": payment.invoice.number or ""}
        _tell("refund_succeeded", payment.user, context, f"refund:{refund.pk}", at=at)


def _subscription(subscription_id: uuid.UUID) -> Subscription | None:
    return Subscription.objects.select_related("user", "resource", "price").filter(pk=subscription_id, livemode=True).first()


def _named(one: Subscription) -> dict[str, Any]:
    with translation.override(one.user.language):
        product = str(Product(one.product).label)
    return {"product": product, "listing": one.resource.name_in(one.user.language) if one.resource else ""}


def _tell(
    name: str, user: User, context: dict[str, Any], dedup_key: str, page: tuple[str, ...] = BILLING_PAGE, *, at: dt.datetime
) -> None:  # fmt: skip
    if user.deleted_at is None:
        notifying.notify(name, user=user, context={**context, "url": page_address(user, *page)}, dedup_key=dedup_key, at=at)
