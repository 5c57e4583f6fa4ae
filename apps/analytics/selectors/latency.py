"""How fast the API answered an account, by key and by operation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Sum

from apps.accounts.models import User
from apps.analytics.constants import LATENCY_BOUNDS_MS, ZONE
from apps.analytics.models import ApiLatency

DAYS_MAX = 366
T = TypeVar("T")


@dataclass(frozen=True)
class Latency:
    """Calls and how long they took. Times are None without calls; they are read off a histogram, to about a quarter of their size.

    :ivar refused: answered 4xx. :ivar errors: answered 5xx, our fault.
    """

    calls: int = 0
    refused: int = 0
    errors: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def error_share(self) -> float:
        """Of all calls those that failed on our side, 0 to 1."""
        return self.errors / self.calls if self.calls else 0.0


@dataclass(frozen=True)
class LatencyReport:
    """A period's calls: in all, by key (None for those without one, with its name) and by operation, most calls first."""

    first: dt.date
    last: dt.date
    total: Latency
    by_key: Sequence[tuple[uuid.UUID | None, str, Latency]]
    by_operation: Sequence[tuple[str, Latency]]


def api_latency(user: User, *, first: dt.date, last: dt.date) -> LatencyReport:
    """Calls between two days in Cameroon, both included, at most `DAYS_MAX` of them. One statement.

    :raises ValueError: the period is empty or too long.
    """
    if not 0 <= (last - first).days < DAYS_MAX:
        raise ValueError("the period is empty or too long")
    begin, end = (dt.datetime.combine(day, dt.time(), ZONE) for day in (first, last + dt.timedelta(days=1)))
    rows = (
        ApiLatency.objects.filter(user=user, hour__gte=begin, hour__lt=end)
        .values_list("key", "key__name", "operation", "bucket")
        .annotate(Sum("calls"), Sum("refused"), Sum("errors"))
    )
    total = _Histogram()
    keys: dict[uuid.UUID | None, _Histogram] = {}
    operations: dict[str, _Histogram] = {}
    names: dict[uuid.UUID | None, str] = {}
    for key, name, operation, bucket, calls, refused, errors in rows:
        names[key] = name or ""
        for histogram in (total, keys.setdefault(key, _Histogram()), operations.setdefault(operation, _Histogram())):
            histogram.add(bucket, calls, refused, errors)
    return LatencyReport(
        first,
        last,
        total.latency(),
        [(key, names[key], one.latency()) for key, one in _most_first(keys.items())],
        [(operation, one.latency()) for operation, one in _most_first(operations.items())],
    )


def _most_first(pairs: Iterable[tuple[T, _Histogram]]) -> list[tuple[T, _Histogram]]:
    return sorted(pairs, key=lambda pair: (-sum(pair[1].calls), str(pair[0])))


class _Histogram:
    """Calls by how long they took."""

    def __init__(self) -> None:
        self.calls = [0] * (len(LATENCY_BOUNDS_MS) + 1)
        self.refused = self.errors = 0

    def add(self, bucket: int, calls: int, refused: int, errors: int) -> None:
        self.calls[bucket] += calls
        self.refused += refused
        self.errors += errors

    def latency(self) -> Latency:
        return Latency(sum(self.calls), self.refused, self.errors, self._share(0.5), self._share(0.95))

    def _share(self, share: float) -> float | None:
        """The time that so many calls did not exceed, as if those of a bucket were spread evenly over it."""
        wanted, below = sum(self.calls) * share, 0
        for bucket, calls in enumerate(self.calls):
            if calls and below + calls >= wanted:
                low = LATENCY_BOUNDS_MS[bucket - 1] if bucket else 0
                # What took longer than the last bound took at least that.
                high = LATENCY_BOUNDS_MS[bucket] if bucket < len(LATENCY_BOUNDS_MS) else low
                return round(low + (high - low) * (wanted - below) / calls, 1)
            below += calls
        return None
