"""Blocks of a large limit that a process takes at once and counts by itself: an eighth of the cost of asking each time.

A block is taken from Redis before any of it is used, so limits are never passed; what a process does not use is given
back when it asks again or ends. Near a limit, and for small limits, nobody leases: there every call is asked. Bursts
are bounded by each process while it leases.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from django.conf import settings

from apps.accounts.limits.policies import BURST_WINDOW_S, Bounds
from apps.accounts.limits.script import ALLOWED, BURST, Verdict

# Limits up to this are always exact.
SMALL_LIMIT = 2000
BLOCK_MAX = 100
# A block that is older is not trusted any more: the key may have changed its rate. A steady caller of 20,000 calls an hour
# asks once in 27 calls.
LEASE_S = 5.0
# So many calls within that time make a caller worth a block.
BUSY_CALLS = 4
CALLERS_MAX = 10_000


def block_of(limit: int) -> int:
    """How many calls a process takes at once of such a limit; 0 when it asks for each."""
    return 0 if limit <= SMALL_LIMIT else min(BLOCK_MAX, limit // 20)


def spare_of(block: int) -> int:
    """Nobody leases when no more than this is left: every process may hold a block, and each of them may go short."""
    return 2 * int(settings.WEB_WORKERS) * block


@dataclass(slots=True)
class Lease:
    """A block: how many calls are left of it, and what is left of the caller's limits as far as this process knows.

    `whole_at` is when his burst is whole again. Times are of the monotonic clock.
    """

    bounds: Bounds
    granted: int
    left: int
    until: float
    whole_at: float
    sustained_left: int
    sustained_reset: int
    used: int

    @property
    def was_worth_it(self) -> bool:
        """Whether so much of it was used that its caller gets another one at once."""
        return self.granted - self.left >= BUSY_CALLS


class Leases:
    """The blocks of this process, by caller."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._asked: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def is_busy(self, name: str) -> bool:
        """Whether so many calls of a caller come here that a block pays: his last one did, or many single calls came."""
        now = monotonic()
        with self._lock:
            lease = self._leases.get(name)
            if lease is not None and lease.was_worth_it:
                return True
            since, count = self._asked.get(name, (now, 0))
            if now - since > LEASE_S:
                since, count = now, 0
            if len(self._asked) > CALLERS_MAX:
                self._asked.clear()
            self._asked[name] = since, count + 1
            return count >= BUSY_CALLS

    def use(self, bounds: Bounds) -> Verdict | None:
        """Take one call of a block, unless it comes in too great a burst; None when there is no block, or it is used up or too old."""
        lease = self._leases.get(bounds.name)
        if lease is None:
            return None
        now, step = monotonic(), BURST_WINDOW_S / bounds.burst
        with self._lock:
            if lease.left <= 0 or now >= lease.until or lease.bounds.month_key != bounds.month_key:
                return None
            burst_s = max(lease.whole_at - now, 0.0) + step
            if burst_s > BURST_WINDOW_S + 1e-9:
                return Verdict(BURST, 0, 0, lease.sustained_left, lease.sustained_reset, lease.used, int((burst_s - BURST_WINDOW_S) * 1e6))
            lease.whole_at = now + burst_s
            lease.left -= 1
            lease.sustained_left -= 1
            lease.used += bounds.units
            burst_left = int((BURST_WINDOW_S - burst_s) / step + 1e-6)
            return Verdict(ALLOWED, burst_left, int(burst_s * 1e6), lease.sustained_left, lease.sustained_reset, lease.used, 0)

    def burst_debt(self, name: str) -> int:
        """Microseconds until the burst of a caller is whole again, as far as this process counted it."""
        lease = self._leases.get(name)
        return max(int((lease.whole_at - monotonic()) * 1e6), 0) if lease else 0

    def put(self, bounds: Bounds, verdict: Verdict, *, until: float) -> list[Lease]:
        """Keep the block that a verdict grants; answers what it replaces and is not used up, to be given back."""
        whole_at = monotonic() + verdict.burst_reset / 1e6
        lease = Lease(
            bounds, verdict.granted, verdict.granted, until, whole_at, verdict.sustained_left, verdict.sustained_reset, verdict.used
        )
        with self._lock:
            former = self._leases.get(bounds.name)
            self._leases[bounds.name] = lease
        return [former] if former and former.left > 0 else []

    def drain(self, *, only_old: bool = True) -> list[Lease]:
        """Blocks that nobody uses any more, taken out of here, with something left to give back."""
        now = monotonic()
        with self._lock:
            names = [name for name, lease in self._leases.items() if not only_old or now >= max(lease.until, lease.whole_at)]
            taken = [self._leases.pop(name) for name in names]
            self._asked.update({lease.bounds.name: (lease.until, BUSY_CALLS) for lease in taken if lease.was_worth_it})
        return [lease for lease in taken if lease.left > 0]

    def clear(self) -> None:
        """Forget them (tests)."""
        with self._lock:
            self._leases.clear()
            self._asked.clear()


leases = Leases()
