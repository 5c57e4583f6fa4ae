"""How the write path is: what waits in the stream and in the table, and whether the stream's server keeps what it is given."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from apps.analytics.exceptions import StreamAway
from apps.analytics.models import EventBatch
from apps.analytics.stream import stream
from apps.core.clock import now

# Figures are a minute old at most; beyond, somebody should look.
LAG_MAX_S = 60.0
# What is in the table is counted every half minute; a backlog takes longer.
COUNT_LAG_MAX_S = 300.0


def waiting_since(*, at: dt.datetime) -> dt.datetime | None:
    """When the oldest came of what is told and in no counter yet, in the stream or in the table; None when nothing waits.

    While Redis is away events go to the table directly: only that is looked at then.
    """
    with contextlib.suppress(StreamAway):
        if lag_s := stream.lag_s():
            # What is in the stream came later than what is in the table, but for a run that hangs.
            return min(filter(None, (at - dt.timedelta(seconds=lag_s), _uncounted_since())))
    return _uncounted_since()


def _uncounted_since() -> dt.datetime | None:
    waiting = EventBatch.objects.filter(counted_at=None).order_by("number")
    return waiting.values_list("created_at", flat=True).first()


def check_stream() -> None:
    """For the readiness probe.

    :raises StreamAway: Redis does not answer; events go to the table directly. :raises RuntimeError: events wait too long, in the stream
        or to be counted, or fill the stream, or the server forgets events when it is restarted or short of memory.
    """
    status = stream.status()
    if status.lag_s > LAG_MAX_S:
        raise RuntimeError("events are not drained")
    if _count_lag_s() > COUNT_LAG_MAX_S:
        raise RuntimeError("events are not counted")
    if status.held_bytes > settings.ANALYTICS_STREAM_BYTES_MAX * 0.8:
        raise RuntimeError("the stream of events is nearly full")
    if settings.ANALYTICS_NEEDS_DURABLE_REDIS and (wrong := server_faults()):
        raise RuntimeError(wrong[0])


def _count_lag_s() -> float:
    since = _uncounted_since()
    return max((now() - since).total_seconds(), 0.0) if since else 0.0


def server_faults() -> list[str]:
    """What is wrong with the settings of the Redis that holds the stream. :raises StreamAway: it does not answer."""
    try:
        told: dict[str, Any] = stream.client().info()
    except (RedisError, OSError) as error:
        raise stream.failed(error) from error
    found = []
    if told.get("maxmemory_policy") != "noeviction":
        found.append("Redis may evict events: set maxmemory-policy to noeviction")
    if not told.get("aof_enabled"):
        found.append("Redis forgets events when it is restarted: set appendonly to yes")
    return found


class StreamCollector(Collector):
    """What waits in the stream, looked up when it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; none while Redis is away, when the others are wanted most."""
        with contextlib.suppress(StreamAway):
            status = stream.status()
            yield GaugeMetricFamily("analytics_stream_runs", "Runs of events that wait to be written.", status.length)
            yield GaugeMetricFamily("analytics_stream_bytes", "Bytes of events that wait to be written.", status.held_bytes)
            yield GaugeMetricFamily("analytics_drain_lag_seconds", "Age of the oldest run that waits.", status.lag_s)
        with contextlib.suppress(DatabaseError):
            yield GaugeMetricFamily("analytics_count_lag_seconds", "Age of the oldest run that is not counted.", _count_lag_s())
