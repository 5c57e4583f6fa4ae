"""Choosing a plan, and its exact price before paying."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.billing.choices import ChangeKind, InvoiceState, Period, Purpose
from apps.billing.constants import ACCOUNT_PRODUCTS, AMOUNT_MIN, LISTING_PRODUCTS
from apps.billing.models import Quote
from apps.billing.selectors.overview import own_listings, own_quote
from apps.billing.selectors.prices import Offer, price_book
from apps.billing.services.quotes import make_quote
from apps.billing.services.subscriptions import subscribe
from apps.core.clock import now
from apps.core.exceptions import DomainError, NotFound
from apps.core.money import format_xaf
from apps.web.forms.billing import ChooseForm
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import product_words


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """`produit` says whether it is about a listing or the account; `fiche` and `periode` are chosen in advance."""
    user, at, language = user_of(request), now(), current_language()
    asked = request.GET.get("produit", "")
    is_listing = asked not in ACCOUNT_PRODUCTS
    products = LISTING_PRODUCTS if is_listing else ACCOUNT_PRODUCTS
    book = [one for one in price_book(tier=user.pricing_tier, at=at) if one.product in products]
    listings = own_listings(user.pk)[0] if is_listing else []
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        products=[(one.product.value, str(one.product.label)) for one in book],
        periods=[(one.value, _period_words(book, one)) for one in Period if any(one in offer.prices for offer in book)],
        listings=[(str(one.resource.pk), one.resource.name_in(language)) for one in listings] if is_listing else None,
        initial={
            "product": asked if asked in products else products[-1 if is_listing else 0].value,
            "period": request.GET.get("periode", Period.MONTH), "listing": request.GET.get("fiche", ""),
        },
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            made = make_quote(
                user=user, product=data["product"], period=data["period"], resource_id=data.get("listing"), livemode=True, at=at
            )
        except DomainError as error:
            form.add_error(None, forms.ValidationError(str(error.detail), code=error.code))
        else:
            return redirect("web:billing_quote", quote_id=made.pk)
    context: dict[str, Any] = {
        "form": form, "is_listing": is_listing, "has_listings": bool(listings),
        "action": request.get_full_path(),
        "ways": [
            {"label": _("Chercher mon établissement"), "url": reverse("web:search")},
            {"label": _("Voir les tarifs"), "url": reverse("web:prices")},
        ],
    }  # fmt: skip
    return render(request, "web/billing/choose.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, quote_id: uuid.UUID) -> HttpResponse:
    """What will be charged, to the franc; confirming it leads to the payment."""
    user, at = user_of(request), now()
    try:
        made = own_quote(user.pk, quote_id)
    except NotFound as error:
        raise Http404 from error
    if request.method == "POST":
        try:
            invoice = subscribe(
                user=user, product=made.price.product, period=made.price.period, resource_id=made.resource_id, quote_id=made.pk,
                livemode=made.livemode, at=at,
            ).invoice  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error.detail))
            return redirect("web:billing_quote", quote_id=made.pk)
        if invoice is None or invoice.state != InvoiceState.OPEN:
            messages.success(request, _("Le changement est enregistré."))
            return redirect("web:billing")
        return redirect("web:billing_pay", invoice_id=invoice.pk)
    return render(request, "web/billing/quote.html", _quote_context(made, is_expired=made.expires_at <= at))


def _quote_context(made: Quote, *, is_expired: bool) -> dict[str, Any]:
    price = made.price
    again = {"produit": price.product, "periode": price.period} | ({"fiche": str(made.resource_id)} if made.resource_id else {})
    words = product_words(price.product, price.period)
    target = made.resource.name_in(current_language()) if made.resource else ""
    return {
        "quote": made, "is_expired": is_expired, "price_words": words, "what": f"{words} – {target}" if target else words,
        "is_later": made.change_kind == ChangeKind.DOWNGRADE,
        "is_small": made.purpose == Purpose.CHANGE and 0 < made.amount_due < AMOUNT_MIN,
        "again_url": f"{reverse('web:billing_choose')}?{urlencode(again)}",
    }  # fmt: skip


def _period_words(book: list[Offer], period: Period) -> str:
    """`Mois – 2 500 F CFA ou 7 500 F CFA`."""
    amounts = [offer.prices[period].amount for offer in book if period in offer.prices]
    return _("%(period)s : %(amounts)s") % {
        "period": str(period.label).capitalize(), "amounts": _(" ou ").join(format_xaf(one) for one in amounts)
    }  # fmt: skip
