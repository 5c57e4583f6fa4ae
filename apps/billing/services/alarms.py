"""What staff has to hear of without looking: an operator that is cut or silent, a balance that cannot be.

The beat asks every five minutes. An alarm is one log line, one figure and one event for each thing that began; the mails are
made from the event, each once for its `since`.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from prometheus_client import Counter

from apps.billing import events
from apps.billing.choices import AccountKind, PaymentState, ProviderCode, RefundState
from apps.billing.constants import LIVE_PAYMENT_STATES
from apps.billing.models import Payment, ProviderState, Refund
from apps.billing.providers.port import Silent
from apps.billing.providers.registry import configured
from apps.billing.providers.registry import provider as provider_with
from apps.billing.selectors.ledger import balance_of
from apps.billing.services import refunds
from apps.core.events import publish

logger = structlog.get_logger(__name__)
ALARMS = Counter("billing_alarms", "Alarms about operators.", ["provider", "what"])

# Payments that wait so long without one answer of the operator to anybody: it is silent.
SILENCE = dt.timedelta(minutes=10)
# So many payments succeeded within an hour, and not one callback came: the address or the host is wrong.
CALLBACKS_WINDOW, CALLBACKS_EXPECTED = dt.timedelta(hours=1), 5
# Said again after so long while it lasts.
REPEAT_S = 6 * 3600


def check(*, at: dt.datetime) -> int:
    """Look at every operator and raise what is new; returns how many alarms. No operator is called."""
    raised = sum(_check(state, at=at) for state in ProviderState.objects.exclude(provider__in=(ProviderCode.FAKE, ProviderCode.BANK)))
    refunds.open_stuck_cases(at=at)
    return raised


def read_balances(*, at: dt.datetime) -> int:
    """Ask each operator that says it what our wallet holds; returns how many said. Called outside transactions."""
    read = 0
    for code in configured():
        if code is ProviderCode.FAKE:
            continue
        balance = provider_with(code).balance(Silent())
        if balance is not None:
            values = {"balance": int(balance.amount), "balance_at": at}
            ProviderState.objects.update_or_create(provider=code, defaults=values)
            read += 1
    return read


def raise_alarm(*, provider: str, what: str, since: dt.datetime, detail: str = "") -> bool:
    """One alarm for what began at `since`; False when it was raised within the last six hours."""
    if not cache.add(f"billing:alarm:{provider}:{what}:{since:%Y%m%dT%H%M}", 1, REPEAT_S):
        return False
    logger.error("operator_alarm", provider=provider, what=what, detail=detail, since=since.isoformat())
    ALARMS.labels(provider, what).inc()
    with transaction.atomic():
        publish(events.operator_alarm, key=provider, provider=provider, what=what, detail=detail, since=since.isoformat())
    return True


def _check(state: ProviderState, *, at: dt.datetime) -> int:
    found = [_is_silent(state, at=at), _lacks_callbacks(state, at=at), _has_too_little(state), _differs(state, at=at)]
    return sum(raise_alarm(provider=state.provider, what=what, since=since, detail=detail) for what, since, detail in filter(None, found))


def _is_silent(state: ProviderState, *, at: dt.datetime) -> tuple[str, dt.datetime, str] | None:
    waiting = Payment.objects.filter(
        provider=state.provider, state__in=(PaymentState.PENDING, PaymentState.UNKNOWN), submitted_at__lt=at - SILENCE, mismatch=False
    ).aggregate(first=Min("submitted_at"), last_query=Max("last_query_at"))
    if waiting["first"] is None or (state.last_answer_at is not None and state.last_answer_at > at - SILENCE):
        return None
    # Nobody asked lately: late payments are asked about once an hour or a day.
    if waiting["last_query"] is None or waiting["last_query"] <= at - 2 * SILENCE:
        return None
    since = state.last_answer_at or waiting["first"]
    return "silent", since, ""


def _lacks_callbacks(state: ProviderState, *, at: dt.datetime) -> tuple[str, dt.datetime, str] | None:
    if state.last_callback_at is not None and state.last_callback_at > at - CALLBACKS_WINDOW:
        return None
    recent = Payment.objects.filter(provider=state.provider, state=PaymentState.SUCCEEDED, finished_at__gt=at - CALLBACKS_WINDOW)
    count = recent.count()
    if count < CALLBACKS_EXPECTED:
        return None
    since = state.last_callback_at or at.replace(hour=0, minute=0, second=0, microsecond=0)
    return "callbacks", since, str(count)


def _has_too_little(state: ProviderState) -> tuple[str, dt.datetime, str] | None:
    """The wallet holds less than the refunds that are to leave it."""
    if state.balance is None or state.balance_at is None:
        return None
    due = Refund.objects.filter(
        payment__provider=state.provider, is_manual=False, state__in=(RefundState.CREATED, RefundState.PENDING, RefundState.UNKNOWN)
    ).aggregate(amount=Sum("amount"))["amount"]
    if not due or state.balance >= due:
        return None
    return "balance_low", state.balance_at.replace(minute=0, second=0, microsecond=0), f"{state.balance} < {due}"


def _differs(state: ProviderState, *, at: dt.datetime) -> tuple[str, dt.datetime, str] | None:
    """The wallet and our books differ by more than what is on its way."""
    if state.balance is None or state.balance_at is None:
        return None
    books = balance_of(AccountKind.CLEARING, provider=state.provider)
    moving = Q(state__in=LIVE_PAYMENT_STATES) | Q(finished_at__gt=state.balance_at - SILENCE)
    payments = Payment.objects.filter(moving, provider=state.provider).aggregate(amount=Sum("amount"))["amount"] or 0
    going = Refund.objects.filter(payment__provider=state.provider).filter(
        Q(state__in=(RefundState.PENDING, RefundState.UNKNOWN)) | Q(finished_at__gt=state.balance_at - SILENCE)
    )
    allowed = payments + (going.aggregate(amount=Sum("amount"))["amount"] or 0)
    if abs(state.balance - books) <= allowed:
        return None
    return "balance", at.replace(hour=0, minute=0, second=0, microsecond=0), f"{state.balance} / {books}"
