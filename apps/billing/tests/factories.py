"""Rows of billing for tests, each with what it stands on; keywords change its fields."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, Operator, PaymentState, Period, Product, ProviderCode, Purpose, SubscriptionState
from apps.billing.models import Invoice, Payment, Price, Subscription

_numbers = itertools.count(1)


def make_subscription(**fields: Any) -> Subscription:
    """A pending subscription of an account to `account_pro`."""
    at = fields.pop("at", None) or timezone.now()
    user = fields.pop("user", None) or make_user()
    product = fields.pop("product", Product.ACCOUNT_PRO)
    price = fields.pop("price", None) or Price.objects.create(
        product=product, tier="standard", period=Period.MONTH, amount=2500, valid_from=at - dt.timedelta(days=next(_numbers)), created_at=at
    )
    values = {"state": SubscriptionState.PENDING, "period": price.period, "created_at": at, "updated_at": at, **fields}
    return Subscription.objects.create(user=user, product=product, price=price, **values)


def make_invoice(*, user: User | None = None, total: int = 2500, **fields: Any) -> Invoice:
    """An open invoice (pro forma) of `total` francs, tax included, without lines."""
    at = fields.pop("at", None) or timezone.now()
    livemode = fields.get("livemode", True)
    subscription = fields.pop("subscription", None) or make_subscription(at=at, livemode=livemode, **({"user": user} if user else {}))
    net = (total * 10_000 + 11_925 // 2) // 11_925
    values = {
        "pro_forma_number": f"PF-ESSAI-{next(_numbers)}", "purpose": Purpose.SUBSCRIBE, "state": InvoiceState.OPEN, "total": total,
        "net": net, "vat": total - net, "amount_due": total, "created_at": at, "lapses_at": at + dt.timedelta(days=30), **fields,
    }  # fmt: skip
    return Invoice.objects.create(user=subscription.user, subscription=subscription, **values)


def make_payment(*, state: PaymentState = PaymentState.PENDING, **fields: Any) -> Payment:
    """A payment of an open invoice by MTN, asked for a minute ago and looked at next in an hour."""
    at = fields.pop("at", None) or timezone.now()
    livemode = fields.get("livemode", True)
    invoice = fields.pop("invoice", None) or make_invoice(total=fields.get("amount", 2500), livemode=livemode, at=at)
    number = next(_numbers)
    is_over = state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED, PaymentState.FAILED}
    values = {
        "user": invoice.user, "provider": ProviderCode.MTN if livemode else ProviderCode.FAKE, "operator": Operator.MTN,
        "msisdn": "+237670000111", "amount": invoice.amount_due, "provider_amount": fields.get("amount", invoice.amount_due),
        "provider_currency": "XAF", "order_id": f"PX{number:016d}", "callback_token": f"clef-{number:040d}", "created_at": at,
        "submitted_at": at - dt.timedelta(minutes=1), "expires_at": at + dt.timedelta(minutes=14), "finished_at": at if is_over else None,
        "next_query_at": None if is_over else at + dt.timedelta(hours=1), **fields,
    }  # fmt: skip
    return Payment.objects.create(invoice=invoice, state=state, **values)
