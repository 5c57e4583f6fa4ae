"""The states of a payment and what may lead from one to another. Whatever is not listed here is refused and logged.

Design page "Mobile Money", 6.2 with the rulings of 7.15. Every change is a compare-and-swap on `version`: exactly one writer wins.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from django.db import transaction
from django.db.models import F

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import PaymentState as S
from apps.billing.choices import Reason
from apps.billing.models import Payment, PaymentEvent
from apps.core.events import publish

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")

SWAPS_MAX = 20
DETAIL_MAX = 255


class Trigger(enum.StrEnum):
    """What moves a payment."""

    SUBMIT_ACCEPTED = "submit_accepted"
    SUBMIT_UNCLEAR = "submit_unclear"
    SUBMIT_REFUSED = "submit_refused"
    NEVER_SENT = "never_sent"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    QUERY_FAILED = "query_failed"
    QUERY_EXPIRED = "query_expired"
    WINDOW_CLOSED = "window_closed"
    NEVER_RECEIVED = "never_received"
    MISMATCH = "mismatch"
    CLOSED_BY_STAFF = "closed_by_staff"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Rule:
    """From which states a trigger leads where."""

    sources: frozenset[S]
    target: S


def _rule(target: S, *sources: S) -> Rule:
    return Rule(frozenset(sources), target)


TABLE: dict[Trigger, Rule] = {
    # From `unknown`: a submit that was sent again under the same reference, or a new page of a redirect rail.
    Trigger.SUBMIT_ACCEPTED: _rule(S.PENDING, S.CREATED, S.UNKNOWN),
    Trigger.SUBMIT_UNCLEAR: _rule(S.UNKNOWN, S.CREATED),
    Trigger.SUBMIT_REFUSED: _rule(S.FAILED, S.CREATED),
    Trigger.NEVER_SENT: _rule(S.EXPIRED, S.CREATED),
    Trigger.IN_PROGRESS: _rule(S.PENDING, S.PENDING, S.UNKNOWN),
    Trigger.SUCCESS: _rule(S.SUCCEEDED, S.PENDING, S.UNKNOWN, S.EXPIRED, S.FAILED),
    Trigger.QUERY_FAILED: _rule(S.FAILED, S.PENDING, S.UNKNOWN),
    Trigger.QUERY_EXPIRED: _rule(S.EXPIRED, S.PENDING, S.UNKNOWN),
    Trigger.WINDOW_CLOSED: _rule(S.EXPIRED, S.PENDING),
    Trigger.NEVER_RECEIVED: _rule(S.FAILED, S.UNKNOWN),
    Trigger.MISMATCH: _rule(S.UNKNOWN, S.PENDING, S.UNKNOWN, S.EXPIRED, S.FAILED),
    # With evidence, when the operator never says anything final, or after a mismatch.
    Trigger.CLOSED_BY_STAFF: _rule(S.FAILED, S.PENDING, S.UNKNOWN),
    Trigger.REFUNDED: _rule(S.REFUNDED, S.SUCCEEDED),
}
# What a payment that is frozen after a mismatch still obeys: people.
_THAWS = frozenset({Trigger.CLOSED_BY_STAFF})


class Stale(Exception):
    """Somebody else changed the payment since it was read: read it again and decide anew."""


def write(payment: Payment, **fields: Any) -> None:
    """Compare-and-swap: change these columns, unless the row is not any more as it was read.

    :raises Stale: it is not.
    """
    rows = Payment.objects.filter(pk=payment.pk, version=payment.version, state=payment.state)
    if not rows.update(version=F("version") + 1, **fields):
        raise Stale
    payment.version += 1
    for name, value in fields.items():
        setattr(payment, name, value)


def is_allowed(payment: Payment, trigger: Trigger) -> bool:
    """Whether the table has it. A mismatch is frozen until a person decides."""
    return payment.state in TABLE[trigger].sources and (not payment.mismatch or trigger in _THAWS)


def move(payment: Payment, trigger: Trigger, *, at: dt.datetime, detail: str = "", actor: User | None = None, **fields: Any) -> bool:
    """Make one move of the table with its line of history, in the caller's transaction.

    False, with a line of history too, when the table does not have it; `fields` are not written then.

    :param detail: for people, without secrets. :param fields: columns to write in the same swap.
    :raises Stale: see `write`.
    """
    before, after = S(payment.state), TABLE[trigger].target
    if not is_allowed(payment, trigger):
        logger.warning("payment_move_refused", payment=str(payment.pk), state=str(before), trigger=trigger.value)
        _note(payment, cause=f"refused:{trigger.value}", detail=detail, at=at, actor=actor, from_state=before)
        return False
    ended = {} if after in {S.PENDING, S.UNKNOWN} else {"finished_at": at}
    write(payment, state=after, **{**ended, **fields})
    if before != after or trigger is Trigger.MISMATCH:
        _note(payment, cause=trigger.value, detail=detail, at=at, actor=actor, from_state=before, to_state=after)
        logger.info("payment_moved", payment=str(payment.pk), before=str(before), after=str(after), trigger=trigger.value)
    if after in {S.FAILED, S.EXPIRED}:
        publish(events.payment_failed, key=payment.pk, payment_id=str(payment.pk), reason=payment.reason or Reason.EXPIRED.value)
    return True


def note(payment: Payment, *, cause: str, at: dt.datetime, detail: str = "", actor: User | None = None) -> None:
    """A line of history that changes no state."""
    _note(payment, cause=cause, detail=detail, at=at, actor=actor, from_state=S(payment.state))


def _note(
    payment: Payment, *, cause: str, detail: str, at: dt.datetime, actor: User | None, from_state: S, to_state: S | None = None
) -> None:
    PaymentEvent.objects.create(
        payment=payment, from_state=from_state, to_state=to_state or "", cause=cause, detail=detail[:DETAIL_MAX], actor=actor, at=at
    )


def with_fresh(payment_id: uuid.UUID, decide: Callable[[Payment], Result]) -> Result:
    """Read the payment, let `decide` judge and write it in one transaction; again when somebody else was faster.

    :param decide: uses `move` and `write`; may run several times and must not call the network.
    """
    for _attempt in range(SWAPS_MAX):
        try:
            with transaction.atomic():
                return decide(Payment.objects.get(pk=payment_id))
        except Stale:
            continue
    raise Stale(str(payment_id))
