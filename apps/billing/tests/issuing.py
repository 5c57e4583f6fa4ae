"""Pro formas and invoices for tests, made by the services that make real ones."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import Operator, PaymentState, Period, Product, ProviderCode, Purpose
from apps.billing.models import Invoice, Payment, Price, Subscription
from apps.billing.services import invoices
from apps.billing.services.invoices import Line

AT = dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def subscribe(user: User, *, livemode: bool = True, at: dt.datetime = AT) -> Subscription:
    """The account's pending subscription, one more price in the book."""
    live = Subscription.objects.filter(user=user, livemode=livemode, resource=None, state="pending").first()
    if live is not None:
        return live
    price = Price.objects.create(
        product=Product.ACCOUNT_PRO, tier="standard", period=Period.MONTH, amount=7_500,
        valid_from=at - dt.timedelta(hours=next(_numbers)), created_at=at,
    )  # fmt: skip
    return Subscription.objects.create(
        user=user, product=Product.ACCOUNT_PRO, price=price, period=Period.MONTH, livemode=livemode, created_at=at, updated_at=at
    )


def pro_forma(*, user: User | None = None, totals: tuple[int, ...] = (2_500,), livemode: bool = True, at: dt.datetime = AT) -> Invoice:
    """An open pro forma of one line for each of `totals`."""
    user = user or make_user()
    lines = [
        Line(f"Fiche premium, {number} mois", f"Premium listing, month {number}", total, at, at + dt.timedelta(days=30))
        for number, total in enumerate(totals, start=1)
    ]
    subscription = subscribe(user, livemode=livemode, at=at)
    return invoices.draft(user=user, purpose=Purpose.SUBSCRIBE, lines=lines, subscription=subscription, livemode=livemode, at=at)


def succeeded_payment(invoice: Invoice, *, at: dt.datetime = AT, **fields: Any) -> Payment:
    """What the operator has confirmed, before the invoice hears of it."""
    number = next(_numbers)
    values = {
        "provider": ProviderCode.MTN if invoice.livemode else ProviderCode.FAKE, "operator": Operator.MTN, "msisdn": "+237670000111",
        "amount": invoice.amount_due, "provider_amount": invoice.amount_due, "provider_currency": "XAF", "order_id": f"P{number:017d}",
        "callback_token": f"jeton-{number:040d}", "transaction_id": f"98765{number:05d}", "state": PaymentState.SUCCEEDED,
        "created_at": at, "submitted_at": at, "expires_at": at + dt.timedelta(minutes=15), "finished_at": at, **fields,
    }  # fmt: skip
    return Payment.objects.create(invoice=invoice, user=invoice.user, livemode=invoice.livemode, **values)


def issued_invoice(*, user: User | None = None, totals: tuple[int, ...] = (2_500,), livemode: bool = True, at: dt.datetime = AT) -> Invoice:
    """An invoice that was paid by MTN."""
    open_one = pro_forma(user=user, totals=totals, livemode=livemode, at=at)
    payment = succeeded_payment(open_one, at=at) if open_one.amount_due else None
    return invoices.settle_invoice(invoice_id=open_one.pk, payment=payment, at=at).invoice
