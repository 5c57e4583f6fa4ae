"""Plans, quotes and subscriptions as the wire has them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from apps.accounts.choices import AccountPlan, Entitlement
from apps.billing.choices import ChangeKind
from apps.billing.constants import ACCOUNT_PLANS, ACCOUNT_PRODUCTS, CURRENCY, LISTING_PLANS
from apps.billing.models import Invoice, Quote, Subscription, SubscriptionChange
from apps.billing.selectors.invoices import bill_data
from apps.billing.selectors.prices import Bounds, Offer
from apps.billing.selectors.subscriptions import HeldSubscription
from apps.billing.services.quotes import reckoning_of
from apps.catalog.choices import ListingPlan, ListingRight
from apps.catalog.constants import FREE_LISTING_RIGHTS


def offers_data(offers: list[Offer], *, free_account: dict[Entitlement, int]) -> list[dict[str, Any]]:
    """What is offered, the free plans first, which are no product."""
    free = [
        _plan("listing", ListingPlan.FREE, {}, {str(key): value for key, value in FREE_LISTING_RIGHTS.items()}),
        _plan("account", AccountPlan.FREE, {}, {str(key): value for key, value in free_account.items()}),
    ]
    rows = [*free]
    for offer in offers:
        is_account = offer.product in ACCOUNT_PRODUCTS
        plan = ACCOUNT_PLANS[offer.product] if is_account else LISTING_PLANS[offer.product]
        prices = {str(period): price.amount for period, price in offer.prices.items()}
        rows.append(_plan("account" if is_account else "listing", plan, prices, dict(offer.rights), product=str(offer.product)))
    return sorted(rows, key=lambda row: row["target"] != "listing")


def _plan(
    target: str, plan: ListingPlan | AccountPlan, prices: dict[str, int], rights: dict[str, int], *, product: str | None = None
) -> dict[str, Any]:
    registry = ListingRight if target == "listing" else Entitlement
    labels = {str(key): str(label) for key, label in registry.choices}
    return {
        "product": product, "target": target, "plan": str(plan), "name": str(plan.label),
        "prices": [{"period": period, "amount": amount, "currency": CURRENCY} for period, amount in prices.items()],
        "rights": [{"key": key, "value": rights[key], "label": labels[key]} for key in labels if key in rights],
    }  # fmt: skip


def quote_data(quote: Quote, *, bounds: Bounds) -> dict[str, Any]:
    """A quote: every franc of what is due."""
    sums = reckoning_of(quote)
    is_later = quote.change_kind == ChangeKind.DOWNGRADE
    return {
        "id": str(quote.pk), "purpose": str(quote.purpose), "product": quote.price.product, "period": quote.price.period,
        "resource_id": str(quote.resource_id) if quote.resource_id else None,
        "subscription_id": str(quote.subscription_id) if quote.subscription_id else None,
        "takes_effect": "at_period_end" if is_later else "now", "amount": quote.amount, "unused_value": quote.unused_value,
        "carried_over": quote.carried_over, "rounding": 0 if is_later else sums.rounding, "credit_used": quote.credit_used,
        "amount_due": quote.amount_due, "postponed": 0 if is_later else sums.postponed, "credit_given": sums.surplus,
        "currency": CURRENCY, "payment_methods": payment_methods(quote.amount_due, bounds), "period_start": quote.period_start,
        "period_end": quote.period_end, "livemode": quote.livemode, "created_at": quote.created_at, "expires_at": quote.expires_at,
    }  # fmt: skip


def payment_methods(amount_due: int, bounds: Bounds) -> list[str]:
    """How so much can be paid; no operator takes more than its maximum at once."""
    if amount_due == 0:
        return []
    return ["mobile_money", "bank_transfer"] if amount_due <= bounds.maximum else ["bank_transfer"]


def pro_forma_data(invoice: Invoice, *, bounds: Bounds) -> dict[str, Any]:
    """An invoice as whoever subscribes needs it: what to pay, until when, and how."""
    return {**bill_data(invoice), "payment_methods": payment_methods(invoice.amount_due, bounds)}


def change_data(change: SubscriptionChange | None) -> dict[str, Any] | None:
    """A change that waits."""
    if change is None:
        return None
    return {
        "takes_effect": "at_period_end" if change.kind == ChangeKind.DOWNGRADE else "when_paid", "product": change.to_price.product,
        "period": change.to_price.period, "amount": change.to_price.amount, "state": str(change.state), "created_at": change.created_at,
    }  # fmt: skip


def subscription_data(held: HeldSubscription, *, language: str) -> dict[str, Any]:
    """A subscription: what is paid, until when, and what comes next."""
    one: Subscription = held.subscription
    resource = one.resource
    return {
        "id": str(one.pk), "product": one.product, "target": "account" if resource is None else "listing",
        "plan": str(ACCOUNT_PLANS[one.product] if resource is None else LISTING_PLANS[one.product]), "period": one.period,
        "state": str(one.state), "amount": one.price.amount, "currency": CURRENCY,
        "resource": None if resource is None else {"id": str(resource.pk), "slug": resource.slug, "name": resource.name_in(language)},
        "livemode": one.livemode, "started_at": one.started_at, "period_start": one.period_start, "period_end": one.period_end,
        "rights_end": held.rights_end, "cancel_at_period_end": one.cancel_at_period_end, "next_payment": _next(held),
        "open_invoice_id": str(held.invoice.pk) if held.invoice else None, "change": change_data(held.change), "ended_at": one.ended_at,
        "end_reason": one.end_reason or None, "created_at": one.created_at,
    }  # fmt: skip


def _next(held: HeldSubscription) -> dict[str, Any] | None:
    """When the next payment is due, and how much it will be."""
    due: dt.datetime | None = held.next_payment_at
    return None if due is None else {"due_at": due, "amount": held.next_amount, "currency": CURRENCY}
