"""How the write path is: what waits in the stream, and whether its server keeps what it is given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from apps.analytics.exceptions import StreamAway
from apps.analytics.stream import stream

# Figures are a minute old at most; beyond, somebody should look.
LAG_MAX_S = 60.0


def check_stream() -> None:
    """For the readiness probe.

    :raises StreamAway: Redis does not answer; events go to the table directly. :raises RuntimeError: events wait too long or fill the
        stream, or the server forgets events when it is restarted or short of memory.
    """
    status = stream.status()
    if status.lag_s > LAG_MAX_S:
        raise RuntimeError("events are not drained")
    if status.held_bytes > settings.ANALYTICS_STREAM_BYTES_MAX * 0.8:
        raise RuntimeError("the stream of events is nearly full")
    if settings.ANALYTICS_NEEDS_DURABLE_REDIS and (wrong := server_faults()):
        raise RuntimeError(wrong[0])


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
