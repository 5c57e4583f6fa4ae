"""Paying an invoice with a phone."""

from __future__ import annotations

import datetime as dt
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

from apps.accounts.models import User
from apps.billing.choices import InvoiceState, Operator
from apps.billing.constants import ANSWERS_KEPT
from apps.billing.models import Invoice
from apps.billing.selectors.overview import doubtful_payment, own_invoice
from apps.billing.selectors.prices import payment_bounds
from apps.billing.services.payments.start import start
from apps.core.clock import now
from apps.core.exceptions import DomainError, NotFound
from apps.core.idempotency import IdempotencyKeyReused, answer_once
from apps.core.phones import InvalidPhone, national_format
from apps.web.forms.billing import PayForm, operator_of
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import line_words


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """Give a number, and go to the page that waits for its owner. Repeating it comes to the same payment."""
    user, at = user_of(request), now()
    try:
        invoice = own_invoice(user.pk, invoice_id)
    except NotFound as error:
        raise Http404 from error
    if invoice.state == InvoiceState.PAID:
        messages.info(request, _("Cette facture est déjà payée."))
        return redirect("web:billing_invoice", invoice_id=invoice.pk)
    form = PayForm(request.POST) if request.method == "POST" else PayForm(initial=_usual(user))
    if form.is_bound and form.is_valid():
        try:
            return _begin(request, invoice, form, user=user, at=at)
        except InvalidPhone as error:
            form.add_error("phone", forms.ValidationError(str(error.detail), code=error.code))
        except IdempotencyKeyReused:
            words = _("Ce formulaire a déjà servi à un autre paiement. Vérifiez le numéro, puis envoyez-le de nouveau.")
            form.add_error(None, forms.ValidationError(words, code="form_used"))
        except DomainError as error:
            form.add_error(None, forms.ValidationError(str(error.detail), code=error.code))
    return render(request, "web/billing/pay.html", _context(invoice, form, at=at), status=422 if form.errors else 200)


def _begin(request: HttpRequest, invoice: Invoice, form: PayForm, *, user: User, at: dt.datetime) -> HttpResponse:
    """One payment a form, however often it is sent: double click, reload, the way back. Refusals are raised, and kept by nobody."""
    given = form.cleaned_data

    def answer() -> HttpResponse:
        payment = start(
            invoice_id=invoice.pk, user=user, operator=Operator(given["operator"]), phone=given["phone"], livemode=invoice.livemode, at=at,
            despite_unknown=given["despite_unknown"],
        )  # fmt: skip
        return redirect("web:billing_payment", payment_id=payment.pk)

    return answer_once(
        request, caller=f"page:{user.pk}", key=str(given["once"]) if given["once"] else None, at=at, answer=answer, kept_for=ANSWERS_KEPT,
        body=f"{given['phone']}|{given['operator']}|{given['despite_unknown']}".encode(),
    )  # fmt: skip


@login_required
@require_safe
def operators(request: HttpRequest) -> HttpResponse:
    """The choice of operators for the number that is being typed: a part of the page of payment."""
    chosen = operator_of(request.GET.get("phone", "")) or request.GET.get("operator", "")
    return render(request, "web/billing/_operators.html", {"form": PayForm(initial={"operator": chosen})})


def _usual(user: User) -> dict[str, str]:
    """The number that was confirmed, and whose it looks."""
    if not user.phone:
        return {}
    return {"phone": national_format(user.phone), "operator": operator_of(user.phone) or ""}


def _context(invoice: Invoice, form: PayForm, *, at: dt.datetime) -> dict[str, Any]:
    language = current_language()
    lines = [{"words": line_words(line, language), "total": line.total} for line in invoice.lines.all()]
    return {
        "invoice": invoice, "form": form, "lines": lines,
        "is_above": invoice.amount_due > payment_bounds().maximum,
        "samples": _samples() if settings.DEMO_ALLOWED else None, "once": uuid.uuid4(),
        "doubtful": doubtful_payment(invoice, at=at),
    }  # fmt: skip


def _samples() -> list[tuple[str, str]]:
    """Numbers of the fake operator, in development only."""
    return [
        ("653 456 789", _("MTN : réussit")),
        ("693 456 789", _("Orange : réussit")),
        ("653 456 039", _("MTN : le payeur refuse")),
        ("693 456 049", _("Orange : solde insuffisant")),
        ("653 456 019", _("MTN : plafond atteint")),
        ("653 456 129", _("MTN : reste sans réponse")),
    ]
