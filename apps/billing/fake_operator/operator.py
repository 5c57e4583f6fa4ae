"""One running operator: its time, its truth, its rules and its protocols, without the network."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.billing.fake_operator.callbacks import Callbacks
from apps.billing.fake_operator.clock import Clock, Scheduler
from apps.billing.fake_operator.options import Options
from apps.billing.fake_operator.outcomes import plan_for, without_waiting
from apps.billing.fake_operator.rules import Effects, Rules
from apps.billing.fake_operator.tokens import Tokens
from apps.billing.fake_operator.truth import Movement, State, Step, Truth, as_json, movement_from
from apps.billing.fake_operator.wire import Request


@dataclass(frozen=True)
class Call:
    """One call of a client: the request, what its path says, and what is different this time."""

    endpoint: str
    request: Request
    groups: dict[str, str]
    effects: Effects


class Operator:
    """Everything that happened and will happen."""

    def __init__(self, options: Options | None = None, *, time_scale: float = 1.0, state: Path | None = None) -> None:
        self.first_options = self.options = options or Options()
        self.clock = Clock(time_scale)
        self.scheduler = Scheduler(self.clock)
        self.rules = Rules()
        self.tokens = Tokens(self.clock)
        self.callbacks = Callbacks(self.clock, self.scheduler, lambda: self.options)
        self.truth = Truth(self.clock, self.scheduler, self._remember)
        self.truth.when_final = self._announce
        self.address = ""
        # API users of MTN's sandbox: the callback host and the key of each.
        self.api_users: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.recent: deque[dict[str, Any]] = deque(maxlen=2000)
        # How to write the callback of each rail, which its protocol module enters.
        self.callback_bodies: dict[str, Callable[[Operator, Movement], dict[str, Any]]] = {}
        # When MTN was asked for a status within the last second.
        self._asked: deque[float] = deque()
        self._state = state
        self._restore()

    def start(self) -> None:
        """Let time pass."""
        self.scheduler.start()

    def stop(self) -> None:
        """Nothing happens any more."""
        self.scheduler.stop()
        self.callbacks.stop()

    def reset(self) -> None:
        """As it was when it started, with nothing remembered."""
        self.scheduler.clear()
        self.callbacks.clear()
        self.truth.clear()
        self.rules.clear()
        self.tokens.expire()
        self.api_users.clear()
        self.clock.reset()
        self.options = self.first_options
        with self._lock:
            self.counts.clear()
            self.recent.clear()
            self._asked.clear()
            if self._state is not None:
                self._state.unlink(missing_ok=True)

    def count(self, endpoint: str, method: str, path: str, status: int | None) -> None:
        """A call was answered; None: not answered."""
        with self._lock:
            self.counts[endpoint] += 1
            self.recent.append({"at": self.clock.now(), "endpoint": endpoint, "method": method, "path": path, "status": status})

    def is_over_the_cap(self) -> bool:
        """Whether one more query within this second of ours is too many for MTN; counts it when it is not."""
        cap, now = self.options.queries_per_s, time.monotonic()
        with self._lock:
            while self._asked and self._asked[0] <= now - 1:
                self._asked.popleft()
            if cap and len(self._asked) >= cap:
                return True
            self._asked.append(now)
            return False

    def plan(self, call: Call, phone: str, amount: int) -> list[Step]:
        """What becomes of a payment that is accepted now."""
        outcome = call.effects.outcome
        if outcome is None:
            plan = plan_for(phone, amount, delay_s=self.options.delay_s, max_amount=self.options.max_amount)
        else:
            plan = list(outcome)
        policy = call.effects.callbacks
        return without_waiting(plan) if policy is not None and policy.early else plan

    def accept(self, call: Call, movement: Movement, plan: list[Step], *, by_payer_from: State | None = None, **changes: Any) -> Movement:
        """The payer is asked now; what must go out before the answer to the call has gone out when this returns.

        :param by_payer_from: this is the payer's own act, which counts only in this state, and not a client's submit.
        """
        if call.effects.callbacks is not None:
            self.callbacks.set_policy(movement, call.effects.callbacks)
        policy = self.callbacks.policy_of(movement)
        accepted = self.truth.accept(movement, plan, by_payer_from=by_payer_from, **changes)
        if policy.early:
            self.callbacks.send_now(accepted, self._callback_body(accepted))
        if policy.forged is not None:
            self.callbacks.send(accepted, self._callback_body(accepted) | dict(policy.forged))
        return accepted

    def send_callback(self, movement: Movement, changes: dict[str, Any] | None = None, *, url: str = "") -> None:
        """Tell now how a movement stands, with some fields changed."""
        self.callbacks.send(movement, self._callback_body(movement) | (changes or {}), url=url)

    def _announce(self, movement: Movement) -> None:
        self.callbacks.announce(movement, self._callback_body(movement))

    def _callback_body(self, movement: Movement) -> dict[str, Any]:
        return self.callback_bodies[movement.rail](self, movement)

    def _remember(self, movement: Movement) -> None:
        if self._state is not None:
            with self._lock, self._state.open("a") as file:
                file.write(json.dumps(as_json(movement)) + "\n")

    def _restore(self) -> None:
        """The last line about each movement counts; one that a kill cut short does not."""
        if self._state is None or not self._state.exists():
            return
        kept: dict[tuple[str, bool, str], Movement] = {}
        for line in self._state.read_text().splitlines():
            try:
                movement = movement_from(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            kept[movement.rail, movement.is_refund, movement.reference] = movement
        # Shorter from here on: one line for each.
        draft = self._state.with_suffix(".draft")
        draft.write_text("".join(json.dumps(as_json(movement)) + "\n" for movement in kept.values()))
        draft.replace(self._state)
        self.truth.restore(kept.values())


def path_pattern(path: str) -> re.Pattern[str]:
    """`/a/{id}` as a pattern that matches whole paths."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")
