"""Where a payment stands: a page that survives a reload, a lost network and a closed phone."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.billing.choices import InvoiceState, Operator, PaymentState
from apps.billing.constants import LIVE_PAYMENT_STATES
from apps.billing.models import Payment
from apps.billing.selectors.overview import own_payment
from apps.billing.services.payments.advance import hasten
from apps.billing.services.payments.nudges import ask_to_nudge, can_be_nudged
from apps.core.clock import now
from apps.core.exceptions import NotFound
from apps.core.money import format_xaf
from apps.core.phones import national_format
from apps.core.templatetags.eco import hour
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.plan_words import product_words, target_of

FALLBACK_CODES = {Operator.MTN: "*126#", Operator.ORANGE: "#150*50#"}
PROMPT_LIVES = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Step:
    """A step of a payment: `at` is done, now or later."""

    label: str
    at: str


@login_required
@require_safe
@vary_on_headers("HX-Request")
def payment_page(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """The state in words and what to do next. The page asks again by itself while it is open, and is told only what changed."""
    payment, at = _own(request, payment_id), now()
    is_part = request.headers.get("HX-Request") == "true"
    seen = f"{payment.state}-{bool(payment.submitted_at):d}{bool(payment.page_url):d}{_is_late(payment, at):d}"
    if is_part and request.GET.get("vu") == seen:
        return HttpResponse(status=204)
    context = {"payment": payment, "is_open": payment.state in LIVE_PAYMENT_STATES, "seen": seen, **_told(payment, at)}
    return render(request, "web/billing/_payment.html" if is_part else "web/billing/payment.html", context)


@login_required
@require_POST
def payment_check(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """Ask the operator soon, and come back."""
    payment = _own(request, payment_id)
    hasten(payment_id=payment.pk, at=now())
    return redirect("web:billing_payment", payment_id=payment.pk)


@login_required
@require_POST
def payment_nudge(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """Have the phone ring once more, and come back."""
    payment = _own(request, payment_id)
    if ask_to_nudge(payment_id=payment.pk, at=now()):
        messages.success(request, _("La demande va s’afficher de nouveau sur le téléphone."))
    else:
        messages.info(request, _("La demande ne peut pas être renvoyée maintenant : vérifiez le téléphone, ou le paiement."))
    return redirect("web:billing_payment", payment_id=payment.pk)


def _own(request: HttpRequest, payment_id: uuid.UUID) -> Payment:
    try:
        return own_payment(user_of(request).pk, payment_id)
    except NotFound as error:
        raise Http404 from error


def _told(payment: Payment, at: dt.datetime) -> dict[str, Any]:
    state = PaymentState(payment.state)
    if state in (PaymentState.SUCCEEDED, PaymentState.REFUNDED):
        return _succeeded(payment, state)
    if state in (PaymentState.FAILED, PaymentState.EXPIRED):
        return _failed(payment)
    if state == PaymentState.UNKNOWN:
        return _unknown(payment, at)
    return _waiting(payment, at)


def _waiting(payment: Payment, at: dt.datetime) -> dict[str, Any]:
    facts = {"amount": format_xaf(payment.amount), "phone": _masked(payment), "code": FALLBACK_CODES.get(Operator(payment.operator), "")}
    is_sent = payment.submitted_at is not None
    if payment.page_url:
        heading = _("Validez sur la page d’Orange Money")
        text = _("Elle s’ouvre avec le bouton. Revenez ensuite ici : nous vérifions tout seuls.")
    elif _is_late(payment, at):
        heading = _("Pas encore confirmé")
        text = _("L’opérateur n’a pas encore répondu pour %(amount)s. Ne payez pas une seconde fois : nous continuons de vérifier.") % facts
    else:
        heading = _("Validez sur votre téléphone")
        text = _("Une demande de %(amount)s est envoyée au %(phone)s. Composez %(code)s si rien ne s’affiche.") % facts
    until = {"hour": hour(payment.submitted_at + PROMPT_LIVES)} if payment.submitted_at else {}
    pin = _("Code PIN à saisir avant %(hour)s") % until if until else _("Code PIN à saisir")
    steps = [
        Step(_("Demande envoyée"), "done") if is_sent else Step(_("Envoi de la demande"), "now"),
        Step(pin, "now" if is_sent else "later"),
        Step(_("Reçu par e-mail"), "later"),
    ]
    ways = [_way(_("Continuer plus tard"), "web:billing")]
    is_nudged = can_be_nudged(payment, at=at)
    return {"tone": "wait", "heading": heading, "text": text, "steps": steps, "can_check": True, "can_nudge": is_nudged, "ways": ways}


def _is_late(payment: Payment, at: dt.datetime) -> bool:
    return payment.submitted_at is not None and payment.submitted_at + PROMPT_LIVES <= at


def _unknown(payment: Payment, at: dt.datetime) -> dict[str, Any]:
    if payment.mismatch:
        text = _("L’opérateur annonce un paiement qui ne correspond pas exactement à la demande. L’équipe le contrôle et vous écrit.")
    else:
        text = _("L’opérateur n’a pas encore dit s’il a reçu la demande. Ne payez pas une seconde fois : nous vérifions et vous écrivons.")
    ways = [_way(_("Continuer plus tard"), "web:billing")]
    if not payment.mismatch and at >= payment.expires_at and payment.invoice.state == InvoiceState.OPEN and not payment.superseded:
        ways.append({"label": _("Payer autrement"), "url": reverse("web:billing_pay", args=[payment.invoice_id])})
    return {
        "tone": "ask", "mark": "search", "heading": _("Paiement en cours de vérification"), "text": text, "can_check": not payment.mismatch,
        "ways": ways,
    }  # fmt: skip


def _succeeded(payment: Payment, state: PaymentState) -> dict[str, Any]:
    invoice = payment.invoice
    subscription = invoice.subscription
    facts = [(_("Montant"), format_xaf(payment.amount)), (_("Payé avec"), f"{payment.get_operator_display()} {_masked(payment)}".strip())]
    if payment.transaction_id:
        facts.append((_("Transaction"), payment.transaction_id))
    ways = []
    if invoice.state == InvoiceState.PAID:
        facts.append((_("Facture"), str(invoice.number)))
        ways = [
            {"label": _("Télécharger la facture"), "url": reverse("web:billing_invoice_pdf", args=[invoice.pk])},
            {"label": _("Voir le reçu"), "url": reverse("web:billing_invoice", args=[invoice.pk])},
        ]  # fmt: skip
    if subscription.resource is not None:
        ways.append({"label": _("Voir la fiche"), "url": reverse("web:detail", args=[subscription.resource.slug])})
    what = {"product": product_words(subscription.product, subscription.period), "target": target_of(subscription, current_language())}
    heading = _("Paiement remboursé") if state == PaymentState.REFUNDED else _("Paiement réussi")
    text = _("Merci. %(product)s est actif pour %(target)s.") % what
    if state == PaymentState.REFUNDED:
        text = _("Le montant vous a été rendu.")
    elif payment.late_success:
        text = _("Le paiement est arrivé tard, mais il est bien arrivé. Voyez votre facturation pour ce qu’il a ouvert.")
    return {"tone": "ok", "mark": "check", "heading": heading, "text": text, "facts": facts, "ways": ways}


def _failed(payment: Payment) -> dict[str, Any]:
    is_expired = payment.state == PaymentState.EXPIRED
    heading = _("Demande expirée") if is_expired else _("Paiement non abouti")
    reason = payment.get_reason_display() or _("Le paiement n’a pas été confirmé à temps.")
    text = _("%(reason)s Si votre compte est débité malgré tout, nous le voyons et vous recevez ce que vous avez payé.") % {
        "reason": reason
    }
    ways = []
    if payment.invoice.state == InvoiceState.OPEN:
        ways.append({"label": _("Réessayer"), "url": reverse("web:billing_pay", args=[payment.invoice_id])})
    return {"tone": "no", "mark": "x", "heading": heading, "text": text, "ways": [*ways, _way(_("Retour à la facturation"), "web:billing")]}


def _way(label: str, name: str) -> dict[str, str]:
    return {"label": label, "url": reverse(name)}


def _masked(payment: Payment) -> str:
    """The last digits are enough to know the phone."""
    return f"•• {national_format(payment.msisdn)[-5:]}" if payment.msisdn else ""
