"""Limits as they are decided and as they are said (draft-ietf-httpapi-ratelimit-headers, head of 2025-09-23)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

BURST_WINDOW_S, HOUR_S = 1, 3600


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


def policies_of(burst: int, hourly: int, monthly: int | None) -> tuple[Policy, ...]:
    """Those of a caller, in the order in which they are said; who does not pay has no month."""
    own = (Policy("burst", burst, BURST_WINDOW_S), Policy("sustained", hourly, HOUR_S))
    return own if monthly is None else (*own, Policy("monthly", monthly, None))


@lru_cache(maxsize=1000)
def policy_header(policies: tuple[Policy, ...]) -> str:
    """`RateLimit-Policy`: `"burst";q=20;w=1, "sustained";q=1000;w=3600, "monthly";q=50000`."""
    return ", ".join(f'"{one.name}";q={one.quota}' + (f";w={one.window_s}" if one.window_s else "") for one in policies)


def limit_header(allowances: tuple[Allowance, ...]) -> str:
    """`RateLimit`: `"burst";r=19;t=1, "sustained";r=998;t=8`."""
    return ", ".join(f'"{a.policy.name}";r={max(a.remaining, 0)};t={a.reset_s}' for a in allowances)


def seconds(microseconds: int) -> int:
    """Whole seconds, rounded up: a caller who waits so long is let in."""
    return max(math.ceil(microseconds / 1_000_000), 0)
