"""Asking the payer: what is written before the call, and what its answer means.

`submitted_at` is written before a submit leaves and taken back when it was surely refused: a payment that is `created` with it was
being asked for when its worker died, and may ring.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import structlog
from django.db import transaction

from apps.billing import events
from apps.billing.choices import InvoiceState, PaymentState, Rail, Reason
from apps.billing.models import Invoice, Payment
from apps.billing.providers.port import Journal, Prepared, Provider, Submission, Submitted
from apps.billing.services.payments import schedule
from apps.billing.services.payments.charges import charge_of
from apps.billing.services.payments.journal import CallJournal
from apps.billing.services.payments.leases import next_after
from apps.billing.services.payments.moments import Moment
from apps.billing.services.payments.numbers import new_order_id
from apps.billing.services.payments.transitions import Trigger, move, note, with_fresh, write
from apps.core.events import publish

logger = structlog.get_logger(__name__)

RAW_MAX = 255


def submit(payment: Payment, *, provider: Provider, journal: Journal, moment: Moment) -> None:
    """Ask for a payment that was never asked for, or surely in vain."""
    invoice = Invoice.objects.get(pk=payment.invoice_id)
    if not _is_wanted(payment, invoice, moment=moment) or _waits_for_older(payment, moment=moment):
        return
    if not payment.provider_token:
        prepared = provider.prepare(charge_of(payment, invoice), journal)
        payment = with_fresh(payment.pk, lambda fresh: _record_prepared(fresh, prepared, at=moment.now()))
        if prepared.outcome is not Submitted.ACCEPTED:
            return
    _send(payment, invoice, provider=provider, journal=journal, moment=moment)


def resubmit(payment: Payment, *, provider: Provider, journal: CallJournal, moment: Moment) -> None:
    """Ask again after a lost answer: under the same reference, or, on a redirect rail, for a new page under a new order id."""
    invoice = Invoice.objects.get(pk=payment.invoice_id)
    if provider.rail is Rail.REDIRECT:
        # Nobody has seen the page of the old one, which stays in the journal.
        payment = with_fresh(payment.pk, _renew_order_id)
        journal = replace(journal, payment=payment)
    _send(payment, invoice, provider=provider, journal=journal, moment=moment)


def _send(payment: Payment, invoice: Invoice, *, provider: Provider, journal: Journal, moment: Moment) -> None:
    payment = with_fresh(payment.pk, lambda fresh: _mark_sent(fresh, at=moment.now()))
    if payment.state not in {PaymentState.CREATED, PaymentState.UNKNOWN}:
        return
    submission = provider.submit(charge_of(payment, invoice), journal)
    with_fresh(payment.pk, lambda fresh: record(fresh, submission, rail=provider.rail, at=moment.now()))


def _mark_sent(payment: Payment, *, at: dt.datetime) -> Payment:
    if payment.state in {PaymentState.CREATED, PaymentState.UNKNOWN}:
        write(
            payment,
            submitted_at=payment.submitted_at or at,
            submit_count=payment.submit_count + 1,
            not_found_streak=0,
            not_found_since=None,
        )
    return payment


def _renew_order_id(payment: Payment) -> Payment:
    write(payment, order_id=new_order_id())
    return payment


def _is_wanted(payment: Payment, invoice: Invoice, *, moment: Moment) -> bool:
    """Whether the invoice can still be paid, and the window is open; else the payment ends unsent."""
    at = moment.now()
    if invoice.state != InvoiceState.OPEN:
        reason = Reason.CANCELED
    elif at >= payment.expires_at:
        reason = Reason(payment.reason) if payment.reason else Reason.PROVIDER_UNAVAILABLE
    else:
        return True

    def end(fresh: Payment) -> bool:
        return move(fresh, Trigger.NEVER_SENT, at=at, reason=reason, next_query_at=None, leased_until=None)

    with_fresh(payment.pk, end)
    return False


def _waits_for_older(payment: Payment, *, moment: Moment) -> bool:
    """Before a second attempt rings, an earlier one that expired is asked once more: it may have been paid since."""
    at = moment.now()
    older = Payment.objects.filter(
        invoice=payment.invoice_id, state=PaymentState.EXPIRED, submitted_at__isnull=False, next_query_at__isnull=False
    ).exclude(pk=payment.pk)
    fresh_since = payment.created_at - schedule.scaled(schedule.FRESH)
    stale = [one for one in older if one.query_errors or one.last_query_at is None or one.last_query_at < fresh_since]
    for one in stale:
        with_fresh(one.pk, lambda fresh: _pull(fresh, at=at))
    if stale:
        with_fresh(payment.pk, lambda fresh: write(fresh, leased_until=None, next_query_at=schedule.soon(at=at)))
    return bool(stale)


def _pull(payment: Payment, *, at: dt.datetime) -> None:
    if payment.state == PaymentState.EXPIRED and payment.next_query_at and payment.next_query_at > at:
        write(payment, next_query_at=at)


def _record_prepared(payment: Payment, prepared: Prepared, *, at: dt.datetime) -> Payment:
    if prepared.outcome is Submitted.ACCEPTED:
        if prepared.token and payment.state == PaymentState.CREATED:
            write(payment, provider_token=prepared.token)
    elif prepared.outcome is Submitted.REFUSED:
        _refuse(payment, reason=prepared.reason or Reason.BAD_REQUEST, raw_reason=prepared.raw_reason, at=at)
    else:
        _put_off(payment, reason=prepared.reason, raw_reason=prepared.raw_reason, at=at)
    return payment


def record(payment: Payment, submission: Submission, *, rail: Rail, at: dt.datetime) -> None:
    """Write down what a submit came to. Inside `with_fresh`."""
    raw_reason = submission.raw_reason[:RAW_MAX]
    if submission.outcome in {Submitted.ACCEPTED, Submitted.DUPLICATE}:
        _accept(payment, submission, at=at)
    elif submission.outcome is Submitted.REFUSED and payment.state == PaymentState.CREATED:
        _refuse(payment, reason=submission.reason or Reason.PROVIDER_ERROR, raw_reason=raw_reason, at=at)
    elif submission.outcome is Submitted.UNSENT and payment.state == PaymentState.CREATED:
        _put_off(payment, reason=submission.reason, raw_reason=raw_reason, at=at)
    elif payment.state == PaymentState.CREATED:
        if submission.reason is Reason.CONFIGURATION:
            # Such as a page that is not the operator's.
            _alarm(payment, submission.reason)
        due = next_after(payment, schedule.soon(at=at), at=at)
        move(payment, Trigger.SUBMIT_UNCLEAR, at=at, detail=raw_reason, raw_reason=raw_reason, next_query_at=due, leased_until=None)
    else:
        # A submit that was sent again came to nothing: the next query decides (redirect rail: the next page).
        note(payment, cause=f"resubmit:{submission.outcome.value}", detail=raw_reason, at=at)
        wait = schedule.submit_retry(payment, at=at) if rail is Rail.REDIRECT else schedule.soon(at=at)
        is_sent = submission.outcome is not Submitted.UNSENT
        sent = payment.submit_count if is_sent else max(payment.submit_count - 1, 1)
        write(payment, submit_count=sent, next_query_at=next_after(payment, wait, at=at), leased_until=None)


def _accept(payment: Payment, submission: Submission, *, at: dt.datetime) -> None:
    is_new = submission.outcome is Submitted.ACCEPTED
    due = next_after(payment, schedule.first_query(at=at) if is_new else at, at=at)
    fields: dict[str, Any] = {"next_query_at": due, "leased_until": None, "reason": "", "raw_reason": ""}
    if submission.token:
        fields["provider_token"] = submission.token
    if submission.notif_token:
        fields["notif_token_hash"] = hashlib.sha256(submission.notif_token.encode()).hexdigest()
    if submission.page_url:
        fields["page_url"] = submission.page_url
    if payment.state == PaymentState.PENDING:
        # A query was faster than the answer: only what nobody else knows is added.
        write(payment, **{name: fields[name] for name in ("provider_token", "notif_token_hash", "page_url") if name in fields})
        return
    move(payment, Trigger.SUBMIT_ACCEPTED, at=at, detail="" if is_new else "duplicate", **fields)


def _refuse(payment: Payment, *, reason: Reason, raw_reason: str, at: dt.datetime) -> None:
    raw_reason = raw_reason[:RAW_MAX]
    moved = move(payment, Trigger.SUBMIT_REFUSED, at=at, detail=raw_reason, reason=reason, raw_reason=raw_reason, leased_until=None)
    if moved:
        write(payment, next_query_at=schedule.next_query(payment, at=at))
        if reason in {Reason.CONFIGURATION, Reason.PAYEE_PROBLEM}:
            _alarm(payment, reason)


def _put_off(payment: Payment, *, reason: Reason | None, raw_reason: str, at: dt.datetime) -> None:
    """It surely did not arrive: nothing rings, and it may be sent again until the window ends."""
    if payment.state != PaymentState.CREATED:
        return
    first = not payment.reason
    write(
        payment,
        submitted_at=None,
        submit_count=max(payment.submit_count - 1, 0),
        reason=reason or Reason.PROVIDER_UNAVAILABLE,
        raw_reason=raw_reason[:RAW_MAX],
        next_query_at=schedule.submit_retry(payment, at=at),
        leased_until=None,
    )
    if reason is Reason.CONFIGURATION and first:
        _alarm(payment, reason)


def _alarm(payment: Payment, reason: Reason) -> None:
    """Our own fault, or our wallet's: a person has to mend it."""
    logger.error("operator_refuses_us", provider=payment.provider, reason=reason.value, payment=str(payment.pk))
    with transaction.atomic():
        publish(events.operator_alarm, key=payment.provider, provider=payment.provider, what="refused")
