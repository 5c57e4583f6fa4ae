"""What somebody pays for, owes and has paid; and their listings with their plans."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.billing.choices import SubscriptionState
from apps.billing.models import Invoice, Subscription
from apps.billing.selectors.ledger import credit_of
from apps.billing.selectors.overview import OwnListing, issued_invoices, open_invoices, own_listings, own_subscriptions, running_payment
from apps.catalog.choices import ListingPlan, Status
from apps.core.clock import now
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import SUBSCRIPTION_TONES, invoice_words, price_words, product_words, subscription_when, target_of

_PLAN_TONES = {ListingPlan.FREE: "", ListingPlan.PREMIUM: "brand", ListingPlan.FEATURED: "sun"}


@dataclass(frozen=True)
class SubscriptionRow:
    """A subscription in words."""

    pk: uuid.UUID
    target: str
    state: str
    tone: str
    words: str
    when: str
    can_resume: bool
    ways: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice and what it is for."""

    invoice: Invoice
    words: str


@dataclass(frozen=True)
class ListingRow:
    """A listing, its plan and what comes next."""

    name: str
    url: str
    plan: str
    plan_tone: str
    status: str
    next: str
    ways: list[dict[str, str]]


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything about money, on one page; `avant` pages through older invoices."""
    user, at, language = user_of(request), now(), current_language()
    invoices, has_more = issued_invoices(user.pk, _uuid(request.GET.get("avant", "")))
    context = {
        "to_pay": [InvoiceRow(one, invoice_words(one, language)) for one in open_invoices(user.pk, at)],
        "subscriptions": [_subscription_row(one, language) for one in own_subscriptions(user.pk)],
        "invoices": [InvoiceRow(one, invoice_words(one, language)) for one in invoices],
        "next_url": f"?{urlencode({'avant': invoices[-1].pk})}" if has_more else "",
        "running": running_payment(user.pk),
        "credit": credit_of(user.pk),
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "web/billing/overview.html", context)


@login_required
@require_safe
def listings(request: HttpRequest) -> HttpResponse:
    """Name, plan and next payment of each."""
    language = current_language()
    rows, has_more = own_listings(user_of(request).pk)
    ways = [
        {"label": _("Chercher mon établissement"), "url": reverse("web:search")},
        {"label": _("Voir les tarifs"), "url": reverse("web:prices")},
    ]  # fmt: skip
    context: dict[str, Any] = {"rows": [_listing_row(one, language) for one in rows], "more": has_more, "ways": ways}
    return render(request, "web/billing/listings.html", context)


def _subscription_row(one: Subscription, language: str) -> SubscriptionRow:
    state = SubscriptionState(one.state)
    when = subscription_when(one)
    for change in one.waiting_changes:  # type: ignore[attr-defined]  # prefetched by the selector
        when += " " + _("Ensuite : %(words)s.") % {"words": product_words(change.to_price.product, change.to_price.period)}
    ways = []
    if state != SubscriptionState.PENDING and not one.cancel_at_period_end:
        query = {"produit": one.product, "periode": one.period} | ({"fiche": str(one.resource_id)} if one.resource_id else {})
        ways.append({"label": _("Renouveler ou changer"), "url": f"{reverse('web:billing_choose')}?{urlencode(query)}"})
    if not one.cancel_at_period_end:
        ways.append({"label": _("Résilier"), "url": reverse("web:billing_cancel", args=[one.pk])})
    words = f"{product_words(one.product, one.period)}, {price_words(one.price)}"
    return SubscriptionRow(
        one.pk, target_of(one, language), str(state.label), SUBSCRIPTION_TONES[state], words, when, one.cancel_at_period_end, ways
    )


def _listing_row(one: OwnListing, language: str) -> ListingRow:
    resource, subscription = one.resource, one.subscription
    plan = ListingPlan(resource.plan)
    query = urlencode({"produit": "listing_featured", "fiche": str(resource.pk)})
    ways = [{"label": _("Changer de forfait") if subscription else _("Mettre en avant"), "url": f"{reverse('web:billing_choose')}?{query}"}]
    ways.append({"label": _("Statistiques"), "url": f"{reverse('web:statistics')}?{urlencode({'fiche': resource.slug})}"})
    if resource.is_public:
        ways.append({"label": _("Voir la fiche"), "url": reverse("web:detail", args=[resource.slug])})
    return ListingRow(
        name=resource.name_in(language), url=reverse("web:detail", args=[resource.slug]) if resource.is_public else "",
        plan=str(plan.label), plan_tone=_PLAN_TONES[plan], status="" if resource.status == Status.ACTIVE else resource.get_status_display(),
        next=subscription_when(subscription) if subscription else _("Gratuit, sans échéance."), ways=ways,
    )  # fmt: skip


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
