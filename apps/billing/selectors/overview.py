"""What an account pays for, owes and has paid: for its own pages."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from apps.billing.choices import InvoiceState, PaymentState
from apps.billing.constants import LIVE_PAYMENT_STATES, LIVE_SUBSCRIPTION_STATES
from apps.billing.models import Invoice, InvoiceLine, Payment, Quote, Subscription, SubscriptionChange, TransferProof
from apps.catalog.models import Resource
from apps.core.exceptions import NotFound

INVOICES_SHOWN, LISTINGS_SHOWN, SUBSCRIPTIONS_SHOWN, PAYMENTS_SHOWN = 20, 100, 100, 20


@dataclass(frozen=True)
class OwnListing:
    """A listing that somebody manages, and what is paid for it."""

    resource: Resource
    subscription: Subscription | None


def own_subscriptions(user_id: uuid.UUID) -> list[Subscription]:
    """The live ones, newest first, with their target, price and what will change."""
    waiting = SubscriptionChange.objects.filter(state="waiting").select_related("to_price")
    found = Subscription.objects.filter(user_id=user_id, state__in=LIVE_SUBSCRIPTION_STATES)
    found = found.select_related("resource", "price").prefetch_related(Prefetch("changes", waiting, to_attr="waiting_changes"))
    return list(found.order_by("-created_at")[:SUBSCRIPTIONS_SHOWN])


def own_listings(user_id: uuid.UUID) -> tuple[list[OwnListing], bool]:
    """Those that are not deleted, by name, and whether there are more than are given."""
    rows = list(Resource.objects.filter(user_id=user_id, deleted_at__isnull=True).order_by("name", "id")[: LISTINGS_SHOWN + 1])
    live = Subscription.objects.filter(resource__in=rows, state__in=LIVE_SUBSCRIPTION_STATES).select_related("price")
    by_resource = {one.resource_id: one for one in live}
    return [OwnListing(row, by_resource.get(row.pk)) for row in rows[:LISTINGS_SHOWN]], len(rows) > LISTINGS_SHOWN


def open_invoices(user_id: uuid.UUID, at: dt.datetime) -> list[Invoice]:
    """Pro formas that can still be paid, the first to lapse first."""
    found = Invoice.objects.filter(user_id=user_id, state=InvoiceState.OPEN, lapses_at__gt=at, amount_due__gt=0)
    return list(_with_lines(found).order_by("lapses_at")[:INVOICES_SHOWN])


def issued_invoices(user_id: uuid.UUID, before: uuid.UUID | None = None) -> tuple[list[Invoice], bool]:
    """Issued invoices, newest first, below the one named, and whether there are older ones."""
    found = _with_lines(Invoice.objects.filter(user_id=user_id, state=InvoiceState.PAID))
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: INVOICES_SHOWN + 1])
    return rows[:INVOICES_SHOWN], len(rows) > INVOICES_SHOWN


def own_invoice(user_id: uuid.UUID, invoice_id: uuid.UUID) -> Invoice:
    """:raises NotFound: none, or somebody else's."""
    found = _with_lines(Invoice.objects.filter(user_id=user_id, pk=invoice_id)).first()
    if found is None:
        raise NotFound
    return found


def own_quote(user_id: uuid.UUID, quote_id: uuid.UUID) -> Quote:
    """:raises NotFound: none, or somebody else's."""
    found = Quote.objects.filter(user_id=user_id, pk=quote_id).select_related("price", "resource").first()
    if found is None:
        raise NotFound
    return found


def own_payment(user_id: uuid.UUID, payment_id: uuid.UUID) -> Payment:
    """:raises NotFound: none, or somebody else's."""
    found = Payment.objects.filter(user_id=user_id, pk=payment_id).select_related("invoice__subscription__resource").first()
    if found is None:
        raise NotFound
    return found


def own_subscription(user_id: uuid.UUID, subscription_id: uuid.UUID) -> Subscription:
    """:raises NotFound: none, or somebody else's."""
    found = Subscription.objects.filter(user_id=user_id, pk=subscription_id).select_related("resource", "price").first()
    if found is None:
        raise NotFound
    return found


def payments_of_invoice(invoice_id: uuid.UUID) -> list[Payment]:
    """Every attempt, newest first."""
    return list(Payment.objects.filter(invoice_id=invoice_id).order_by("-created_at")[:PAYMENTS_SHOWN])


def running_payment(user_id: uuid.UUID) -> Payment | None:
    """The newest one that may still take the payer's money."""
    found = Payment.objects.filter(user_id=user_id, state__in=LIVE_PAYMENT_STATES, superseded=False)
    return found.order_by("-created_at").first()


def doubtful_payment(invoice: Invoice, *, at: dt.datetime) -> Payment | None:
    """The attempt that nobody has heard of since its window closed: another one is allowed beside it, with a warning. One statement."""
    found = Payment.objects.filter(invoice=invoice, state=PaymentState.UNKNOWN, mismatch=False, superseded=False, expires_at__lte=at)
    return found.first()


def last_proof(invoice_id: uuid.UUID) -> TransferProof | None:
    """The newest proof of a transfer for an invoice."""
    return TransferProof.objects.filter(invoice_id=invoice_id).order_by("-created_at").first()


def _with_lines(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return found.select_related("subscription__resource").prefetch_related(Prefetch("lines", InvoiceLine.objects.order_by("position")))
