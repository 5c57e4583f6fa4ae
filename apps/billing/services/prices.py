"""The price book and what products give. A price is never edited: a new one is a new row, and who has the old one keeps it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.choices import Entitlement
from apps.billing.amounts import tier_price
from apps.billing.choices import Period, Product
from apps.billing.constants import (
    ACCOUNT_PRODUCTS,
    AMOUNT_MIN,
    AMOUNT_STEP,
    DEFAULT_PRICES,
    DEFAULT_RIGHTS,
    PRICES_FROM,
    TIER_FACTORS,
)
from apps.billing.models import Price, ProductRight
from apps.catalog.choices import ListingRight
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid


@transaction.atomic
def load_defaults(*, at: dt.datetime) -> int:
    """Write the prices and rights that ship, where there are none; returns how many rows. Harmless when repeated.

    What staff wrote or withdrew stays: prices are known by their date, and a product that has rights keeps those.
    """
    before = Price.objects.count() + ProductRight.objects.count()
    Price.objects.bulk_create(
        [
            Price(
                product=product, tier=tier, period=period, amount=tier_price(amount, numerator=over, denominator=under),
                valid_from=PRICES_FROM, created_at=at,
            )
            for product, amounts in DEFAULT_PRICES.items()
            for period, amount in amounts.items()
            for tier, (over, under) in TIER_FACTORS.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    known = set(ProductRight.objects.values_list("product", flat=True))
    ProductRight.objects.bulk_create(
        [
            ProductRight(product=product, key=key, value=value)
            for product, rights in DEFAULT_RIGHTS.items()
            if product not in known
            for key, value in rights.items()
        ],
        ignore_conflicts=True,
    )
    return Price.objects.count() + ProductRight.objects.count() - before


def load_reference_prices(*, overwrite: bool = False) -> dict[str, int]:  # noqa: ARG001  what staff decided about money is never undone
    """`load_defaults` for `load_reference`: rows by table."""
    load_defaults(at=now())
    return {"billing_prices": Price.objects.count(), "billing_product_rights": ProductRight.objects.count()}


@transaction.atomic
def set_price(*, product: str, tier: str, period: str, amount: int, valid_from: dt.datetime, at: dt.datetime) -> Price:
    """Sell for another price from then on (now, when that is past). Subscriptions keep theirs.

    :raises FieldsInvalid: too little to be paid, or no whole multiple of 5 francs.
    """
    if amount < AMOUNT_MIN or amount % AMOUNT_STEP:
        detail = _("Le prix est un multiple de %(step)s F, d’au moins %(minimum)s F.") % {"step": AMOUNT_STEP, "minimum": AMOUNT_MIN}
        raise FieldsInvalid([("/amount", "amount_impossible", detail)])
    return Price.objects.create(
        product=Product(product), tier=tier, period=Period(period), amount=amount, valid_from=max(valid_from, at), created_at=at
    )


@transaction.atomic
def withdraw_price(*, price: Price, at: dt.datetime) -> Price:
    """Offer it no more; who has it keeps it. Harmless when repeated."""
    if price.withdrawn_at is None:
        price.withdrawn_at = at
        price.save(update_fields=["withdrawn_at"])
    return price


@transaction.atomic
def set_right(*, product: str, key: str, value: int) -> ProductRight:
    """What a product gives from its next payment on. :raises FieldsInvalid: no right of what the product is for."""
    registry = Entitlement if product in ACCOUNT_PRODUCTS else ListingRight
    if key not in registry.values:
        raise FieldsInvalid([("/key", "unknown_right", _("Ce droit n’existe pas pour ce produit."))])
    return ProductRight.objects.update_or_create(product=Product(product), key=key, defaults={"value": value})[0]
