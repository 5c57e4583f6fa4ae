"""An operator at the port that answers what a test says, without a network; and the loop that asks it."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, cast

from apps.billing.choices import CallKind, ProviderCode, Rail, Reason
from apps.billing.models import Payment
from apps.billing.providers.port import (
    Balance,
    Callback,
    Charge,
    Hint,
    Journal,
    Prepared,
    RefundOrder,
    Seen,
    Sighting,
    Submission,
    Submitted,
)  # fmt: skip
from apps.billing.services.payments.advance import perform
from apps.billing.services.payments.leases import take
from apps.billing.services.payments.moments import Moment

Act = Callable[[], object]


@dataclass
class ScriptedProvider:
    """Answers in turn; the last one is repeated. An answer may be a function, called while the caller waits."""

    submissions: deque[Submission | Act] = field(default_factory=lambda: deque([Submission(Submitted.ACCEPTED)]))
    sightings: deque[Sighting | Act] = field(default_factory=lambda: deque([Sighting(Seen.IN_PROGRESS)]))
    prepared: Prepared = field(default_factory=lambda: Prepared(Submitted.ACCEPTED))
    rail: Rail = Rail.PUSH
    resubmits: bool = True
    can_refund: bool = False
    currency: str = "XAF"
    charges: list[Charge] = field(default_factory=list)
    queries: list[Charge] = field(default_factory=list)
    code: ClassVar[ProviderCode] = ProviderCode.MTN

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """As told."""
        return self.prepared

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """The next answer."""
        self.charges.append(charge)
        call = journal.begin(CallKind.SUBMIT, "POST", "/submit")
        answer: Submission = _next(self.submissions, Submission)
        is_answered = answer.outcome is not Submitted.UNCLEAR
        journal.end(call, status=202 if is_answered else None, body="", error="" if is_answered else "too_slow")
        return answer

    def nudge(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """Nothing."""
        return Submission(Submitted.UNSENT)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """The next answer; a success says what was asked for, unless it says otherwise."""
        self.queries.append(charge)
        call = journal.begin(CallKind.QUERY, "GET", "/query")
        answer: Sighting = _next(self.sightings, Sighting)
        is_answered = answer.seen is not Seen.NO_ANSWER
        journal.end(call, status=200 if is_answered else None, body="", error="" if is_answered else "too_slow")
        return _as_asked(answer, charge)

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """It cannot."""
        return Submission(Submitted.REFUSED, Reason.CONFIGURATION)

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:  # noqa: ARG002  the port's names
        """Likewise."""
        return Sighting(Seen.NOT_FOUND)

    def balance(self, journal: Journal) -> Balance | None:  # noqa: ARG002  the port's names
        """It does not say."""
        return None

    def recognises(self, callback: Callback) -> bool:  # noqa: ARG002  the port's names
        """Nothing."""
        return False

    def hint(self, callback: Callback) -> Hint:  # noqa: ARG002  the port's names
        """Nothing."""
        return Hint()


UNSAID = Sighting(Seen.SUCCEEDED, transaction_id="?")


def paid(**changed: Any) -> Sighting:
    """A success that holds all four equalities, but for what is given."""
    return replace(UNSAID, **changed)


def _as_asked(answer: Sighting, charge: Charge) -> Sighting:
    if answer.seen is not Seen.SUCCEEDED:
        return answer
    said: dict[str, Any] = {
        "reference": answer.reference or str(charge.reference),
        "amount": Decimal(charge.amount) if answer.amount is None and answer.returns_amount else answer.amount,
        "currency": answer.currency or charge.currency,
        "transaction_id": answer.transaction_id if answer.transaction_id != "?" else f"T{charge.order_id}",
    }
    return replace(answer, **said)


def _next(answers: deque[Any], kind: type[Any]) -> Any:
    answer = answers.popleft() if len(answers) > 1 else answers[0]
    if callable(answer):
        answer = answer()
    assert isinstance(answer, kind)
    return answer


def step(payment: Payment, provider: ScriptedProvider, *, at: dt.datetime) -> bool:
    """Do the next thing for it at this time; False when nothing is due. The payment is read again."""
    taken = take(at=at, payment_id=payment.pk)
    if taken is not None:
        # The port wants class variables; one double is many operators.
        perform(taken, provider=cast("Any", provider), moment=Moment(at))
    payment.refresh_from_db()
    return taken is not None


def live_through(payment: Payment, provider: ScriptedProvider, *, since: dt.datetime, lasting: dt.timedelta) -> dt.datetime:
    """Let time pass, doing each next thing when it is due; returns the end."""
    at, end = since, since + lasting
    for _turn in range(2000):
        payment.refresh_from_db()
        due = payment.next_query_at
        if due is None or due > end:
            return end
        at = max(at, due)
        step(payment, provider, at=at)
    raise AssertionError("the schedule does not come to an end")
