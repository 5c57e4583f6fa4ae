"""What the control endpoint asked for: which calls or payments go differently, how, and how many times."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from apps.billing.fake_operator.outcomes import full_number
from apps.billing.fake_operator.scenarios import SCENARIOS
from apps.billing.fake_operator.truth import State, Step


class InvalidRule(ValueError):
    """The text says what is wrong."""


@dataclass(frozen=True)
class CallbackPolicy:
    """How a final status is told: `times` times, `every_s` apart, `delay_s` after it; 0 times is a lost callback.

    early: also before the submit is answered. forged: fields that replace the true ones in one more callback, sent as soon as
    the submit was accepted. `method`: empty for the rail's own.
    """

    times: int = 1
    delay_s: float = 0.0
    every_s: float = 1.0
    method: str = ""
    early: bool = False
    forged: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Report:
    """How queries show a payment, whatever is true: `set` and `drop` name fields of the answer (`reference` is each rail's own)."""

    set: Mapping[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    amount_as_number: bool = False
    reason_as_object: bool = False


@dataclass(frozen=True)
class Effects:
    """What is different. None or the default: nothing is.

    Answer instead of ours: `status`, with `body` (text or JSON), `content_type`, `headers`. `processed` says whether the call does its work
    all the same; by default only when nothing answers instead. Network: `stall_s` (our seconds) before the answer, `drip_s`
    between its bytes, `reset` instead of it, `cut` in its middle, `huge` bytes added to it.
    """

    outcome: tuple[Step, ...] | None = None
    callbacks: CallbackPolicy | None = None
    report: Report | None = None
    init_status: str | None = None
    status: int | None = None
    body: Any = None
    content_type: str | None = None
    headers: Mapping[str, str] | None = None
    processed: bool | None = None
    expire_tokens: bool | None = None
    stall_s: float | None = None
    drip_s: float | None = None
    reset: bool | None = None
    cut: bool | None = None
    huge: int | None = None

    def given(self) -> dict[str, Any]:
        """Only what was asked for."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) is not None}


_SUBMIT_ONLY = {"outcome", "callbacks", "init_status"}
_QUERY_ONLY = {"report"}
_EFFECTS = {item.name for item in fields(Effects)}


@dataclass
class Rule:
    """Effects for the calls that match: all of `endpoint` (a name or a pattern), `phone` and `reference` that are given."""

    number: int
    effects: Effects
    endpoint: str = "*"
    phone: str = ""
    reference: str = ""
    times: int | None = None
    used: int = 0

    def matches(self, endpoint: str, phone: str, ids: set[str]) -> bool:
        """Whether it applies to this call."""
        return (
            (self.times is None or self.used < self.times)
            and fnmatch.fnmatchcase(endpoint, self.endpoint)
            and (not self.phone or self.phone == full_number(phone))
            and (not self.reference or self.reference.lower() in ids)
        )

    def relevant(self, endpoint: str) -> dict[str, Any]:
        """Its effects on this kind of call."""
        kind = endpoint.partition(".")[2]
        submits = kind in {"submit", "confirm", "refund"}
        queries = kind in {"query", "refund_query"}
        return {
            name: value
            for name, value in self.effects.given().items()
            if (submits or name not in _SUBMIT_ONLY) and (queries or name not in _QUERY_ONLY)
        }


class Rules:
    """Every rule, safe to use from many threads. Of two that ask for the same, the younger wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._next = 1

    def add(self, data: Mapping[str, Any]) -> Rule:
        """:raises InvalidRule: an unknown word or a value that cannot be."""
        given = dict(data)
        name = given.pop("scenario", None)
        if name is not None:
            if name not in SCENARIOS:
                raise InvalidRule(f"Unknown scenario {name!r}; known: {', '.join(sorted(SCENARIOS))}")
            given = {**SCENARIOS[name], **given}
        match = {key: given.pop(key) for key in ("endpoint", "phone", "reference", "times") if given.get(key) is not None}
        with self._lock:
            rule = Rule(self._next, effects_from(given), **match)
            rule.phone = full_number(str(rule.phone)) if rule.phone else ""
            self._next += 1
            self._rules.append(rule)
            return rule

    def remove(self, number: int) -> bool:
        """False: there is none."""
        with self._lock:
            before = len(self._rules)
            self._rules = [rule for rule in self._rules if rule.number != number]
            return len(self._rules) < before

    def clear(self) -> None:
        """No rule remains."""
        with self._lock:
            self._rules.clear()

    def all(self) -> list[Rule]:
        """Every rule, oldest first."""
        with self._lock:
            return list(self._rules)

    def take(self, endpoint: str, phone: str, ids: set[str]) -> Effects:
        """The effects on this call; the rules that have any were used once more."""
        merged: dict[str, Any] = {}
        with self._lock:
            for rule in self._rules:
                if rule.matches(endpoint, phone, ids) and (relevant := rule.relevant(endpoint)):
                    rule.used += 1
                    merged |= relevant
        return replace(Effects(), **merged)


def effects_from(data: Mapping[str, Any]) -> Effects:
    """Effects as the control endpoint writes them. :raises InvalidRule: an unknown word or a value that cannot be."""
    if unknown := set(data) - _EFFECTS:
        raise InvalidRule(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(_EFFECTS))}")
    values = dict(data)
    try:
        if values.get("outcome") is not None:
            values["outcome"] = steps_from(values["outcome"])
        if values.get("callbacks") is not None:
            values["callbacks"] = CallbackPolicy(**values["callbacks"])
        if values.get("report") is not None:
            values["report"] = Report(**values["report"])
        return Effects(**values)
    except (TypeError, ValueError) as error:
        raise InvalidRule(str(error)) from error


def steps_from(data: Any) -> tuple[Step, ...]:
    """`"failed"`, `"failed:NOT_ENOUGH_FUNDS"`, or a list of `{status, reason, after_s, after_queries}`. :raises ValueError: neither."""
    if isinstance(data, str):
        word, _, reason = data.partition(":")
        return () if word in {"never", ""} else (Step(State(word), reason),)
    return tuple(Step(**{**step, "status": State(step["status"])}) for step in data)
