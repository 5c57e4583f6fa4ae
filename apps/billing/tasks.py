"""Background work of billing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from celery import shared_task
from django.db import transaction

from apps.billing.services import alarms, callbacks, documents, invoices, lifecycle, moves, payments, plan_checks, refunds, renewals
from apps.billing.services.ledger_watch import watch_ledger as prove_and_tell
from apps.billing.services.payments.nudges import nudge
from apps.core.clock import now


@shared_task(ignore_result=True)
def advance_payment(*, payment_id: str, **_: object) -> None:
    """Do the next thing for one payment; the beat does it when this is lost."""
    _after_commit(lambda: payments.advance(payment_id=uuid.UUID(payment_id), at=now()))


@shared_task(ignore_result=True)
def heed_callback(*, payment_id: str, **_: object) -> None:
    """Ask the operator about a payment soon, at most once in a while."""
    if payments.hasten(payment_id=uuid.UUID(payment_id), at=now()):
        _after_commit(lambda: payments.advance(payment_id=uuid.UUID(payment_id), at=now()))


@shared_task(ignore_result=True)
def nudge_payment(*, payment_id: str, **_: object) -> None:
    """Have a phone ring again."""
    _after_commit(lambda: nudge(payment_id=uuid.UUID(payment_id), at=now()))


@shared_task(ignore_result=True)
def reconcile_payments(**_: object) -> None:
    """Advance whatever payments are due."""
    payments.reconcile(at=now())


@shared_task(ignore_result=True)
def make_invoice_documents(*, invoice_id: str, **_: object) -> None:
    """Draw an issued invoice; who asks for it before this is done draws it then."""
    documents.make_invoice_documents(invoice_id=uuid.UUID(invoice_id), at=now())


@shared_task(ignore_result=True)
def make_credit_note_documents(*, credit_note_id: str, **_: object) -> None:
    """Draw a credit note; who asks for it before this is done draws it then."""
    documents.make_credit_note_documents(credit_note_id=uuid.UUID(credit_note_id), at=now())


@shared_task(ignore_result=True)
def lapse_invoices(**_: object) -> None:
    """Close pro formas whose time is over."""
    invoices.lapse(at=now())


@shared_task(ignore_result=True)
def watch_ledger(**_: object) -> None:
    """Prove the books, and tell people when they differ."""
    prove_and_tell(at=now())


@shared_task(ignore_result=True)
def advance_refund(*, refund_id: str, **_: object) -> None:
    """Do the next thing for one refund; the beat does it when this is lost."""
    refunds.advance(refund_id=uuid.UUID(refund_id), at=now())


@shared_task(ignore_result=True)
def reconcile_refunds(**_: object) -> None:
    """Advance whatever refunds are due."""
    refunds.reconcile(at=now())


@shared_task(ignore_result=True)
def check_operators(**_: object) -> None:
    """Raise what staff has to hear of."""
    alarms.check(at=now())


@shared_task(ignore_result=True)
def read_balances(**_: object) -> None:
    """Ask operators what our wallets hold."""
    alarms.read_balances(at=now())


@shared_task(ignore_result=True)
def prune_callbacks(**_: object) -> None:
    """Forget old bodies."""
    callbacks.prune(at=now())


def _after_commit(do: Callable[[], object]) -> None:
    """At once in a worker; where tasks run inside the caller's transaction, after it: an operator is never called within one."""
    transaction.on_commit(do)


@shared_task(ignore_result=True)
def renew_subscriptions(**_: object) -> None:
    """Do what time does to subscriptions."""
    renewals.run(at=now())


@shared_task(ignore_result=True)
def check_plans(**_: object) -> None:
    """Repair the copies of what is paid for."""
    plan_checks.check_plans(at=now())


@shared_task(ignore_result=True)
def follow_listing(*, resource_id: str, **_: object) -> None:
    """A listing was deleted, closed, suspended, or came back."""
    lifecycle.follow_listing(resource_id=uuid.UUID(resource_id), at=now())


@shared_task(ignore_result=True)
def follow_account(*, user_id: str, **_: object) -> None:
    """An account was deleted."""
    lifecycle.follow_account(user_id=uuid.UUID(user_id), at=now())


@shared_task(ignore_result=True)
def follow_merge(*, survivor_id: str, absorbed_id: str, **_: object) -> None:
    """Two listings became one."""
    moves.follow_merge(survivor_id=uuid.UUID(survivor_id), absorbed_id=uuid.UUID(absorbed_id), at=now())


@shared_task(ignore_result=True)
def undo_merge(*, survivor_id: str, absorbed_id: str, **_: object) -> None:
    """One listing became two again."""
    moves.undo_merge(survivor_id=uuid.UUID(survivor_id), absorbed_id=uuid.UUID(absorbed_id), at=now())
