"""People who buy: what tests of plans start from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import PaymentState, Period, Product
from apps.billing.models import Grant, Invoice, Subscription
from apps.billing.services import grants, invoices, prices, subscriptions
from apps.billing.services.subscriptions import Subscribed
from apps.billing.tests.factories import make_payment
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource

AT = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Shop:
    """An owner with a listing, and what he does at the till."""

    owner: User
    listing: Resource

    def wants(self, product: Product, period: Period = Period.MONTH, *, at: dt.datetime = AT, **given: Any) -> Subscribed:
        """He subscribes, renews or changes."""
        if product in {Product.LISTING_PREMIUM, Product.LISTING_FEATURED}:
            given.setdefault("resource_id", self.listing.pk)
        return subscriptions.subscribe(user=given.pop("user", self.owner), product=product, period=period, at=at, **given)

    def buys(self, product: Product, period: Period = Period.MONTH, *, at: dt.datetime = AT, **given: Any) -> Subscription:
        """He subscribes and pays at once."""
        found = self.wants(product, period, at=at, **given)
        assert found.invoice is not None
        pay(found.invoice, at=at)
        return Subscription.objects.get(pk=found.subscription.pk)

    @property
    def plan(self) -> str:
        """What his listing shows."""
        return str(Resource.objects.get(pk=self.listing.pk).plan)


def pay(invoice: Invoice, *, at: dt.datetime = AT) -> Grant | None:
    """The operator says that it is paid: what the engine does then."""
    payment = make_payment(invoice=invoice, state=PaymentState.SUCCEEDED, at=at, amount=invoice.amount_due, livemode=invoice.livemode)
    settled = invoices.settle_invoice(invoice_id=invoice.pk, payment=payment, at=at)
    return grants.grant(invoice=settled.invoice, at=at) if settled.is_issued else None


def open_shop(**fields: Any) -> Shop:
    """The price book is loaded, somebody may write invoices, and an owner has a published listing."""
    prices.load_defaults(at=AT)
    owner = fields.pop("owner", None) or make_user()
    return Shop(owner, make_resource(**{"user": owner, "at": AT, "latitude": 4.05, "longitude": 9.7, **fields}))
