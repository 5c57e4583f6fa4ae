"""Background work of billing."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.billing.services import payments
from apps.core.clock import now


@shared_task(ignore_result=True)
def advance_payment(*, payment_id: str, **_: object) -> None:
    """Do the next thing for one payment; the beat does it when this is lost."""
    payments.advance(payment_id=uuid.UUID(payment_id), at=now())


@shared_task(ignore_result=True)
def heed_callback(*, payment_id: str, **_: object) -> None:
    """Ask the operator about a payment soon, at most once in a while."""
    at = now()
    if payments.hasten(payment_id=uuid.UUID(payment_id), at=at):
        payments.advance(payment_id=uuid.UUID(payment_id), at=at)


@shared_task(ignore_result=True)
def reconcile_payments(**_: object) -> None:
    """Advance whatever payments are due."""
    payments.reconcile(at=now())
