"""How a refund ends: paid out, or not."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import AccountKind, CaseKind, PostingKind, Reason, RefundState, SubscriptionState
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES
from apps.billing.exceptions import RefundDecided
from apps.billing.models import Refund
from apps.billing.services import cases, ledger, subscriptions
from apps.billing.services.ledger import Leg
from apps.billing.services.payments import transitions
from apps.billing.services.payments.transitions import Trigger
from apps.billing.services.refunds.decisions import lock_refund, note
from apps.billing.services.targets import lock_subscription
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid, PermissionRefused

EVIDENCE_MAX = 255
# Under way as far as anybody knows.
OPEN = (RefundState.CREATED, RefundState.PENDING, RefundState.UNKNOWN)


@transaction.atomic
def record_manual(*, refund_id: uuid.UUID, actor: User, evidence: str, at: dt.datetime, transaction_id: str = "") -> Refund:
    """Write down that somebody paid an approved refund out by hand, and where the proof is.

    :raises RefundDecided: it is not one to be paid out by hand, or was before.
    """
    if not actor.has_perm("billing.request_refund"):
        raise PermissionRefused
    refund = lock_refund(refund_id)
    if not refund.is_manual or refund.state != RefundState.CREATED:
        raise RefundDecided
    _succeed(refund, cause="refund_paid_by_hand", transaction_id=transaction_id, at=at, actor=actor, evidence=_checked(evidence))
    return refund


@transaction.atomic
def close_refund(*, refund_id: uuid.UUID, actor: User, is_paid: bool, evidence: str, at: dt.datetime) -> Refund:
    """Say how a refund ended that the operator does not answer about, with what proves it.

    :raises RefundDecided: it has ended. :raises PermissionRefused: without `billing.approve_refund`.
    """
    if not actor.has_perm("billing.approve_refund"):
        raise PermissionRefused
    refund = lock_refund(refund_id)
    if refund.state not in OPEN or refund.submitted_at is None:
        raise RefundDecided
    proof = _checked(evidence)
    if is_paid:
        _succeed(refund, cause="refund_closed", transaction_id=refund.transaction_id, at=at, actor=actor, evidence=proof)
    else:
        fail(refund, reason=Reason.CANCELED, raw_reason=proof, at=at, actor=actor)
    return refund


def succeed(refund: Refund, *, transaction_id: str, at: dt.datetime) -> None:
    """The operator paid it out. In the transaction that holds the refund (`lock_refund`)."""
    _succeed(refund, cause="refund_succeeded", transaction_id=transaction_id, at=at)


def fail(refund: Refund, *, reason: Reason | None, raw_reason: str, at: dt.datetime, actor: User | None = None) -> None:
    """The operator did not pay it out: the money is the customer's credit, and a person decides what comes next."""
    before = refund.state
    _write(refund, state=RefundState.FAILED, finished_at=at, reason=reason or Reason.PROVIDER_ERROR, raw_reason=raw_reason[:255])
    note(refund, cause="refund_failed", detail=raw_reason, actor=actor, at=at, from_state=before, to_state=RefundState.FAILED)
    payment = refund.payment
    if payment.livemode:
        legs = [
            Leg(AccountKind.REFUNDS, refund.amount, user_id=payment.user_id),
            Leg(AccountKind.CREDIT, -refund.amount, user_id=payment.user_id),
        ]
        ledger.post(kind=PostingKind.REFUND_FAILED, cause=refund, legs=legs, at=at)
    cases.open_case(kind=CaseKind.REFUND_FAILED, payment=payment, detail=f"{refund.amount} F CFA, {refund.reason} {raw_reason}", at=at)


def _succeed(refund: Refund, *, cause: str, transaction_id: str, at: dt.datetime, actor: User | None = None, evidence: str = "") -> None:
    before = refund.state
    _write(
        refund, state=RefundState.SUCCEEDED, finished_at=at, transaction_id=transaction_id[:100], reason="", raw_reason="",
        evidence=evidence or refund.evidence,
    )  # fmt: skip
    detail = evidence or transaction_id
    note(refund, cause=cause, detail=detail, actor=actor, at=at, from_state=before, to_state=RefundState.SUCCEEDED)
    payment = refund.payment
    if payment.livemode:
        legs = [
            Leg(AccountKind.REFUNDS, refund.amount, user_id=payment.user_id),
            Leg(AccountKind.CLEARING, -refund.amount, provider=payment.provider),
        ]
        ledger.post(kind=PostingKind.REFUND, cause=refund, legs=legs, at=at)
    returned = payment.refunded_amount + refund.amount
    if returned == payment.amount:
        transitions.move(
            payment, Trigger.REFUNDED, at=at, actor=actor, refunded_amount=returned, finished_at=payment.finished_at, next_query_at=None
        )
    else:
        transitions.write(payment, refunded_amount=returned)
    if refund.ends_rights:
        _end_rights(refund, at=at)
    publish(events.refund_succeeded, key=refund.pk, refund_id=str(refund.pk))


def _end_rights(refund: Refund, *, at: dt.datetime) -> None:
    subscription, _waiting = lock_subscription(refund.payment.invoice.subscription)
    if subscription.state in LIVE_SUBSCRIPTION_STATES:
        subscriptions.end_now(subscription, state=SubscriptionState.CANCELLED, reason="refunded", at=at)


def _write(refund: Refund, **fields: Any) -> None:
    """The row is locked: no swap is needed, and a worker that was slower sees another version."""
    for name, value in {**fields, "next_query_at": None, "leased_until": None, "version": refund.version + 1}.items():
        setattr(refund, name, value)
    refund.save(update_fields=[*fields, "next_query_at", "leased_until", "version"])


def _checked(evidence: str) -> str:
    evidence = evidence.strip()
    if not evidence or len(evidence) > EVIDENCE_MAX:
        raise FieldsInvalid([("/evidence", "invalid", _("Écrivez où se trouve la preuve, en 255 signes au plus."))])
    return evidence
