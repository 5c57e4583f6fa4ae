"""How far the index is behind the catalogue."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

from django.db import DatabaseError
from django.db.models import Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.core.clock import now
from apps.core.models import DeliveryState, OutboxDelivery

# Beyond this the probe says that something is wrong.
LAG_MAX_S = 300.0


def indexing_lag_s(*, at: dt.datetime) -> float:
    """Seconds since the oldest event of an entry that search has not been told of; 0 when none waits. Dead deliveries wait, too."""
    waiting = OutboxDelivery.objects.exclude(state=DeliveryState.DONE).filter(receiver__startswith="search.")
    oldest = waiting.aggregate(oldest=Min("event__created_at"))["oldest"]
    return 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())


def check_lag() -> None:
    """For the readiness probe.

    :raises RuntimeError: events have been waiting for more than `LAG_MAX_S`.
    """
    if indexing_lag_s(at=now()) > LAG_MAX_S:
        raise RuntimeError("the search index is behind")


class LagCollector(Collector):
    """`search_indexing_lag_seconds`, looked up when it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The one figure; none while the database is away, when the others are wanted most."""
        with contextlib.suppress(DatabaseError):
            yield GaugeMetricFamily(
                "search_indexing_lag_seconds", "Age of the oldest change that search does not know.", indexing_lag_s(at=now())
            )
