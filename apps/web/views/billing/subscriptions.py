"""Ending a subscription, and thinking better of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.billing.models import Subscription
from apps.billing.selectors.overview import own_subscription
from apps.billing.services import subscriptions as services
from apps.core.clock import now
from apps.core.exceptions import DomainError, NotFound
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import price_words, product_words, target_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, subscription_id: uuid.UUID) -> HttpResponse:
    """Ask once, then stop at the end of what is paid."""
    subscription = _own(request, subscription_id)
    if request.method == "POST":
        try:
            services.cancel(user=user_of(request), subscription_id=subscription.pk, at=now())
        except DomainError as error:
            messages.error(request, str(error.detail))
        else:
            messages.success(request, _("La résiliation est enregistrée."))
        return redirect("web:billing")
    context = {
        "subscription": subscription, "target": target_of(subscription, current_language()),
        "words": f"{product_words(subscription.product, subscription.period)}, {price_words(subscription.price)}",
    }  # fmt: skip
    return render(request, "web/billing/cancel.html", context)


@login_required
@require_POST
def resume(request: HttpRequest, subscription_id: uuid.UUID) -> HttpResponse:
    """Take a cancellation back."""
    subscription = _own(request, subscription_id)
    try:
        services.resume(user=user_of(request), subscription_id=subscription.pk, at=now())
    except DomainError as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, _("L’abonnement continue."))
    return redirect("web:billing")


def _own(request: HttpRequest, subscription_id: uuid.UUID) -> Subscription:
    try:
        return own_subscription(user_of(request).pk, subscription_id)
    except NotFound as error:
        raise Http404 from error
