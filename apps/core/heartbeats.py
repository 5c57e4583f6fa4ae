"""When each scheduled task last came to its end. Whoever stops tells nobody: only what is missing tells."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from celery import current_app
from celery.schedules import crontab
from django.core.cache import cache
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

# Missed turns until a task counts as silent, and the least that anybody is given: a restart misses some.
TURNS, LEAST_S = 3, 300
# A day's task is looked for by its day.
DAY_S = 24 * 3600
KEPT_S = 14 * DAY_S
_SINCE = "heartbeat:since"


def note(task: str) -> None:
    """Remember that a task came to its end now; tasks that are not scheduled are not counted."""
    if task in turns():
        # Without Redis nothing is remembered, and the probe of the cache tells it.
        with contextlib.suppress(ConnectionError, TimeoutError):
            cache.set(_key(task), time.time(), KEPT_S)


def start() -> None:
    """Give every task its turns from now on: the scheduler starts."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        cache.set(_SINCE, time.time(), None)


def silent(*, at: float | None = None) -> dict[str, float]:
    """Seconds without an end of each task that is overdue, counted from the scheduler's start at the earliest."""
    now = time.time() if at is None else at
    every = turns()
    cache.add(_SINCE, now, None)
    since = float(cache.get(_SINCE) or now)
    known: dict[str, float] = cache.get_many([_key(task) for task in every])
    ages = {task: now - max(float(known.get(_key(task), 0.0)), since) for task in every}
    return {task: age for task, age in ages.items() if age > max(LEAST_S, TURNS * every[task])}


def check_beat() -> None:
    """For the readiness probe. :raises RuntimeError: a scheduled task has missed its turns."""
    if current_app.conf.task_always_eager:
        return
    if silent():
        raise RuntimeError("scheduled tasks are silent")


class HeartbeatCollector(Collector):
    """`scheduled_task_age_seconds`, looked up when it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One figure a task that has run; none while Redis is away."""
        family = GaugeMetricFamily("scheduled_task_age_seconds", "Seconds since a scheduled task came to its end.", labels=["task"])
        now = time.time()
        for task, ended in cache.get_many([_key(task) for task in turns()]).items():
            family.add_metric([task.removeprefix("heartbeat:")], max(0.0, now - float(ended)))
        yield family


def _key(task: str) -> str:
    return f"heartbeat:{task}"


def turns() -> dict[str, float]:
    """Seconds between two turns of each scheduled task, the shortest of its entries."""
    found: dict[str, float] = {}
    entries: dict[str, dict[str, Any]] = current_app.conf.beat_schedule
    for entry in entries.values():
        schedule = entry["schedule"]
        seconds = float(DAY_S if isinstance(schedule, crontab) else schedule)
        found[entry["task"]] = min(seconds, found.get(entry["task"], seconds))
    return found
