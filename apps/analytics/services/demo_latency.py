"""How long the calls of a demonstration took: believable, and the same every time."""

from __future__ import annotations

import bisect
import random
from collections import Counter
from collections.abc import Iterator, Sequence

from apps.accounts.models import User
from apps.accounts.services.demo_usage import DemoCalls
from apps.analytics.constants import LATENCY_BOUNDS_MS
from apps.analytics.models import ApiLatency

# What half of an operation's calls take at most, in milliseconds; any other one takes the last.
_MEDIAN_MS = {"resource": 9, "category_list": 4, "suggestions": 14, "resource_list": 38, "nearby": 55, "search": 74, "": 30}
# How far the others are from it, as the spread of a logarithm; a call that failed had waited for us.
_SPREAD, _FAILED_MS = 0.55, 3000


def load_demo_latency(calls: Sequence[DemoCalls], *, user: User) -> int:
    """Write how long these calls took, where it is not written yet; returns how many rows. Harmless when repeated."""
    rows = [row for one in calls for row in _rows_of(one, user)]
    ApiLatency.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return len(rows)


def _rows_of(one: DemoCalls, user: User) -> Iterator[ApiLatency]:
    draw = random.Random(f"{one.hour:%Y-%m-%d %H} {one.operation} {one.calls}")  # noqa: S311  the same every time
    median = _MEDIAN_MS.get(one.operation, _MEDIAN_MS[""])
    answered = Counter(_bucket(median * draw.lognormvariate(0, _SPREAD)) for _call in range(one.calls - one.errors))
    refused, failed = Counter({_bucket(1): one.refused}), Counter({_bucket(_FAILED_MS): one.errors})
    for bucket, number in sorted((answered + refused + failed).items()):
        yield ApiLatency(
            hour=one.hour, user=user, key_id=one.key_id, operation=one.operation, bucket=bucket, calls=number, refused=refused[bucket],
            errors=failed[bucket],
        )  # fmt: skip


def _bucket(ms: float) -> int:
    return bisect.bisect_left(LATENCY_BOUNDS_MS, ms)
