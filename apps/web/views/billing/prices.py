"""The price book, as visitors and customers read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.choices import PricingTier
from apps.accounts.models import User
from apps.billing.choices import Period, Product
from apps.billing.constants import ACCOUNT_PRODUCTS, LISTING_PRODUCTS, VAT_BASIS_POINTS
from apps.billing.selectors.overview import own_subscriptions
from apps.billing.selectors.prices import Offer, price_book
from apps.core.clock import now
from apps.core.money import format_xaf
from apps.core.numbers import decimal_mark
from apps.web.pages import Meta, frame, page_url
from apps.web.plan_words import per_period, right_words

SHOWN_TIERS = (PricingTier.STANDARD, PricingTier.BUSINESS, PricingTier.ENTERPRISE)
BEST = {Product.LISTING_FEATURED, Product.ACCOUNT_PRO}


@dataclass(frozen=True)
class Choice:
    """A link of a switch."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Plan:
    """A card. `amount` is None where the product is not sold for this period."""

    name: str
    gives: list[str]
    amount: int | None
    per: str = ""
    saving: str = ""
    url: str = ""
    call: str = ""
    is_best: bool = False
    is_current: bool = False


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """What everything costs: `periode` and, for who is not logged in, `grille` choose the figures."""
    at = now()
    user = request.user if isinstance(request.user, User) else None
    period = Period(request.GET["periode"]) if request.GET.get("periode") in Period.values else Period.MONTH
    asked = request.GET.get("grille", "")
    tier = PricingTier(user.pricing_tier) if user else PricingTier(asked) if asked in PricingTier.values else PricingTier.STANDARD
    book = {one.product: one for one in price_book(tier=tier, at=at)}
    held = {one.product for one in own_subscriptions(user.pk)} if user else set()
    context = frame(
        request,
        meta=Meta(
            title=_("Tarifs"), canonical=page_url(request),
            description=_("Fiche gratuite, premium ou à la une, et forfaits d’API, en francs CFA, payés avec MTN MoMo ou Orange Money."),
        ),
        periods=[Choice(one.label.capitalize(), _here(one, None if user else tier), one == period) for one in Period],
        tiers=None if user else [Choice(str(one.label), _here(period, one), one == tier) for one in SHOWN_TIERS],
        groups=_groups(book, period, held),
        vat_rate=f"{decimal_mark(f'{VAT_BASIS_POINTS / 100:.2f}')}\u00a0%",
        nav="prices",
    )  # fmt: skip
    return render(request, "web/billing/prices.html", context)


def _here(period: Period, tier: PricingTier | None) -> str:
    query = {"periode": period.value} | ({"grille": tier.value} if tier and tier != PricingTier.STANDARD else {})
    return f"?{urlencode(query)}"


def _groups(book: dict[Product, Offer], period: Period, held: set[str]) -> list[dict[str, Any]]:
    listing_free = Plan(
        _("Gratuit"), [_("Fiche complète : horaires, contacts, plan"), _("Trouvée par la recherche"), _("5 photos")], 0,
        url=reverse("web:listings"), call=_("Gérer ma fiche"),
    )  # fmt: skip
    account_free = Plan(
        _("Gratuit"),
        [_("1 000 appels par mois, 2 000 pour une entreprise"), _("Recherche, fiches et catégories"), _("Mode d’essai sans fin")],
        0, url=reverse("web:developers"), call=_("Créer une clé"),
    )  # fmt: skip
    return [
        {
            "anchor": "fiches", "title": _("Pour votre fiche"), "text": _("Le prix est par fiche."),
            "offers": [listing_free, *(_plan(book[one], period, held) for one in LISTING_PRODUCTS if one in book)],
        },
        {
            "anchor": "programmes", "title": _("Pour vos programmes"), "text": _("Le prix est par compte, pour toutes ses clés d’API."),
            "offers": [account_free, *(_plan(book[one], period, held) for one in ACCOUNT_PRODUCTS if one in book)],
        },
    ]  # fmt: skip


def _plan(offer: Offer, period: Period, held: set[str]) -> Plan:
    product, price = offer.product, offer.prices.get(period)
    amount = price.amount if price else None
    query = urlencode({"produit": product.value, "periode": period.value})
    return Plan(
        name=str(product.label), gives=right_words(offer.rights, product), amount=amount, per=per_period(period),
        saving=_saving(offer, period), url=f"{reverse('web:billing_choose')}?{query}" if amount is not None else "",
        call=_("Choisir"), is_best=product in BEST, is_current=product in held,
    )  # fmt: skip


def _saving(offer: Offer, period: Period) -> str:
    """What a year costs less than twelve months."""
    month, year = offer.prices.get(Period.MONTH), offer.prices.get(Period.YEAR)
    if period != Period.YEAR or month is None or year is None or year.amount >= 12 * month.amount:
        return ""
    return _("%(amount)s de moins que douze mois") % {"amount": format_xaf(12 * month.amount - year.amount)}
