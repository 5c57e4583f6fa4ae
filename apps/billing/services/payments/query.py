"""What an operator's answer about a payment means. Nothing else moves money in our books."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import structlog

from apps.billing.choices import CaseKind, PaymentState, Reason
from apps.billing.models import Payment
from apps.billing.providers.port import Seen, Sighting
from apps.billing.services import cases
from apps.billing.services.payments import schedule, settle
from apps.billing.services.payments.leases import next_after
from apps.billing.services.payments.transitions import Trigger, move, note, write

logger = structlog.get_logger(__name__)

RAW_MAX = 255
_OVER = {PaymentState.SUCCEEDED, PaymentState.REFUNDED}
_LIVE = {PaymentState.PENDING, PaymentState.UNKNOWN}


def record(payment: Payment, sighting: Sighting, *, at: dt.datetime) -> None:
    """Write down what a query saw, and what follows from it. Inside `with_fresh`."""
    if not sighting.is_known_word:
        logger.warning("operator_word_unknown", provider=payment.provider, word=sighting.raw_status, reason=sighting.raw_reason)
    if sighting.seen is Seen.NO_ANSWER:
        _unanswered(payment, at=at)
        return
    write(
        payment,
        query_count=payment.query_count + 1,
        last_query_at=at,
        last_query_answered=sighting.seen is Seen.IN_PROGRESS,
        query_errors=0,
        **({} if sighting.seen is Seen.NOT_FOUND else {"not_found_streak": 0, "not_found_since": None}),
    )
    if payment.state in _OVER:
        _compare_after_success(payment, sighting, at=at)
    elif payment.mismatch:
        note(payment, cause="frozen", detail=_said(sighting), at=at)
    elif sighting.seen is Seen.SUCCEEDED:
        _succeeded(payment, sighting, at=at)
    elif sighting.seen is Seen.IN_PROGRESS:
        _in_progress(payment, at=at)
    elif sighting.seen is Seen.NOT_FOUND:
        _not_found(payment, at=at)
    else:
        _ended(payment, sighting, at=at)
    _plan(payment, at=at)


def _plan(payment: Payment, *, at: dt.datetime) -> None:
    """Give the payment back, with the time of its next query."""
    due = None if payment.mismatch else schedule.next_query(payment, at=at)
    if payment.state == PaymentState.UNKNOWN and payment.not_found_streak and due is not None:
        # The rule for what the operator does not know needs several answers over a minute, not the ladder's pace.
        due = min(due, at + schedule.jittered(schedule.EARLY_STEPS[1]))
    if not payment.mismatch:
        due = next_after(payment, due, at=at + schedule.scaled(schedule.HASTEN_GAP))
    write(payment, next_query_at=due, leased_until=None)


def _unanswered(payment: Payment, *, at: dt.datetime) -> None:
    """A query that fails never changes the state: time-out, 5xx, 401, a page of HTML."""
    write(
        payment,
        query_count=payment.query_count + 1,
        last_query_at=at,
        query_errors=min(payment.query_errors + 1, 1000),
    )
    _plan(payment, at=at)


def difference(payment: Payment, sighting: Sighting) -> str:
    """The equality that a success breaks, for people; empty when all four hold (status, reference, amount, currency)."""
    asked = payment.provider_amount
    checks = (
        (sighting.seen is Seen.SUCCEEDED, f"status {sighting.raw_status}"),
        (sighting.reference in {None, str(payment.reference)}, f"reference {sighting.reference}"),
        (sighting.amount is not None or not sighting.returns_amount, "no amount"),
        (sighting.amount in {None, Decimal(asked)}, f"amount {sighting.amount} instead of {asked}"),
        (sighting.currency in {None, payment.provider_currency}, f"currency {sighting.currency} instead of {payment.provider_currency}"),
    )
    broken = next((what for holds, what in checks if not holds), "")
    if not broken and sighting.transaction_id and _is_taken(payment, sighting.transaction_id):
        return f"transaction {sighting.transaction_id} of another payment"
    return broken


def _is_taken(payment: Payment, transaction_id: str) -> bool:
    same = Payment.objects.filter(provider=payment.provider, transaction_id=transaction_id)
    return same.exclude(pk=payment.pk).exists()


def _succeeded(payment: Payment, sighting: Sighting, *, at: dt.datetime) -> None:
    broken = difference(payment, sighting)
    if not broken:
        differs = bool(sighting.payer) and sighting.payer != payment.msisdn
        settle.succeed(payment, transaction_id=sighting.transaction_id, payer_differs=differs, at=at)
        return
    # It comes back from the end as a live payment: an attempt that was begun meanwhile keeps its place.
    is_second = payment.state not in _LIVE
    moved = move(
        payment, Trigger.MISMATCH, at=at, detail=broken, mismatch=True, superseded=payment.superseded or is_second,
        raw_reason=broken[:RAW_MAX],
    )  # fmt: skip
    if moved:
        logger.error("payment_mismatch", payment=str(payment.pk), provider=payment.provider, difference=broken)
        cases.open_case(kind=CaseKind.MISMATCH, payment=payment, detail=broken, at=at)


def _in_progress(payment: Payment, *, at: dt.datetime) -> None:
    """The operator has it and nobody has paid yet. Past the window the invoice may be paid anew, and this one stays watched."""
    if payment.state not in _LIVE:
        return
    move(payment, Trigger.IN_PROGRESS, at=at)
    if at >= payment.expires_at:
        move(payment, Trigger.WINDOW_CLOSED, at=at, reason=Reason.EXPIRED)


def _ended(payment: Payment, sighting: Sighting, *, at: dt.datetime) -> None:
    """The operator says no."""
    if payment.state not in _LIVE:
        return
    is_expired = sighting.seen is Seen.EXPIRED
    trigger = Trigger.QUERY_EXPIRED if is_expired else Trigger.QUERY_FAILED
    reason = sighting.reason or (Reason.EXPIRED if is_expired else Reason.PROVIDER_ERROR)
    move(payment, trigger, at=at, detail=_said(sighting), reason=reason, raw_reason=sighting.raw_reason[:RAW_MAX])


def _not_found(payment: Payment, *, at: dt.datetime) -> None:
    """The operator does not know the reference, which is no failure: an index may be slow. Only what was never acknowledged counts."""
    if payment.state != PaymentState.UNKNOWN:
        return
    write(payment, not_found_streak=payment.not_found_streak + 1, not_found_since=payment.not_found_since or at)
    if at >= payment.expires_at and is_absent(payment, at=at):
        move(payment, Trigger.NEVER_RECEIVED, at=at, reason=Reason.NEVER_RECEIVED)


def is_absent(payment: Payment, *, at: dt.datetime) -> bool:
    """Whether the operator said so often enough, over long enough, that it never had the payment."""
    if payment.not_found_since is None or payment.not_found_streak < schedule.NOT_FOUND_TIMES:
        return False
    return at - payment.not_found_since >= schedule.scaled(schedule.NOT_FOUND_SPREAD)


def _compare_after_success(payment: Payment, sighting: Sighting, *, at: dt.datetime) -> None:
    if payment.state == PaymentState.REFUNDED or sighting.seen in {Seen.SUCCEEDED, Seen.NOT_FOUND}:
        return
    said = _said(sighting)
    note(payment, cause="contradiction", detail=said, at=at)
    logger.error("payment_contradiction", payment=str(payment.pk), provider=payment.provider, said=said)
    cases.open_case(kind=CaseKind.CONTRADICTION, payment=payment, detail=said, at=at)


def _said(sighting: Sighting) -> str:
    return f"{sighting.raw_status or sighting.seen.value} {sighting.raw_reason}".strip()
