"""Blocks of a large limit that a process takes at once and counts by itself: an eighth of the cost of asking each time.

A block is taken from Redis before any of it is used, so limits are never passed; what a process does not use is given
back when it takes the next block or ends. Near a limit, and for small limits, nobody leases: there every call is asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock

from django.conf import settings

from apps.accounts.limits.script import Verdict

# Limits up to this are always exact.
SMALL_LIMIT = 2000
BLOCK_MAX = 100
# A block that is older is not trusted any more: the key may have changed its rate, the month may be another.
LEASE_S = 2.0
# So many calls within that time make a caller worth a block.
BUSY_CALLS = 4
CALLERS_MAX = 10_000


def block_of(limit: int) -> int:
    """How many calls a process takes at once of such a limit."""
    return 1 if limit <= SMALL_LIMIT else max(1, min(BLOCK_MAX, limit // 20))


def spare_of(block: int) -> int:
    """Nobody leases when no more than this is left: every process may hold a block, and each of them may go short."""
    return 2 * int(settings.WEB_WORKERS) * block


@dataclass(slots=True)
class Lease:
    """A block: how many calls are left of it, and what the script said when it was taken."""

    left: int
    verdict: Verdict
    until: float
    hour_key: str
    month_key: str
    step: float


class Leases:
    """The blocks of this process, by caller."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._asked: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def is_busy(self, name: str) -> bool:
        """Whether this process asks for a caller so often that a block pays: the last one is used up, or many single calls came."""
        now = time.monotonic()
        with self._lock:
            lease = self._leases.get(name)
            if lease is not None and lease.left <= 0 and now < lease.until:
                return True
            since, count = self._asked.get(name, (now, 0))
            if now - since > LEASE_S:
                since, count = now, 0
            if len(self._asked) > CALLERS_MAX:
                self._asked.clear()
            self._asked[name] = since, count + 1
            return count >= BUSY_CALLS

    def use(self, name: str) -> Lease | None:
        """Take one call of a block; None when there is none, it is used up or too old."""
        lease = self._leases.get(name)
        if lease is None:
            return None
        with self._lock:
            if lease.left <= 0 or time.monotonic() >= lease.until:
                return None
            lease.left -= 1
        return lease

    def put(self, name: str, lease: Lease) -> None:
        """Keep a new block, in the place of one that is used up or old."""
        with self._lock:
            self._leases[name] = lease

    def drain(self, *, only_old: bool = True) -> list[Lease]:
        """Blocks that nobody uses any more, taken out of here, with something left to give back."""
        now = time.monotonic()
        with self._lock:
            names = [name for name, lease in self._leases.items() if not only_old or now >= lease.until]
            taken = [self._leases.pop(name) for name in names]
        return [lease for lease in taken if lease.left > 0]

    def clear(self) -> None:
        """Forget them (tests)."""
        with self._lock:
            self._leases.clear()
            self._asked.clear()


leases = Leases()
