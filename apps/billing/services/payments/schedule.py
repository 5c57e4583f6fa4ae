"""When a payment is looked at next: the ladder of the design page "Mobile Money", section 8, as data.

Ages and intervals are in payment time, which is real time multiplied by `PAYMENT_TIME_SCALE` (1 wherever real people pay).
"""

from __future__ import annotations

import datetime as dt
import random

from django.conf import settings

from apps.billing.choices import PaymentState
from apps.billing.models import Payment

_S, _MIN, _H, _DAY = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))

# How long a payer has before his invoice may be paid anew.
WINDOW = 15 * _MIN
# During the first five minutes the interval grows with each query; later it depends on the age alone.
EARLY, EARLY_STEPS = 5 * _MIN, tuple(seconds * _S for seconds in (10, 20, 30, 45, 60, 90))
LADDER = ((15 * _MIN, 2 * _MIN), (2 * _H, 10 * _MIN), (24 * _H, _H), (72 * _H, 6 * _H), (30 * _DAY, _DAY))
JITTER = 0.2
# A query without an answer doubles intervals below this one, up to it; longer ones stay.
STRETCH_MAX = 15 * _MIN
AFTER_UNCLEAR = 5 * _S
# Operators take back early failures: two more queries after one.
CONFIRMATIONS = (5 * _MIN, 30 * _MIN)
SUBMIT_RETRY, SUBMIT_RETRY_MAX = 10 * _S, 2 * _MIN
# At most one query a payment in so long, however many callbacks come; a payment that succeeded: once a day.
HASTEN_GAP, HASTEN_GAP_SUCCEEDED = 10 * _S, _DAY
STUCK_AFTER = _DAY
# Not found: not believed before so many answers in a row over so long; then sent again so often, or given up at the window's end.
NOT_FOUND_TIMES, NOT_FOUND_SPREAD, RESENDS_MAX = 3, 60 * _S, 3
# Older attempts of an invoice are asked once more before another one rings, unless they were asked so shortly before.
FRESH = 60 * _S


def scaled(duration: dt.timedelta) -> dt.timedelta:
    """A duration of payment time in real time."""
    return duration / settings.PAYMENT_TIME_SCALE


def age(payment: Payment, *, at: dt.datetime) -> dt.timedelta:
    """Payment time since it was asked for."""
    return (at - (payment.submitted_at or payment.created_at)) * settings.PAYMENT_TIME_SCALE


def interval(*, age: dt.timedelta, queries: int, errors: int = 0) -> dt.timedelta | None:
    """From one query to the next, without jitter; None after 30 days.

    :param queries: how many there were. :param errors: how many of them, the last ones, had no answer.
    """
    if age < EARLY:
        base = EARLY_STEPS[min(queries, len(EARLY_STEPS) - 1)]
    else:
        found = next((step for until, step in LADDER if age < until), None)
        if found is None:
            return None
        base = found
    return min(base * 2 ** min(errors, 10), STRETCH_MAX) if base < STRETCH_MAX else base


def next_query(payment: Payment, *, at: dt.datetime) -> dt.datetime | None:
    """When to ask again, as the row stands after a query (or its first submit); None: not any more."""
    if payment.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
        return None
    if payment.state == PaymentState.FAILED and payment.finished_at and not payment.last_query_answered:
        return _confirmation(payment, at=at)
    step = interval(age=age(payment, at=at), queries=payment.query_count, errors=payment.query_errors)
    if step is None:
        # What may still take money is watched until a person closes it.
        return at + scaled(_DAY) if payment.state in {PaymentState.PENDING, PaymentState.UNKNOWN} else None
    due = at + jittered(step)
    # The window ends with a query, not some time before or after one.
    return payment.expires_at if at < payment.expires_at < due and payment.state != PaymentState.EXPIRED else due


def _confirmation(payment: Payment, *, at: dt.datetime) -> dt.datetime | None:
    if payment.query_errors:
        return at + jittered(interval(age=EARLY, queries=0, errors=payment.query_errors) or STRETCH_MAX)
    assert payment.finished_at is not None  # noqa: S101  the caller looked
    # The same for this payment each time it is asked; later than they say, never earlier.
    spread = 1 + JITTER * (payment.pk.int % 1000) / 1000
    moments = (payment.finished_at + scaled(step) * spread for step in CONFIRMATIONS)
    # One that is so near was just made.
    return next((moment for moment in moments if moment > at + scaled(_MIN)), None)


def first_query(*, at: dt.datetime) -> dt.datetime:
    """After a submit that was acknowledged."""
    return at + jittered(EARLY_STEPS[0])


def soon(*, at: dt.datetime) -> dt.datetime:
    """After a submit whose answer was lost."""
    return at + jittered(AFTER_UNCLEAR)


def submit_retry(payment: Payment, *, at: dt.datetime) -> dt.datetime:
    """After a submit that surely did not arrive; the window's end decides what was never sent."""
    # As long as it has waited already: ever more seldom, without counting what never left.
    waited = (at - payment.created_at) * settings.PAYMENT_TIME_SCALE
    step = min(max(waited, SUBMIT_RETRY), SUBMIT_RETRY_MAX)
    return min(at + jittered(step), max(payment.expires_at, at + scaled(_S)))


def jittered(step: dt.timedelta) -> dt.timedelta:
    """In real time, a fifth more or less, so that what began together does not stay together."""
    return scaled(step) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret
