"""Anybody who holds a receipt asks whether it is real. The addresses are printed, so they have no language in them."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.billing.check_codes import grouped, read_check_code
from apps.billing.selectors.receipts import receipt_of
from apps.web.pages import Meta

# Codes have 60 random bits: this keeps machines from asking at all.
RATES = {"receipt": "30/m/ip"}
_SHOWN_MAX = 20


@require_safe
@never_cache
def receipt(request: HttpRequest, code: str = "") -> HttpResponse:
    """True or false, on pages of one shape; without a code, the form alone."""
    if not code and (typed := request.GET.get("code", "").strip()):
        return redirect("receipt", code=grouped(read_check_code(typed)) or typed.replace("/", "-")[:_SHOWN_MAX])
    context = {
        "meta": Meta(
            title=_("Vérifier un reçu"), description=_("Le code d’un reçu dit s’il vient bien de nous."), robots="noindex"
        ),
        "alternates": [],
        "code": code[:_SHOWN_MAX],
    }  # fmt: skip
    if code and not ratelimit.consume(request, app="web", action="receipt", config=RATES, limit_get=True):
        return render(request, "web/receipt.html", {**context, "is_limited": True}, status=429)
    return render(request, "web/receipt.html", {**context, "found": receipt_of(code) if code else None})
