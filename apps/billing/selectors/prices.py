"""The price book, and what each product gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import Period, Product, ProviderCode
from apps.billing.constants import AMOUNT_MAX, AMOUNT_MIN, PERIOD_ORDER, PRODUCT_ORDER
from apps.billing.exceptions import NotOffered
from apps.billing.models import Price, ProductRight, ProviderState


@dataclass(frozen=True)
class Offer:
    """A product with what it costs, by period, and what it gives. A product without a price is not offered."""

    product: Product
    prices: Mapping[Period, Price]
    rights: Mapping[str, int]


@dataclass(frozen=True)
class Bounds:
    """What one Mobile Money payment can be, in francs, whichever operator takes it."""

    minimum: int
    maximum: int


def price_book(*, tier: str, at: dt.datetime) -> list[Offer]:
    """What is offered to a tier, cheapest product first. Two statements."""
    found: dict[str, dict[Period, Price]] = {}
    for price in _in_force(at).filter(tier=tier):
        found.setdefault(price.product, {})[Period(price.period)] = price
    rights = rights_by_product()
    return [
        Offer(product, {period: found[product][period] for period in PERIOD_ORDER if period in found[product]}, rights.get(product, {}))
        for product in PRODUCT_ORDER
        if product in found
    ]


def current_price(*, product: str, tier: str, period: str, at: dt.datetime) -> Price:
    """What a new subscriber of this tier pays. One statement. :raises NotOffered: the product is not sold by this period."""
    price = _in_force(at).filter(product=product, tier=tier, period=period).first()
    if price is None:
        raise NotOffered(_("Ce produit n’est pas vendu pour cette durée. Choisissez-en une autre."))
    return price


def rights_of(product: str) -> dict[str, int]:
    """Key and value of what a product gives. One statement."""
    return dict(ProductRight.objects.filter(product=product).values_list("key", "value"))


def rights_by_product() -> dict[str, dict[str, int]]:
    """What every product gives. One statement."""
    found: dict[str, dict[str, int]] = {}
    for product, key, value in ProductRight.objects.values_list("product", "key", "value"):
        found.setdefault(product, {})[key] = value
    return found


def payment_bounds() -> Bounds:
    """What any operator takes, where staff has narrowed it, too. One statement."""
    operators = ProviderState.objects.filter(accepts=True).exclude(provider__in=(ProviderCode.BANK, ProviderCode.FAKE))
    row = operators.aggregate(minimum=Max(Coalesce(F("amount_min"), AMOUNT_MIN)), maximum=Min(Coalesce(F("amount_max"), AMOUNT_MAX)))
    minimum, maximum = row["minimum"], row["maximum"]
    return Bounds(AMOUNT_MIN if minimum is None else minimum, AMOUNT_MAX if maximum is None else maximum)


def _in_force(at: dt.datetime) -> QuerySet[Price]:
    """The newest row of each product, tier and period; none when that one was withdrawn."""
    key = ("product", "tier", "period")
    newest = Price.objects.filter(valid_from__lte=at).order_by(*key, "-valid_from").distinct(*key).values("pk")
    return Price.objects.filter(pk__in=newest).exclude(withdrawn_at__lte=at)
