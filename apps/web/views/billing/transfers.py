"""Paying by bank transfer."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.billing.choices import InvoiceState
from apps.billing.selectors.overview import last_proof, own_invoice
from apps.billing.services.sellers import seller_in_force
from apps.billing.services.transfers import PROOF_MAX_BYTES, send_proof
from apps.core.clock import now
from apps.core.exceptions import DomainError, FieldsInvalid, NotFound
from apps.web.forms.billing import TransferForm
from apps.web.people import user_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """Where to send a bank transfer, and the proof that it was sent."""
    user, at = user_of(request), now()
    try:
        invoice = own_invoice(user.pk, invoice_id)
    except NotFound as error:
        raise Http404 from error
    if invoice.state != InvoiceState.OPEN:
        return redirect("web:billing_invoice", invoice_id=invoice.pk)
    proof = last_proof(invoice.pk)
    form = TransferForm(request.POST or None, request.FILES or None, initial={"amount": invoice.amount_due})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            send_proof(
                user=user, invoice_id=invoice.pk, content=data["file"].read(PROOF_MAX_BYTES + 1), bank_reference=data["bank_reference"],
                amount=data["amount"], at=at,
            )  # fmt: skip
        except FieldsInvalid as error:
            for pointer, code, detail in error.errors:
                name = pointer.lstrip("/")
                form.add_error(name if name in form.fields else None, forms.ValidationError(str(detail), code=code))
        except DomainError as error:
            form.add_error(None, forms.ValidationError(str(error.detail), code=error.code))
        else:
            messages.success(request, _("Votre justificatif est envoyé."))
            return redirect("web:billing_transfer", invoice_id=invoice.pk)
    context = {
        "invoice": invoice, "form": form, "seller": seller_in_force(at), "contact": settings.CONTACT_EMAIL,
        "waiting": proof if proof and not proof.refused_at and not proof.approved_at else None,
        "refused": proof if proof and proof.refused_at else None,
    }  # fmt: skip
    return render(request, "web/billing/transfer.html", context, status=422 if form.errors else 200)
