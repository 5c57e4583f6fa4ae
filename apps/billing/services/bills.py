"""From a quote to the invoice that charges it."""

from __future__ import annotations

import datetime as dt

from apps.billing import words
from apps.billing.choices import Purpose
from apps.billing.models import Invoice, Quote, Subscription
from apps.billing.selectors.subscriptions import carried_charges
from apps.billing.services import invoices
from apps.billing.services.invoices import Line
from apps.billing.services.quotes import reckoning_of


def draft_for(quote: Quote, subscription: Subscription, *, at: dt.datetime) -> Invoice:
    """The pro forma that charges a quote: the new period, less what is left of the old one, with what earlier changes owe."""
    sums, resource = reckoning_of(quote), subscription.resource
    period = quote.period_start, quote.period_end
    lines = [
        Line(
            *words.sold(product=quote.price.product, period=quote.price.period, resource=resource, start=period[0], end=period[1]),
            sums.amount,
            *period,
        )
    ]
    if sums.unused_value and subscription.period_end is not None:
        left = words.unused(product=subscription.product, resource=resource, start=quote.created_at, end=subscription.period_end)
        lines.append(Line(*left, sums.surplus - sums.unused_value, quote.created_at, subscription.period_end))
    if sums.carried_over:
        lines.append(Line(*words.carried_over(), sums.carried_over))
    if sums.postponed:
        lines.append(Line(*words.postponed(), -sums.postponed))
    invoice = invoices.draft(
        user=quote.user, purpose=Purpose(quote.purpose), lines=lines, subscription=subscription, quote=quote, livemode=quote.livemode, at=at
    )
    quote.used_at, quote.subscription = at, subscription
    quote.save(update_fields=["used_at", "subscription"])
    if sums.carried_over:
        carried_charges(quote.user_id, livemode=quote.livemode).update(invoice=invoice)
    return invoice
