"""What really happened at the operator: every payment and refund, and how often each wallet was debited."""

from __future__ import annotations

import copy
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from apps.billing.fake_operator.clock import Clock, Scheduler

RAILS = ("mtn", "orange_web", "orange_mp", "pawapay")


class State(StrEnum):
    """Where a payment or refund stands, in the operator's own books; each rail has its words for it."""

    INITIATED = "initiated"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.EXPIRED})


@dataclass(frozen=True)
class Step:
    """What happens next: after so many operator's seconds since acceptance, and once so many queries were answered."""

    status: State
    reason: str = ""
    after_s: float = 0.0
    after_queries: int = 0


@dataclass
class Movement:
    """A payment, or a refund (`refunds` is then the payment's reference).

    `reference` is the id that the client chose; `token` the one that we gave. `charges` counts how often the payer was asked
    to be debited, `debits` how often he was (for a refund: credited): more than one is a client's mistake that cost money.
    """

    rail: str
    reference: str
    amount: int
    currency: str
    msisdn: str = ""
    order_id: str = ""
    external_id: str = ""
    token: str = ""
    notif_token: str = ""
    environment: str = ""
    refunds: str = ""
    callback_url: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    status: State = State.INITIATED
    reason: str = ""
    transaction_id: str = ""
    submits: int = 0
    accepted: int = 0
    charges: int = 0
    debits: int = 0
    queries: int = 0
    nudges: int = 0
    created_at: float = 0.0
    accepted_at: float = 0.0
    finished_at: float = 0.0
    plan: list[Step] = field(default_factory=list)

    @property
    def is_refund(self) -> bool:
        """Whether money goes back."""
        return bool(self.refunds)

    def ids(self) -> set[str]:
        """Every id by which it may be meant."""
        return {value.lower() for value in (self.reference, self.order_id, self.external_id, self.token, self.notif_token) if value}


def movement_from(data: dict[str, Any]) -> Movement:
    """The reverse of `asdict`."""
    known = {item.name for item in fields(Movement)}
    values = {name: value for name, value in data.items() if name in known}
    values["status"] = State(values["status"])
    values["plan"] = [Step(**{**step, "status": State(step["status"])}) for step in values["plan"]]
    return Movement(**values)


class Truth:
    """Every movement, safe to use from many threads. What comes out is a copy."""

    def __init__(self, clock: Clock, scheduler: Scheduler, remember: Callable[[Movement], None]) -> None:
        self._clock, self._scheduler, self._remember = clock, scheduler, remember
        self._lock = threading.RLock()
        self._movements: list[Movement] = []
        self._by_id: dict[tuple[str, str], Movement] = {}
        # Called with a copy each time a movement ends, also when it ends anew.
        self.when_final: Callable[[Movement], None] = lambda _movement: None

    def clear(self) -> None:
        """Nothing ever happened."""
        with self._lock:
            self._movements.clear()
            self._by_id.clear()

    def restore(self, movements: Iterable[Movement]) -> None:
        """Continue from what an earlier run remembered."""
        with self._lock:
            for movement in movements:
                self._index(movement)
                self._plan_next(movement)

    def find(self, rail: str, an_id: str, *, refund: bool = False) -> Movement | None:
        """By the id that the client chose or the token that we gave, in any case."""
        with self._lock:
            movement = self._by_id.get((_shelf(rail, refund), an_id.lower()))
            if movement is None:
                return None
            self._move_on(movement)
            return copy.copy(movement)

    def about(self, ids: set[str]) -> Movement | None:
        """The first movement of any rail that one of these ids means."""
        with self._lock:
            found = (self._meant(an_id) for an_id in ids)
            return next((copy.copy(movement) for movement in found if movement is not None), None)

    def all(self) -> list[Movement]:
        """Every movement, oldest first, as of now."""
        with self._lock:
            for movement in self._movements:
                self._move_on(movement)
            return [copy.copy(movement) for movement in self._movements]

    def open(self, movement: Movement) -> bool:
        """Enter it as prepared; False when its reference exists already, which then counts as submitted once more."""
        with self._lock:
            known = self._by_id.get((_shelf(movement.rail, movement.is_refund), movement.reference.lower()))
            if known is not None:
                known.submits += 1
                return False
            movement.created_at = self._clock.now()
            self._index(movement)
            self._remember(movement)
            return True

    def accept(self, known: Movement, plan: list[Step], *, by_payer_from: State | None = None, **changes: Any) -> Movement:
        """The payer is being asked: from now on the plan runs. When a client asks twice, the payer is debited twice.

        :param by_payer_from: the payer acts himself, which counts only in this state: he may press as often as he likes.
        :param changes: fields that are known only now.
        """
        submitted = by_payer_from is None
        with self._lock:
            movement = self._same(known)
            if not submitted and movement.status is not by_payer_from:
                return copy.copy(movement)
            for name, value in changes.items():
                setattr(movement, name, value)
            self._index_ids(movement)
            movement.submits, movement.accepted = movement.submits + submitted, movement.accepted + submitted
            movement.charges += 1
            if movement.status is State.SUCCEEDED:
                movement.debits += 1
            else:
                movement.status, movement.reason, movement.plan = State.PENDING, "", list(plan)
                movement.accepted_at = self._clock.now()
                movement.queries = 0
            self._remember(movement)
            self._plan_next(movement)
            self._move_on(movement)
            return copy.copy(movement)

    def refuse(self, known: Movement, reason: str, *, status: State = State.FAILED, **changes: Any) -> Movement:
        """It ends during the submit itself."""
        with self._lock:
            movement = self._same(known)
            for name, value in changes.items():
                setattr(movement, name, value)
            self._index_ids(movement)
            movement.submits += 1
            self._apply(movement, Step(status, reason))
            return copy.copy(movement)

    def nudge(self, known: Movement) -> None:
        """The prompt was sent again."""
        with self._lock:
            self._same(known).nudges += 1

    def ask(self, rail: str, an_id: str, *, refund: bool = False) -> Movement | None:
        """What a query sees now. Queries count, and may be what the plan waits for."""
        with self._lock:
            movement = self._by_id.get((_shelf(rail, refund), an_id.lower()))
            if movement is None:
                return None
            self._move_on(movement)
            seen = copy.copy(movement)
            movement.queries += 1
            self._move_on(movement)
            return seen

    def decide(self, an_id: str, status: State, reason: str = "", *, silently: bool = False) -> Movement | None:
        """The payer, or whoever drives the test, ends it now. None: there is no such movement.

        :param silently: without a callback.
        """
        with self._lock:
            movement = self._meant(an_id)
            if movement is None:
                return None
            movement.plan = []
            self._apply(movement, Step(status, reason), silently=silently)
            return copy.copy(movement)

    def refunds_of(self, payment: Movement) -> list[Movement]:
        """Every refund of it that has not failed, as of now."""
        with self._lock:
            found = [
                movement for movement in self._movements if movement.rail == payment.rail and movement.refunds.lower() in payment.ids()
            ]
            for movement in found:
                self._move_on(movement)
            return [copy.copy(movement) for movement in found if movement.status is not State.FAILED]

    def balance(self, rail: str, currency: str) -> int:
        """What the merchant's wallet holds."""
        return sum(
            movement.amount * movement.debits * (-1 if movement.is_refund else 1)
            for movement in self.all()
            if movement.rail == rail and movement.currency == currency
        )

    def _same(self, known: Movement) -> Movement:
        return self._by_id[_shelf(known.rail, known.is_refund), known.reference.lower()]

    def _meant(self, an_id: str) -> Movement | None:
        shelves = (_shelf(rail, refund) for rail in RAILS for refund in (False, True))
        return next((self._by_id[shelf, an_id.lower()] for shelf in shelves if (shelf, an_id.lower()) in self._by_id), None)

    def _index(self, movement: Movement) -> None:
        self._movements.append(movement)
        self._index_ids(movement)

    def _index_ids(self, movement: Movement) -> None:
        for an_id in (movement.reference, movement.token, movement.order_id):
            if an_id:
                self._by_id[_shelf(movement.rail, movement.is_refund), an_id.lower()] = movement

    def _plan_next(self, movement: Movement) -> None:
        if movement.plan:
            self._scheduler.at(movement.accepted_at + movement.plan[0].after_s, lambda: self._tick(movement))

    def _tick(self, movement: Movement) -> None:
        with self._lock:
            if self._by_id.get((_shelf(movement.rail, movement.is_refund), movement.reference.lower())) is movement:
                self._move_on(movement)

    def _move_on(self, movement: Movement) -> None:
        """Take every step of the plan that is due."""
        while movement.plan:
            step = movement.plan[0]
            if self._clock.now() < movement.accepted_at + step.after_s or movement.queries < step.after_queries:
                return
            del movement.plan[0]
            self._apply(movement, step)
            self._plan_next(movement)

    def _apply(self, movement: Movement, step: Step, *, silently: bool = False) -> None:
        movement.status, movement.reason = step.status, step.reason
        if step.status is State.SUCCEEDED and not movement.debits:
            movement.debits = movement.charges or 1
            movement.transaction_id = movement.transaction_id or new_transaction_id(movement.rail)
        if step.status in FINAL:
            movement.finished_at = self._clock.now()
        self._remember(movement)
        if step.status in FINAL and not silently:
            self.when_final(copy.copy(movement))


def _shelf(rail: str, refund: bool) -> str:
    return f"{rail} refund" if refund else rail


def new_transaction_id(rail: str) -> str:
    """As the operator writes them."""
    if rail.startswith("orange"):
        return f"MP{time.strftime('%y%m%d.%H%M')}.{secrets.token_hex(3).upper()}"
    return str(secrets.randbelow(9_000_000_000) + 1_000_000_000)


def as_json(movement: Movement) -> dict[str, Any]:
    """For the control endpoint and the state file."""
    return asdict(movement)
