"""What staff may do to a payment and to an operator: nothing that could charge twice, each act with its author."""

from __future__ import annotations

import datetime as dt
import uuid

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import PaymentState, ProviderCode, Reason
from apps.billing.exceptions import PaymentRefused
from apps.billing.models import Payment, ProviderState
from apps.billing.services.payments import breaker, hasten
from apps.billing.services.payments.transitions import Trigger, move, note, with_fresh, write
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid, PermissionRefused

logger = structlog.get_logger(__name__)

EVIDENCE_MAX = 255
AMOUNT_MAX = 2**31 - 1


@transaction.atomic
def query_now(*, payment_id: uuid.UUID, actor: User, at: dt.datetime) -> bool:
    """Have the operator asked about a payment, at most once in ten seconds; False: there is nothing to ask."""
    _require(actor)
    if not hasten(payment_id=payment_id, at=at):
        return False
    note(Payment.objects.get(pk=payment_id), cause="staff_query", at=at, actor=actor)
    publish(events.callback_received, key=payment_id, payment_id=str(payment_id), callback_id=None)
    return True


def send_again(*, payment_id: uuid.UUID, actor: User, at: dt.datetime) -> None:
    """Submit a payment that surely never arrived, now instead of at its next try; nothing else is ever sent by hand.

    :raises PaymentRefused: it may have arrived.
    """
    _require(actor)

    def decide(payment: Payment) -> None:
        if payment.state != PaymentState.CREATED or payment.submitted_at is not None:
            raise PaymentRefused(_("Cette demande est peut-être arrivée : elle n’est jamais renvoyée à la main. Vérifiez-la."))
        write(payment, next_query_at=at)
        note(payment, cause="staff_send", at=at, actor=actor)
        publish(events.callback_received, key=payment.pk, payment_id=str(payment.pk), callback_id=None)

    with_fresh(payment_id, decide)


def allow_attempt(*, payment_id: uuid.UUID, actor: User, at: dt.datetime) -> None:
    """Let the customer pay the invoice anew although nobody knows what became of this payment, which stays watched.

    :raises PaymentRefused: its window is open, or it stands in nobody's way.
    """
    _require(actor)

    def decide(payment: Payment) -> None:
        is_unknown = payment.state == PaymentState.UNKNOWN and not payment.superseded
        if not is_unknown or (at < payment.expires_at and not payment.mismatch):
            raise PaymentRefused(_("Un autre essai n’est permis qu’après 15 minutes sans réponse de l’opérateur."))
        write(payment, superseded=True)
        note(payment, cause="superseded", at=at, actor=actor)

    with_fresh(payment_id, decide)


def close_payment(*, payment_id: uuid.UUID, actor: User, evidence: str, at: dt.datetime) -> None:
    """End a payment that the operator never decides, as not paid, with what proves it. A later success is accepted all the same.

    :raises PaymentRefused: it is not open. :raises FieldsInvalid: no proof.
    """
    _require(actor)
    evidence = evidence.strip()
    if not evidence or len(evidence) > EVIDENCE_MAX:
        raise FieldsInvalid([("/evidence", "invalid", _("Écrivez où se trouve la preuve, en 255 signes au plus."))])

    def decide(payment: Payment) -> None:
        fields = {"reason": Reason.CANCELED, "next_query_at": None, "leased_until": None, "mismatch": False}
        if payment.state not in {PaymentState.PENDING, PaymentState.UNKNOWN}:
            raise PaymentRefused(_("Ce paiement n’est pas en attente."))
        move(payment, Trigger.CLOSED_BY_STAFF, at=at, detail=evidence, actor=actor, **fields)

    with_fresh(payment_id, decide)


@transaction.atomic
def set_operator(
    *, provider: ProviderCode, accepts: bool, amount_min: int | None, amount_max: int | None, actor: User, at: dt.datetime
) -> ProviderState:
    """Switch new payments of an operator on or off, and bound their amounts (None: the usual ones). Queries and refunds go on.

    :raises FieldsInvalid: bounds that leave nothing.
    """
    _require(actor)
    breaker.state_of(provider)
    state = ProviderState.objects.select_for_update().get(provider=provider)
    if any(bound is not None and not 0 < bound <= AMOUNT_MAX for bound in (amount_min, amount_max)) or (
        amount_min is not None and amount_max is not None and amount_min > amount_max
    ):
        raise FieldsInvalid([("/amount_max", "invalid", _("Les bornes sont des montants positifs, la plus petite d’abord."))])
    state.accepts, state.amount_min, state.amount_max, state.updated_at = accepts, amount_min, amount_max, at
    state.save(update_fields=["accepts", "amount_min", "amount_max", "updated_at"])
    logger.warning(
        "operator_set", provider=str(provider), accepts=accepts, amount_min=amount_min, amount_max=amount_max, actor=str(actor.pk)
    )
    return state


def ensure_operators(codes: list[ProviderCode]) -> None:
    """A row for each, so that it can be switched before its first payment."""
    for code in codes:
        breaker.state_of(code)


def _require(actor: User) -> None:
    if not actor.has_perm("billing.act_on_payment"):
        raise PermissionRefused
