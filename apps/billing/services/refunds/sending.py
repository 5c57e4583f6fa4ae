"""Refunds on their way: the one next thing that each needs, with the rules of payments (design page "Mobile Money", 7.4, 7.12).

`submitted_at` is written before a refund leaves. A lost answer is `unknown`, never a failure; the same reference is sent
again where the operator refuses doubles, and nothing else is ever sent twice.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from apps.billing.choices import CaseKind, ProviderCode, Reason, RefundState
from apps.billing.models import Case, Refund
from apps.billing.providers.port import Provider, RefundOrder, Seen, Sighting, Submission, Submitted
from apps.billing.providers.registry import provider as provider_with
from apps.billing.services import cases
from apps.billing.services.payments import breaker, schedule
from apps.billing.services.payments.journal import CallJournal
from apps.billing.services.payments.leases import LEASE, LEASE_MIN
from apps.billing.services.payments.moments import Moment
from apps.billing.services.payments.schedule import scaled
from apps.billing.services.refunds.decisions import lock_refund, note
from apps.billing.services.refunds.outcomes import fail, succeed

logger = structlog.get_logger(__name__)

BATCH = 200
# While a refund surely did not arrive it is tried again, ever more seldom.
RETRY, RETRY_MAX = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
STREAK_MAX = 1000


def advance(*, refund_id: uuid.UUID, at: dt.datetime) -> bool:
    """Do the next thing for an approved refund, when it is due and nobody else does it; False otherwise.

    :raises RuntimeError: inside a transaction, which would be held open over the network.
    """
    refund = take(at=at, refund_id=refund_id)
    if refund is None:
        return False
    perform(refund, provider=provider_with(ProviderCode(refund.payment.provider)), moment=Moment(at))
    return True


def reconcile(*, at: dt.datetime) -> int:
    """Advance the refunds that are due, `BATCH` at most; returns how many."""
    moment, done = Moment(at), 0
    while done < BATCH and (refund := take(at=moment.now())) is not None:
        perform(refund, provider=provider_with(ProviderCode(refund.payment.provider)), moment=moment)
        done += 1
    return done


def open_stuck_cases(*, at: dt.datetime) -> int:
    """Put refunds that were sent and have no end after 24 hours before a person; returns how many."""
    known = Case.objects.filter(payment=OuterRef("payment"), kind=CaseKind.STUCK, settled_at=None)
    stuck = Refund.objects.filter(
        ~Exists(known), is_manual=False, state__in=(RefundState.CREATED, RefundState.PENDING, RefundState.UNKNOWN),
        decided_at__lte=at - scaled(schedule.STUCK_AFTER),
    )  # fmt: skip
    rows = list(stuck.select_related("payment").order_by("decided_at")[:BATCH])
    for refund in rows:
        cases.open_case(kind=CaseKind.STUCK, payment=refund.payment, detail=f"{refund.reference} {refund.state}", at=at)
    return len(rows)


def take(*, at: dt.datetime, refund_id: uuid.UUID | None = None) -> Refund | None:
    """The refund, or the one that is due longest, when it is due and nobody has it; None: nothing to do."""
    due = Refund.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=at), next_query_at__lte=at, is_manual=False)
    if refund_id is not None:
        due = due.filter(pk=refund_id)
    with transaction.atomic(durable=True):
        refund = due.order_by("next_query_at").select_for_update(skip_locked=True, of=("self",)).first()
        if refund is not None:
            until = at + max(scaled(LEASE), LEASE_MIN)
            _set(refund, leased_until=until, next_query_at=until)
    return refund


def perform(refund: Refund, *, provider: Provider, moment: Moment) -> None:
    """Do the next thing for a refund that was just taken."""
    code = ProviderCode(refund.payment.provider)
    if (back_at := breaker.wait_for_call(code, at=moment.now())) is not None:
        _fresh(refund, lambda row: _set(row, next_query_at=back_at, leased_until=None))
        return
    journal = CallJournal(code, moment, refund=refund)
    if _is_to_be_sent(refund, provider, at=moment.now()):
        _fresh(refund, lambda row: _mark_sent(row, at=moment.now()))
        if refund.state in {RefundState.CREATED, RefundState.UNKNOWN}:
            submission = provider.refund(_order(refund), journal)
            _fresh(refund, lambda row: _record_submission(row, submission, at=moment.now()))
        return
    if refund.state == RefundState.CREATED:
        # A worker died between the call and its answer: it may have been paid out.
        _fresh(refund, lambda row: _move(row, RefundState.UNKNOWN, cause="refund_unclear", at=moment.now()))
    sighting = provider.query_refund(_order(refund), journal)
    _fresh(refund, lambda row: _record_sighting(row, sighting, at=moment.now()))


def _is_to_be_sent(refund: Refund, provider: Provider, *, at: dt.datetime) -> bool:
    """A first time; or once more, when the operator surely lacks it, refuses doubles and it is not too late."""
    if refund.state == RefundState.CREATED:
        return refund.submitted_at is None
    if refund.state != RefundState.UNKNOWN or not provider.resubmits or refund.submit_count > schedule.RESENDS_MAX:
        return False
    return _age(refund, at=at) < schedule.WINDOW and _is_absent(refund, at=at)


def _mark_sent(refund: Refund, *, at: dt.datetime) -> None:
    if refund.state not in {RefundState.CREATED, RefundState.UNKNOWN}:
        return
    _set(refund, submitted_at=refund.submitted_at or at, submit_count=refund.submit_count + 1, not_found_streak=0, not_found_since=None)


def _record_submission(refund: Refund, submission: Submission, *, at: dt.datetime) -> None:
    if refund.state not in {RefundState.CREATED, RefundState.UNKNOWN}:
        # A person closed it while the operator was asked.
        return
    outcome = submission.outcome
    is_first = refund.state == RefundState.CREATED
    if outcome in {Submitted.ACCEPTED, Submitted.DUPLICATE}:
        _move(refund, RefundState.PENDING, cause="refund_accepted", at=at, detail=outcome.value)
        _set(refund, next_query_at=schedule.first_query(at=at) if outcome is Submitted.ACCEPTED else at, leased_until=None)
    elif outcome is Submitted.REFUSED and is_first:
        fail(refund, reason=submission.reason, raw_reason=submission.raw_reason, at=at)
    elif outcome is Submitted.UNSENT and is_first:
        waited = (at - (refund.decided_at or at)) * settings.PAYMENT_TIME_SCALE
        step = min(max(waited, RETRY), RETRY_MAX)
        _set(
            refund, submitted_at=None, submit_count=max(refund.submit_count - 1, 0), raw_reason=submission.raw_reason[:255],
            reason=submission.reason or Reason.PROVIDER_UNAVAILABLE,
            next_query_at=at + schedule.jittered(step), leased_until=None,
        )  # fmt: skip
    else:
        _move(refund, RefundState.UNKNOWN, cause="refund_unclear", at=at, detail=submission.raw_reason or outcome.value)
        _set(refund, next_query_at=schedule.soon(at=at), leased_until=None)


def _record_sighting(refund: Refund, sighting: Sighting, *, at: dt.datetime) -> None:
    if refund.state not in {RefundState.PENDING, RefundState.UNKNOWN}:
        return
    if sighting.seen is Seen.NO_ANSWER:
        _set(refund, query_count=refund.query_count + 1, query_errors=min(refund.query_errors + 1, STREAK_MAX))
    else:
        _set(refund, query_count=refund.query_count + 1, query_errors=0)
    if sighting.seen is Seen.SUCCEEDED:
        _paid(refund, sighting, at=at)
        return
    if sighting.seen in {Seen.FAILED, Seen.EXPIRED}:
        fail(refund, reason=sighting.reason, raw_reason=sighting.raw_reason or sighting.raw_status, at=at)
        return
    if sighting.seen is Seen.IN_PROGRESS:
        _move(refund, RefundState.PENDING, cause="refund_in_progress", at=at)
        _set(refund, not_found_streak=0, not_found_since=None)
    elif sighting.seen is Seen.NOT_FOUND and refund.state == RefundState.UNKNOWN:
        _set(refund, not_found_streak=min(refund.not_found_streak + 1, STREAK_MAX), not_found_since=refund.not_found_since or at)
        if _age(refund, at=at) >= schedule.WINDOW and _is_absent(refund, at=at):
            fail(refund, reason=Reason.NEVER_RECEIVED, raw_reason=sighting.raw_reason, at=at)
            return
    _plan(refund, at=at)


def _paid(refund: Refund, sighting: Sighting, *, at: dt.datetime) -> None:
    """The operator says that it is paid out: believed when reference, amount and currency are those of the order."""
    order = _order(refund)
    wrong = (
        (sighting.reference is not None and sighting.reference != str(order.reference))
        or (sighting.amount is not None and sighting.amount != Decimal(order.amount))
        or (sighting.currency is not None and sighting.currency != order.currency)
    )
    if not wrong:
        succeed(refund, transaction_id=sighting.transaction_id, at=at)
        return
    said = f"{sighting.reference} {sighting.amount} {sighting.currency}"
    _move(refund, RefundState.UNKNOWN, cause="refund_mismatch", at=at, detail=said)
    # Frozen until a person decides (`close_refund`).
    _set(refund, next_query_at=None, leased_until=None)
    logger.error("refund_mismatch", refund=str(refund.pk), said=said)
    cases.open_case(kind=CaseKind.MISMATCH, payment=refund.payment, detail=f"{refund.reference} {said}", at=at)


def _plan(refund: Refund, *, at: dt.datetime) -> None:
    step = schedule.interval(age=_age(refund, at=at), queries=refund.query_count, errors=refund.query_errors) or dt.timedelta(days=1)
    if refund.not_found_streak and refund.state == RefundState.UNKNOWN:
        step = min(step, schedule.EARLY_STEPS[1])
    _set(refund, next_query_at=at + schedule.jittered(step), leased_until=None)


def _is_absent(refund: Refund, *, at: dt.datetime) -> bool:
    if refund.not_found_since is None or refund.not_found_streak < schedule.NOT_FOUND_TIMES:
        return False
    return at - refund.not_found_since >= scaled(schedule.NOT_FOUND_SPREAD)


def _age(refund: Refund, *, at: dt.datetime) -> dt.timedelta:
    return (at - (refund.submitted_at or at)) * settings.PAYMENT_TIME_SCALE


def _order(refund: Refund) -> RefundOrder:
    payment = refund.payment
    return RefundOrder(
        reference=refund.reference, payment_reference=payment.reference, payment_transaction_id=payment.transaction_id,
        amount=refund.amount, currency=payment.provider_currency, msisdn=payment.msisdn, message=_("Remboursement"),
        note=payment.invoice.number or payment.invoice.pro_forma_number,
    )  # fmt: skip


def _fresh(refund: Refund, change: Callable[[Refund], object]) -> None:
    """Change the row as it is now, with its payment held; whoever decided meanwhile is heard. The caller's copy follows."""
    with transaction.atomic():
        row = lock_refund(refund.pk)
        change(row)
    refund.__dict__.update({name: value for name, value in row.__dict__.items() if name != "_state"})


def _move(refund: Refund, state: RefundState, *, cause: str, at: dt.datetime, detail: str = "") -> None:
    if refund.state not in {state, RefundState.SUCCEEDED, RefundState.FAILED, RefundState.REFUSED}:
        note(refund, cause=cause, detail=detail, at=at, from_state=refund.state, to_state=state)
        _set(refund, state=state)


def _set(refund: Refund, **fields: Any) -> None:
    for name, value in {**fields, "version": refund.version + 1}.items():
        setattr(refund, name, value)
    refund.save(update_fields=[*fields, "version"])
