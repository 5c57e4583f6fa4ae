"""How operators do, as all workers see it: circuit breaker, kill switch, and the pace of queries.

Five calls in a row without an answer open the circuit; then one call each 30 s tries. The first answer closes it, and all
that waited is spread over the next minute.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from apps.billing import events
from apps.billing.choices import ProviderCode
from apps.billing.models import Payment, ProviderState
from apps.billing.services.payments.schedule import scaled
from apps.core.events import publish

logger = structlog.get_logger(__name__)

ERRORS_MAX = 5
PROBE_EVERY = dt.timedelta(seconds=30)
SPREAD = dt.timedelta(seconds=60)
# MTN takes ten queries a second; half of it for all workers together.
QUERIES_EACH = dt.timedelta(milliseconds=200)
# Who would wait longer for his turn comes back later.
LINE_MAX = dt.timedelta(seconds=1)
# So seldom is the time of the last answer written: its row is everybody's.
NOTED_EVERY = dt.timedelta(seconds=10)


def state_of(provider: ProviderCode) -> ProviderState:
    """Its row, made when it is first needed."""
    state = ProviderState.objects.filter(provider=provider).first()
    if state is None:
        ProviderState.objects.bulk_create([ProviderState(provider=provider, updated_at=timezone.now())], ignore_conflicts=True)
        state = ProviderState.objects.get(provider=provider)
    return state


def takes_payments(provider: ProviderCode, *, at: dt.datetime) -> bool:
    """Whether new payments may be asked for: not switched off by staff, and not cut, but for one that is the next trial."""
    state = state_of(provider)
    is_cut = state.opened_at is not None and (state.probe_at is None or state.probe_at > at)
    return state.accepts and not is_cut


def shut(*, at: dt.datetime) -> Exists:
    """A condition on payments: their operator is cut, and its next trial is not due."""
    return Exists(ProviderState.objects.filter(provider=OuterRef("provider"), opened_at__isnull=False, probe_at__gt=at))


def on_trial(*, at: dt.datetime) -> Exists:
    """A condition on payments: their operator is cut, and the next trial is due. Any open payment will do for it."""
    return Exists(ProviderState.objects.filter(provider=OuterRef("provider"), opened_at__isnull=False, probe_at__lte=at))


def wait_for_call(provider: ProviderCode, *, at: dt.datetime) -> dt.datetime | None:
    """None: call now. Else when to come back, because the circuit is open; who is let through is the trial."""
    state = state_of(provider)
    if state.opened_at is None:
        return None
    due = Q(probe_at__isnull=True) | Q(probe_at__lte=at)
    if ProviderState.objects.filter(due, provider=provider, opened_at__isnull=False).update(probe_at=at + scaled(PROBE_EVERY)):
        return None
    return max(state.probe_at or at, at + scaled(dt.timedelta(seconds=1)))


def wait_for_query(provider: ProviderCode, *, at: dt.datetime) -> float | None:
    """Take the next place in the operator's line of queries: seconds until one's turn; None when the line is too long."""
    state_of(provider)
    values: Any = {"at": at, "each": scaled(QUERIES_EACH), "longest": LINE_MAX, "provider": provider}
    with connection.cursor() as cursor:
        cursor.execute(
            # No line is so long that its end lies beyond ten times the longest wait: then the clock went back.
            "WITH line AS (SELECT CASE WHEN next_query_slot BETWEEN %(at)s AND %(at)s + %(longest)s * 10 THEN next_query_slot"
            " ELSE %(at)s END AS turn FROM provider_states WHERE provider = %(provider)s FOR UPDATE)"
            " UPDATE provider_states SET next_query_slot = turn + %(each)s FROM line"
            " WHERE provider = %(provider)s AND turn <= %(at)s + %(longest)s RETURNING turn",
            values,
        )
        row = cursor.fetchone()
    return None if row is None else float(max((row[0] - at).total_seconds(), 0.0))


def note_answer(provider: ProviderCode, *, at: dt.datetime) -> None:
    """It answered, whatever it said."""
    old = Q(last_answer_at__isnull=True) | Q(last_answer_at__lt=at - scaled(NOTED_EVERY))
    news = old | Q(errors_in_a_row__gt=0) | Q(opened_at__isnull=False)
    state = state_of(provider)
    if not (state.errors_in_a_row or state.opened_at or state.last_answer_at is None or state.last_answer_at < at - scaled(NOTED_EVERY)):
        return
    ProviderState.objects.filter(news, provider=provider).update(errors_in_a_row=0, last_answer_at=at)
    if state.opened_at is not None:
        _close(provider, at=at)


def note_success(provider: ProviderCode, *, at: dt.datetime) -> None:
    """It reported a payment."""
    old = Q(last_success_at__isnull=True) | Q(last_success_at__lt=at - scaled(NOTED_EVERY))
    ProviderState.objects.filter(old, provider=provider).update(last_success_at=at)


def note_silence(provider: ProviderCode, *, at: dt.datetime) -> None:
    """A call got no answer: a time-out, a reset, a gateway's excuse."""
    state_of(provider)
    rows = ProviderState.objects.filter(provider=provider)
    rows.update(errors_in_a_row=F("errors_in_a_row") + 1)
    with transaction.atomic():
        if rows.filter(opened_at__isnull=True, errors_in_a_row__gte=ERRORS_MAX).update(opened_at=at, probe_at=at + scaled(PROBE_EVERY)):
            logger.error("operator_cut", provider=str(provider))
            publish(events.operator_alarm, key=provider, provider=str(provider), what="open")


@transaction.atomic
def _close(provider: ProviderCode, *, at: dt.datetime) -> None:
    """Open again to all; what is overdue, and what was put off because nobody answered, comes within the next minute."""
    if not ProviderState.objects.filter(provider=provider, opened_at__isnull=False).update(opened_at=None, probe_at=None):
        return
    late = Q(next_query_at__lte=at) | Q(query_errors__gt=0)
    waiting = Payment.objects.filter(late, provider=provider, next_query_at__isnull=False, leased_until__isnull=True)
    spread = RawSQL("%s::timestamptz + random() * %s::interval", [at, scaled(SPREAD)])
    count = waiting.update(next_query_at=spread, version=F("version") + 1)
    logger.info("operator_back", provider=str(provider), payments=count)
    publish(events.operator_alarm, key=provider, provider=str(provider), what="closed")
