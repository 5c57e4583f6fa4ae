"""The one next thing that a payment needs, chosen from its row alone: workers, the beat and people's clicks all come here."""

from __future__ import annotations

import datetime as dt
import enum
import time
import uuid

import structlog
from django.db.models import Exists, OuterRef, Q

from apps.billing.choices import CaseKind, PaymentState, ProviderCode, Rail, Reason
from apps.billing.models import Case, Payment
from apps.billing.providers.port import Provider, Seen
from apps.billing.providers.registry import provider as provider_with
from apps.billing.services import cases
from apps.billing.services.payments import breaker, query, schedule
from apps.billing.services.payments.charges import charge_of
from apps.billing.services.payments.journal import CallJournal
from apps.billing.services.payments.leases import take
from apps.billing.services.payments.moments import Moment
from apps.billing.services.payments.submit import resubmit, submit
from apps.billing.services.payments.transitions import Trigger, move, with_fresh, write

logger = structlog.get_logger(__name__)

_STUCK_BATCH = 100


class Step(enum.Enum):
    """What a payment needs."""

    SUBMIT = "submit"
    FIND_OUT = "find_out"
    RESUBMIT = "resubmit"
    GIVE_UP = "give_up"
    QUERY = "query"
    REST = "rest"


def advance(*, payment_id: uuid.UUID, at: dt.datetime) -> bool:
    """Do the next thing, when it is due and nobody else does it; False otherwise. It may take as long as the operator does.

    :raises RuntimeError: inside a transaction, which would be held open over the network.
    """
    payment = take(at=at, payment_id=payment_id)
    if payment is None:
        return False
    perform(payment, provider=provider_with(ProviderCode(payment.provider)), moment=Moment(at))
    return True


def perform(payment: Payment, *, provider: Provider, moment: Moment) -> None:
    """Do the next thing for a payment that was just taken."""
    code = ProviderCode(payment.provider)
    step = next_step(payment, provider, at=moment.now())
    logger.debug("payment_step", payment=str(payment.pk), step=step.value)
    if step is Step.FIND_OUT:
        # A worker died between the submit and its answer: the phone may ring.
        detail = "no answer was recorded"
        payment = with_fresh(payment.pk, lambda fresh: _lost(fresh, detail=detail, at=moment.now()))
        step = next_step(payment, provider, at=moment.now())
    if step is Step.REST:
        with_fresh(payment.pk, lambda fresh: write(fresh, next_query_at=None, leased_until=None))
    elif step is Step.GIVE_UP:
        with_fresh(payment.pk, lambda fresh: _give_up(fresh, at=moment.now()))
    elif _may_call(payment, code, step, moment=moment):
        journal = CallJournal(code, moment, payment)
        if step is Step.SUBMIT:
            submit(payment, provider=provider, journal=journal, moment=moment)
        elif step is Step.RESUBMIT:
            resubmit(payment, provider=provider, journal=journal, moment=moment)
        else:
            sighting = provider.query(charge_of(payment, payment.invoice), journal)
            with_fresh(payment.pk, lambda fresh: query.record(fresh, sighting, at=moment.now()))
            if sighting.seen is Seen.SUCCEEDED:
                breaker.note_success(code, at=moment.now())


def next_step(payment: Payment, provider: Provider, *, at: dt.datetime) -> Step:
    """What the row asks for."""
    if payment.state == PaymentState.CREATED:
        return Step.SUBMIT if payment.submitted_at is None else Step.FIND_OUT
    if payment.mismatch or payment.submit_count == 0:
        return Step.REST
    if provider.rail is Rail.REDIRECT and not payment.provider_token:
        # No page was ever seen: there is nothing to ask about, and nobody can have paid.
        if payment.state != PaymentState.UNKNOWN:
            return Step.REST
        return Step.RESUBMIT if at < payment.expires_at and _has_resends(payment) else Step.GIVE_UP
    if _is_resent(payment, provider, at=at):
        return Step.RESUBMIT
    return Step.QUERY


def _is_resent(payment: Payment, provider: Provider, *, at: dt.datetime) -> bool:
    """Whether the operator surely lacks it, refuses doubles by its reference, and the payer still waits."""
    if payment.state != PaymentState.UNKNOWN or not provider.resubmits or at >= payment.expires_at:
        return False
    return _has_resends(payment) and query.is_absent(payment, at=at)


def _has_resends(payment: Payment) -> bool:
    return payment.submit_count <= schedule.RESENDS_MAX


def _lost(payment: Payment, *, detail: str, at: dt.datetime) -> Payment:
    if payment.state == PaymentState.CREATED:
        move(payment, Trigger.SUBMIT_UNCLEAR, at=at, detail=detail)
    return payment


def _give_up(payment: Payment, *, at: dt.datetime) -> None:
    move(payment, Trigger.NEVER_RECEIVED, at=at, reason=payment.reason or Reason.NEVER_RECEIVED, next_query_at=None, leased_until=None)


def _may_call(payment: Payment, code: ProviderCode, step: Step, *, moment: Moment) -> bool:
    """Wait for the operator's turn, or give the payment back until it comes: cut, switched off, or a long line."""
    at = moment.now()
    back_at: dt.datetime | None = None
    if step is Step.SUBMIT and at >= payment.expires_at:
        return True
    if step is Step.SUBMIT and not breaker.state_of(code).accepts:
        back_at = schedule.submit_retry(payment, at=at)
    else:
        back_at = breaker.wait_for_call(code, at=at)
    if back_at is None and step is Step.QUERY:
        turn = breaker.wait_for_query(code, at=at)
        if turn is None:
            back_at = at + schedule.jittered(dt.timedelta(seconds=2))
        else:
            # Its turn in the line of this operator comes within a second: given back, the payment would lose it.
            time.sleep(turn)
    if back_at is None:
        return True
    if payment.state == PaymentState.CREATED:
        back_at = min(back_at, max(payment.expires_at, at))
    with_fresh(payment.pk, lambda fresh: write(fresh, next_query_at=back_at, leased_until=None))
    return False


def hasten(*, payment_id: uuid.UUID, at: dt.datetime) -> bool:
    """Ask the operator soon, because somebody says that something happened; nothing of it is believed.

    At most one query a payment in 10 s, and one a day after its success. False: there is nothing to ask.
    """
    return with_fresh(payment_id, lambda payment: _hasten(payment, at=at))


def _hasten(payment: Payment, *, at: dt.datetime) -> bool:
    if payment.mismatch or payment.state == PaymentState.REFUNDED or payment.submitted_at is None:
        return False
    gap = schedule.HASTEN_GAP
    if payment.state == PaymentState.SUCCEEDED and payment.last_query_at and payment.finished_at:
        if payment.last_query_at > payment.finished_at:
            gap = schedule.HASTEN_GAP_SUCCEEDED
        if at < payment.last_query_at + schedule.scaled(gap) and gap is schedule.HASTEN_GAP_SUCCEEDED:
            return False
    due = max(at, payment.last_query_at + schedule.scaled(gap)) if payment.last_query_at else at
    if payment.next_query_at is None or due < payment.next_query_at:
        write(payment, next_query_at=due)
    return True


def open_stuck_cases(*, at: dt.datetime) -> int:
    """Put what has had no final answer for 24 hours before a person, whether or not the operator answers; returns how many."""
    unsettled = Q(state__in=(PaymentState.PENDING, PaymentState.UNKNOWN))
    # A page that nobody used stays in progress for ever; a prompt does not.
    unsettled |= Q(state=PaymentState.EXPIRED, last_query_answered=True) & ~Q(provider=ProviderCode.ORANGE_WEB)
    known = Case.objects.filter(payment=OuterRef("pk"), kind=CaseKind.STUCK)
    stuck = Payment.objects.filter(unsettled, ~Exists(known), mismatch=False, created_at__lte=at - schedule.scaled(schedule.STUCK_AFTER))
    rows = list(stuck.order_by("created_at")[:_STUCK_BATCH])
    for payment in rows:
        cases.open_case(kind=CaseKind.STUCK, payment=payment, detail=payment.get_state_display(), at=at)
    return len(rows)
