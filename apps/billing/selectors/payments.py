"""Payments as their payers see them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.billing.choices import Operator, PaymentState, ProviderCode, Reason
from apps.billing.models import Payment
from apps.core.exceptions import NotFound

# Seconds between two looks at our own row: by then the answer of an operator may be there.
POLL_S = ((60, 3), (900, 10), (7200, 60))
POLL_SLOW_S = 300
_USSD = {Operator.MTN: "*126#", Operator.ORANGE: "#150*50#"}


@dataclass(frozen=True)
class PaymentView:
    """A payment on the waiting page and on the wire.

    `sentence` says where it stands in plain words, `instructions` what the payer can do now (empty: nothing). `poll_after_s` is None
    when looking again is in vain. `page_url` is set while the payer has to go to the operator's page.
    """

    payment: Payment
    sentence: str
    instructions: str
    ussd_code: str
    poll_after_s: int | None
    page_url: str
    may_retry: bool


def payment_of(*, user: User, payment_id: uuid.UUID, livemode: bool | None = None) -> Payment:
    """A payment of this user, with its invoice, in one statement.

    :param livemode: only of this mode; None: of both.
    :raises NotFound: there is none, or it is somebody else's.
    """
    found = Payment.objects.select_related("invoice").filter(pk=payment_id, user=user)
    if livemode is not None:
        found = found.filter(livemode=livemode)
    payment = found.first()
    if payment is None:
        raise NotFound
    return payment


def look_at(payment: Payment, *, at: dt.datetime) -> PaymentView:
    """What its payer is told now. No statement."""
    state = PaymentState(payment.state)
    # Of a frozen one the operator took the money already, as far as it said: nobody may be told to confirm anything.
    is_open = state in {PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN} and not payment.mismatch
    has_page = state is PaymentState.PENDING and bool(payment.page_url) and at < payment.expires_at
    ussd = _USSD.get(Operator(payment.operator), "") if payment.operator else ""
    return PaymentView(
        payment=payment,
        sentence=_sentence(payment, state, at=at),
        instructions=_instructions(ussd, has_page=has_page, is_web=payment.provider == ProviderCode.ORANGE_WEB) if is_open else "",
        ussd_code=ussd if is_open and payment.provider != ProviderCode.ORANGE_WEB else "",
        poll_after_s=_poll_after(payment, state, at=at),
        page_url=payment.page_url if has_page else "",
        may_retry=state in {PaymentState.FAILED, PaymentState.EXPIRED},
    )


def _sentence(payment: Payment, state: PaymentState, *, at: dt.datetime) -> str:
    if payment.mismatch:
        return _("La réponse de l’opérateur ne correspond pas à ce paiement : notre équipe vérifie.")
    if state is PaymentState.SUCCEEDED and payment.late_success:
        return _("L’opérateur a confirmé votre paiement en retard : il est bien compté.")
    if state in {PaymentState.FAILED, PaymentState.EXPIRED}:
        return str(Reason(payment.reason).label) if payment.reason else str(Reason.EXPIRED.label)
    if state is PaymentState.PENDING and at >= payment.created_at + (payment.expires_at - payment.created_at) / 3:
        return _("Pas encore confirmé par l’opérateur : nous continuons à vérifier.")
    return {
        PaymentState.CREATED: _("La demande part chez l’opérateur."),
        PaymentState.PENDING: _("L’opérateur attend votre confirmation."),
        PaymentState.UNKNOWN: _("L’opérateur ne répond pas encore : nous vérifions. Ne payez pas une seconde fois."),
        PaymentState.SUCCEEDED: _("Paiement réussi."),
        PaymentState.REFUNDED: _("Ce paiement vous a été remboursé."),
    }[state]


def _instructions(ussd: str, *, has_page: bool, is_web: bool) -> str:
    if has_page:
        return _("Ouvrez la page de l’opérateur et entrez-y votre code.")
    if is_web or not ussd:
        return ""
    return _("Validez sur votre téléphone avec votre code secret. Rien ne s’affiche ? Composez %(code)s.") % {"code": ussd}


def _poll_after(payment: Payment, state: PaymentState, *, at: dt.datetime) -> int | None:
    if state in {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.REFUNDED} or payment.mismatch:
        return None
    age_s = (at - payment.created_at).total_seconds()
    return next((wait for until, wait in POLL_S if age_s < until), POLL_SLOW_S)
