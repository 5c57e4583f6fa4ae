"""Limits as they are decided and as they are said (draft-ietf-httpapi-ratelimit-headers, head of 2025-09-23)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

BURST_WINDOW_S, HOUR_S = 1, 3600
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Policy:
    """So many calls (or units) in a window of seconds; `window_s` is None for a calendar month."""

    name: str
    quota: int
    window_s: int | None


class Allowance(NamedTuple):
    """What is left of a policy, and in how many seconds all of it is back."""

    policy: Policy
    remaining: int
    reset_s: int


@dataclass(frozen=True)
class Bounds:
    """What one caller may take with one operation, and under which names it is counted.

    They are put together once and remembered, so that a call only reads them. `monthly` is None and `field` empty for
    who does not pay: he has no month and is not counted by name. They hold for a day, because usage is counted by day;
    `month_ends` is seconds since the epoch.
    """

    name: str
    burst: int
    sustained: int
    monthly: int | None = None
    units: int = 0
    month_key: str = ""
    field: str = ""
    user_id: uuid.UUID | None = None
    day_begins: dt.datetime = _EVER[0]
    day_ends: dt.datetime = _EVER[1]
    month_ends: float = 0.0

    @property
    def smallest(self) -> int:
        """The limit that decides whether blocks are leased at all."""
        return self.sustained if self.monthly is None else min(self.sustained, self.monthly)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """In the order in which they are said."""
        own = (Policy("burst", self.burst, BURST_WINDOW_S), Policy("sustained", self.sustained, HOUR_S))
        return own if self.monthly is None else (*own, Policy("monthly", self.monthly, None))

    @cached_property
    def policy_header(self) -> str:
        """`RateLimit-Policy`: `"burst";q=20;w=1, "sustained";q=1000;w=3600, "monthly";q=50000`."""
        return ", ".join(f'"{one.name}";q={one.quota}' + (f";w={one.window_s}" if one.window_s else "") for one in self.policies)

    @cached_property
    def limit_format(self) -> str:
        """`RateLimit` without its numbers: `"burst";r=%d;t=%d, "sustained";r=%d;t=%d`."""
        return ", ".join(f'"{one.name}";r=%d;t=%d' for one in self.policies)


def seconds(microseconds: int) -> int:
    """Whole seconds, rounded up: a caller who waits so long is let in."""
    return -(-microseconds // 1_000_000) if microseconds > 0 else 0
