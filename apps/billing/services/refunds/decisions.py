"""Who asks for a refund, and who decides: two people, and never more than what the payment brought.

The ledger (contracts, section 7): an approved refund of a sale is a credit note, whose francs are the customer's credit; what
is to be paid out is taken from that credit (`refund_due`). A refund of credit needs no note. What the operator refuses in the
end is the customer's credit again.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import AccountKind, PaymentState, PostingKind, ProviderCode, RefundState
from apps.billing.exceptions import RefundDecided, RefundTooLarge, SecondPersonNeeded
from apps.billing.models import Payment, PaymentEvent, Refund
from apps.billing.providers import registry
from apps.billing.selectors.ledger import available_credit
from apps.billing.services import credit_notes, ledger
from apps.billing.services.ledger import Leg
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid, PermissionRefused

MOTIVE_MAX = 255
# What may still leave, or has left without a clear answer.
IN_FLIGHT = (RefundState.REQUESTED, RefundState.CREATED, RefundState.PENDING, RefundState.UNKNOWN)


@transaction.atomic
def request_refund(
    *, payment_id: uuid.UUID, amount: int, motive: str, actor: User, at: dt.datetime, from_credit: bool = False, is_manual: bool = False
) -> Refund:
    """Ask for `amount` francs of a payment to be given back. Nothing moves before somebody else approves.

    :param from_credit: pay the customer's credit out through this payment, without correcting its invoice.
    :param is_manual: to be paid out by hand; decided by itself where the operator cannot be asked.
    :raises PermissionRefused: without `billing.request_refund`.
    :raises RefundTooLarge: more than what is left of the payment, refunds under way counted, or of the customer's credit.
    """
    _require(actor, "billing.request_refund")
    motive = motive.strip()
    if not motive or len(motive) > MOTIVE_MAX:
        raise FieldsInvalid([("/motive", "invalid", _("Écrivez le motif, en 255 signes au plus."))])
    payment = lock_payment(payment_id)
    _check_amount(payment, amount, from_credit=from_credit)
    refund = Refund.objects.create(
        payment=payment, amount=amount, motive=motive, requested_by=actor, from_credit=from_credit,
        is_manual=is_manual or not can_be_sent(payment), created_at=at,
    )  # fmt: skip
    note(refund, cause="refund_requested", detail=motive, actor=actor, at=at, to_state=RefundState.REQUESTED)
    return refund


def request_credit_refund(*, user_id: uuid.UUID, amount: int, motive: str, actor: User, at: dt.datetime) -> Refund:
    """Ask for a customer's credit to be paid out, through the latest payment of his that can still give back so much.

    :raises RefundTooLarge: he has no such credit, or no such payment.
    """
    rows = Payment.objects.filter(user_id=user_id, livemode=True, state=PaymentState.SUCCEEDED, amount__gte=F("refunded_amount") + amount)
    payment = next((row for row in rows.order_by("-finished_at") if left_of(row) >= amount), None)
    if payment is None:
        raise RefundTooLarge
    return request_refund(payment_id=payment.pk, amount=amount, motive=motive, actor=actor, at=at, from_credit=True)


@transaction.atomic
def approve_refund(*, refund_id: uuid.UUID, actor: User, at: dt.datetime, ends_rights: bool = False) -> Refund:
    """Decide that the money goes back: a credit note, the debt in the ledger, and the order to send it.

    :param ends_rights: what was paid for ends when the refund is paid out; otherwise the customer keeps it.
    :raises SecondPersonNeeded: by whoever asked. :raises RefundDecided: decided before. :raises RefundTooLarge: no longer possible.
    """
    _require(actor, "billing.approve_refund")
    refund = lock_refund(refund_id)
    payment = refund.payment
    _check_undecided(refund, actor)
    # Two refunds of one customer's credit may go through two payments.
    User.objects.select_for_update(no_key=True).get(pk=payment.user_id)
    if payment.state != PaymentState.SUCCEEDED:
        raise RefundTooLarge
    if refund.from_credit:
        if refund.amount > available_credit(payment.user_id, livemode=payment.livemode):
            raise RefundTooLarge
    else:
        refund.credit_note = credit_notes.issue(invoice=payment.invoice, amount=refund.amount, reason=refund.motive, at=at)
    _post_due(refund, at=at)
    refund.is_manual = refund.is_manual or not can_be_sent(payment)
    refund.state, refund.decided_by, refund.decided_at, refund.ends_rights = RefundState.CREATED, actor, at, ends_rights
    refund.next_query_at = None if refund.is_manual else at
    refund.version += 1
    refund.save(update_fields=[
        "state", "decided_by", "decided_at", "ends_rights", "is_manual", "credit_note", "next_query_at", "version",
    ])  # fmt: skip
    note(refund, cause="refund_approved", actor=actor, at=at, from_state=RefundState.REQUESTED, to_state=RefundState.CREATED)
    publish(events.refund_approved, key=refund.pk, refund_id=str(refund.pk))
    return refund


@transaction.atomic
def refuse_refund(*, refund_id: uuid.UUID, actor: User, reason: str, at: dt.datetime) -> Refund:
    """Decide that nothing is given back.

    :raises SecondPersonNeeded: by whoever asked. :raises RefundDecided: decided before.
    """
    _require(actor, "billing.approve_refund")
    refund = lock_refund(refund_id)
    _check_undecided(refund, actor)
    refund.state, refund.decided_by, refund.decided_at, refund.finished_at = RefundState.REFUSED, actor, at, at
    refund.version += 1
    refund.save(update_fields=["state", "decided_by", "decided_at", "finished_at", "version"])
    note(refund, cause="refund_refused", detail=reason, actor=actor, at=at, from_state=RefundState.REQUESTED, to_state=RefundState.REFUSED)
    return refund


def lock_payment(payment_id: uuid.UUID) -> Payment:
    """The payment, held until the end of the transaction: refunds of one payment are decided one after another."""
    return Payment.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=payment_id)


def lock_refund(refund_id: uuid.UUID) -> Refund:
    """The refund with its payment, both held; the payment first, always."""
    payment = lock_payment(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
    refund.payment = payment
    return refund


def in_flight(payment: Payment) -> int:
    """Francs of refunds that are asked for or under way."""
    return Refund.objects.filter(payment=payment, state__in=IN_FLIGHT).aggregate(amount=Sum("amount"))["amount"] or 0


def left_of(payment: Payment) -> int:
    """Francs that may still be asked back; exact while the payment is locked."""
    return payment.amount - payment.refunded_amount - in_flight(payment)


def can_be_sent(payment: Payment) -> bool:
    """Whether the operator has an interface for refunds that we may use; else a person pays out."""
    code = ProviderCode(payment.provider)
    return code in registry.configured() and registry.provider(code).can_refund


def note(
    refund: Refund, *, cause: str, at: dt.datetime, detail: str = "", actor: User | None = None, from_state: str = "", to_state: str = ""
) -> None:
    """A line in the history of the payment about this refund."""
    PaymentEvent.objects.create(
        payment_id=refund.payment_id, refund=refund, from_state=from_state, to_state=to_state, cause=cause, detail=detail[:255],
        actor=actor, at=at,
    )  # fmt: skip


def _require(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise PermissionRefused


def _check_amount(payment: Payment, amount: int, *, from_credit: bool) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        raise FieldsInvalid([("/amount", "invalid", _("Le montant est un nombre entier de francs, au moins 1."))])
    if payment.state != PaymentState.SUCCEEDED or amount > left_of(payment):
        raise RefundTooLarge
    if from_credit and amount > available_credit(payment.user_id, livemode=payment.livemode):
        raise RefundTooLarge


def _check_undecided(refund: Refund, actor: User) -> None:
    if refund.state != RefundState.REQUESTED:
        raise RefundDecided
    if refund.requested_by_id == actor.pk:
        raise SecondPersonNeeded


def _post_due(refund: Refund, *, at: dt.datetime) -> None:
    payment = refund.payment
    if payment.livemode:
        legs = [
            Leg(AccountKind.CREDIT, refund.amount, user_id=payment.user_id),
            Leg(AccountKind.REFUNDS, -refund.amount, user_id=payment.user_id),
        ]
        ledger.post(kind=PostingKind.REFUND_DUE, cause=refund, legs=legs, at=at)
