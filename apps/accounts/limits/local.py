"""What bounds a process while Redis is away: the same rate, counted here; the month's quota waits."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from threading import Lock

CALLERS_MAX = 10_000


class LocalBuckets:
    """GCRA for at most `CALLERS_MAX` callers, the least recent leaving first."""

    def __init__(self) -> None:
        self._tats: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str, *, quota: int, window_s: float, calls: int = 1) -> tuple[bool, int, float]:
        """Whether so many calls are allowed now, how many are left, and after how many seconds to come back."""
        now = time.monotonic()
        step = window_s / quota
        with self._lock:
            after = max(self._tats.get(name, 0.0), now) + calls * step
            if after - now > window_s + 1e-9:
                return False, 0, after - now - window_s
            self._tats[name] = after
            self._tats.move_to_end(name)
            while len(self._tats) > CALLERS_MAX:
                self._tats.popitem(last=False)
        return True, int((window_s - (after - now)) / step + 1e-6), after - now

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._tats.clear()


class LocalUsage:
    """Calls that this process counted and Redis does not know yet: fields of the usage hash, and units of months."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fields: Counter[str] = Counter()
        self._months: Counter[str] = Counter()

    def add(
        self, field: str, *, calls: int = 0, units: int = 0, refused: int = 0, errors: int = 0, month_key: str = "", month_units: int = 0
    ) -> None:
        """Count. `month_units` is what the month's counter does not have yet, or has too much."""
        with self._lock:
            if field and calls:
                self._fields[field + "c"] += calls
            if field and units:
                self._fields[field + "u"] += units
            if field and refused:
                self._fields[field + "r"] += refused
            if field and errors:
                self._fields[field + "e"] += errors
            if month_key and month_units:
                self._months[month_key] += month_units

    def take(self) -> tuple[dict[str, int], dict[str, int]]:
        """What is to be written; it is the caller's now."""
        if not self._fields and not self._months:
            return {}, {}
        with self._lock:
            taken = dict(self._fields), dict(self._months)
            self._fields.clear()
            self._months.clear()
        return taken

    def give_back(self, fields: dict[str, int], months: dict[str, int]) -> None:
        """Keep what could not be written."""
        with self._lock:
            self._fields.update(fields)
            self._months.update(months)

    def clear(self) -> None:
        """Forget everything (tests)."""
        self.take()


buckets = LocalBuckets()
usage = LocalUsage()
