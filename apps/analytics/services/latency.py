"""How long calls of the API take: counted by each process, handed over now and then, written with the runs of events."""

from __future__ import annotations

import bisect
import contextlib
import datetime as dt
import threading
import time
import uuid
from collections.abc import Sequence
from multiprocessing.util import Finalize

from django.db import connection

from apps.analytics.constants import CALL_GROUPS_MAX, CALLS_KEPT_S, COUNTER_MONTHS, LATENCY_BOUNDS_MS
from apps.analytics.encoding import CallCount, pack_calls
from apps.analytics.exceptions import StreamAway
from apps.analytics.models import ApiLatency
from apps.analytics.stream import stream

# Users and keys that were deleted meanwhile have no counts any more.
_ADD = """
INSERT INTO analytics_api_latency (hour, user_id, key_id, operation, bucket, calls, refused, errors)
SELECT to_timestamp(n.hour * 3600), n.user_id, k.id, n.operation, n.bucket, sum(n.calls), sum(n.refused), sum(n.errors)
FROM unnest(%s::bigint[], %s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[])
    AS n(hour, user_id, key_id, operation, bucket, calls, refused, errors)
JOIN users u ON u.id = n.user_id
LEFT JOIN api_keys k ON k.id = n.key_id
GROUP BY n.hour, n.user_id, k.id, n.operation, n.bucket
ORDER BY n.user_id, n.hour, k.id, n.operation, n.bucket
ON CONFLICT (user_id, hour, key_id, operation, bucket) DO UPDATE SET calls = analytics_api_latency.calls + excluded.calls,
    refused = analytics_api_latency.refused + excluded.refused, errors = analytics_api_latency.errors + excluded.errors
"""


class Calls:
    """What this process counted and has not handed over. What is in it when the process is killed is lost."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, int], list[int]] = {}
        # Under its name: nobody knows whether it arrived.
        self._open: tuple[str, list[CallCount]] | None = None
        self._lock, self._flushing = threading.Lock(), threading.Lock()
        self._since = time.monotonic()

    def note(self, group: str, *, seconds: float, status: int, at_s: float) -> None:
        """Count a call. :param group: user, key and operation, as the usage of accounts names them: `user|key|operation|`."""
        name = (int(at_s // 3600), group, bisect.bisect_left(LATENCY_BOUNDS_MS, seconds * 1000))
        with self._lock:
            counts = self._counts.get(name)
            if counts is None:
                if len(self._counts) >= CALL_GROUPS_MAX:
                    return
                counts = self._counts[name] = [0, 0, 0]
            counts[0] += 1
            if status >= 400:
                counts[2 if status >= 500 else 1] += 1
        if time.monotonic() - self._since >= CALLS_KEPT_S:
            self.flush()

    def flush(self) -> None:
        """Hand over what is there; while Redis is away it stays."""
        with self._flushing:
            self._since = time.monotonic()
            with contextlib.suppress(StreamAway):
                while (run := self._next()) is not None:
                    stream.add_calls(run[0], pack_calls(run[1]))
                    self._open = None

    def _next(self) -> tuple[str, list[CallCount]] | None:
        if self._open is None:
            with self._lock:
                counts, self._counts = self._counts, {}
            if counts:
                self._open = (uuid.uuid4().hex, [_count(*name, numbers) for name, numbers in counts.items()])
        return self._open

    def clear(self) -> None:
        """Forget everything (tests)."""
        self._counts, self._open = {}, None


def _count(hour: int, group: str, bucket: int, numbers: list[int]) -> CallCount:
    user, key, operation = group.split("|")[:3]
    return CallCount(hour, user, key, operation, bucket, *numbers)


calls = Calls()


def add_calls(counts: Sequence[CallCount]) -> None:
    """Add to the table, in the caller's transaction."""
    if counts:
        columns = [list(column) for column in zip(*counts, strict=True)]
        columns[2] = [key or None for key in columns[2]]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, columns)


def prune_latency(*, at: dt.datetime) -> int:
    """Forget what is older than 25 months; returns how many rows."""
    return ApiLatency.objects.filter(hour__lt=at - dt.timedelta(days=31 * COUNTER_MONTHS)).delete()[0]


# As the buffer of events.
Finalize(None, calls.flush, exitpriority=10)
