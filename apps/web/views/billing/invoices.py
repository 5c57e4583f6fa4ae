"""One's own invoices: shown and downloaded; and who is named on them."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.billing.choices import InvoiceState
from apps.billing.documents.content import check_url
from apps.billing.models import Invoice
from apps.billing.selectors.overview import own_invoice, payments_of_invoice
from apps.billing.services import documents
from apps.billing.services.buyers import printed, set_identity
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid, NotFound
from apps.core.numbers import decimal_mark
from apps.web.forms.billing import IdentityForm
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import line_words

_TONES = {InvoiceState.OPEN: "sun", InvoiceState.PAID: "brand", InvoiceState.LAPSED: "", InvoiceState.VOID: ""}
_IN_THE_OTHER = {"fr": "In English", "en": "En français"}


@login_required
@require_safe
def invoice_page(request: HttpRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """Lines, tax, receipt and every attempt to pay."""
    invoice, at, language = _own(request, invoice_id), now(), current_language()
    context: dict[str, Any] = {
        "invoice": invoice,
        "heading": _heading(invoice),
        "lines": [{"words": line_words(one, language), "total": one.total} for one in invoice.lines.all()],
        "payments": payments_of_invoice(invoice.pk),
        "tone": _TONES[InvoiceState(invoice.state)],
        "vat_rate": f"{decimal_mark(f'{invoice.vat_basis_points / 100:.2f}')}\u00a0%",
        "is_payable": invoice.state == InvoiceState.OPEN and invoice.lapses_at > at and invoice.amount_due > 0,
        "other_language": "fr" if language == "en" else "en",
        "other_words": _IN_THE_OTHER[language],
        "receipt_url": check_url(invoice.check_code) if invoice.check_code else "",
    }  # fmt: skip
    return render(request, "web/billing/invoice.html", context)


@login_required
@require_safe
def invoice_pdf(request: HttpRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """The document, in the page's language or the one asked for."""
    invoice = _own(request, invoice_id)
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(settings.LANGUAGES) else current_language()
    content = documents.invoice_pdf(invoice=invoice, language=language, at=now())
    name = invoice.number or invoice.pro_forma_number
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "private, no-store"},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest) -> HttpResponse:
    """Who is named on the next invoices."""
    user = user_of(request)
    form = IdentityForm(request.POST if request.method == "POST" else None, initial=printed(user))
    if form.is_bound and form.is_valid():
        try:
            set_identity(user=user, at=now(), **form.cleaned_data)
        except FieldsInvalid as error:
            for pointer, code, detail in error.errors:
                form.add_error(pointer.lstrip("/"), forms.ValidationError(str(detail), code=code))
        else:
            messages.success(request, _("Votre identité est enregistrée."))
            return redirect("web:billing")
    return render(request, "web/billing/identity.html", {"form": form}, status=422 if form.errors else 200)


def _heading(invoice: Invoice) -> str:
    if invoice.number:
        return _("Facture %(number)s") % {"number": invoice.number}
    return _("Pro forma %(number)s") % {"number": invoice.pro_forma_number}


def _own(request: HttpRequest, invoice_id: uuid.UUID) -> Invoice:
    try:
        return own_invoice(user_of(request).pk, invoice_id)
    except NotFound as error:
        raise Http404 from error
