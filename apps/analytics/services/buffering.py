"""Events on their way from a request to the stream: kept in this process for a tenth of a second, so that one call carries many.

What is in here when a process is killed is lost, and nothing else is ever: contacts and directions do not wait. A process
that is asked to end hands everything over first.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from multiprocessing.util import Finalize

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from prometheus_client import Counter

from apps.analytics.binary_rows import DROPPED
from apps.analytics.constants import BUFFER_MAX, RUN_MAX
from apps.analytics.encoding import Run, pack_rows
from apps.analytics.exceptions import StreamAway
from apps.analytics.services.recording import record_runs
from apps.analytics.stream import Asked, stream
from apps.core.clock import now

logger = structlog.get_logger(__name__)

EVENTS = Counter("analytics_events", "Events taken, by where they went.", ["way"])
# After a failed flush the next is tried so many seconds later, not with each event.
RETRY_S = 2.0


class Buffered(Asked, gc=False):
    """An event as a begun row (`binary_rows`), with what this process made of it (`Verdict`) and what the shared rule asks about it."""

    row: bytes
    verdict: int


class Buffer:
    """At most `BUFFER_MAX` events; what comes beyond is dropped and counted as such."""

    def __init__(self) -> None:
        self._events: list[Buffered] = []
        # Named runs of which nobody knows whether they arrived.
        self._open: list[tuple[str, list[Buffered]]] = []
        self._lock, self._flushing = threading.Lock(), threading.Lock()
        self._wake = threading.Event()
        self._process = 0
        self._retry_at = 0.0

    def add(self, events: list[Buffered], *, at_once: bool) -> int:
        """Take events; returns how many there was room for.

        :param at_once: hand them over before this returns.
        """
        with self._lock:
            room = BUFFER_MAX - self.waiting
            taken = events[: max(room, 0)]
            self._events += taken
            waiting = len(self._events)
        if len(taken) < len(events):
            EVENTS.labels("lost").inc(len(events) - len(taken))
        if at_once or waiting >= RUN_MAX or not settings.ANALYTICS_BUFFER_MS:
            self.flush()
        else:
            self._begin()
            self._wake.set()
        return len(taken)

    def flush(self, *, is_last: bool = False) -> None:
        """Hand over what is there: to the stream, or to the table while Redis is away. What neither takes stays."""
        if time.monotonic() < self._retry_at and not is_last:
            return
        with self._flushing:
            while True:
                with self._lock:
                    if self._events:
                        run, self._events = self._events[:RUN_MAX], self._events[RUN_MAX:]
                        self._open.append((uuid.uuid4().hex, run))
                    if not self._open:
                        return
                    name, run = self._open[0]
                try:
                    self._hand_over(name, run)
                except DatabaseError as error:
                    self._retry_at = time.monotonic() + RETRY_S
                    logger.warning("analytics_waiting", events=len(run), error=type(error).__name__)
                    return
                with self._lock:
                    self._open.pop(0)

    @staticmethod
    def _hand_over(name: str, run: list[Buffered]) -> None:
        rows = [one.row for one in run]
        verdicts = bytes([48 + one.verdict for one in run])
        try:
            final = stream.add(name, pack_rows(rows), run, verdicts, now_s=int(time.time()))
        except StreamAway:
            record_runs([Run(name, rows, verdicts)], at=now())
            EVENTS.labels("table").inc(len(run))
        else:
            dropped = final.count(DROPPED)
            EVENTS.labels("stream").inc(len(run) - dropped)
            if dropped:
                EVENTS.labels("dropped").inc(dropped)

    def _begin(self) -> None:
        """The thread that hands over, one in each process; a forked one has none yet."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process, self._wake = os.getpid(), threading.Event()
                threading.Thread(target=self._work, name="analytics-buffer", daemon=True).start()
                # A worker that was forked leaves past `atexit`, and has forgotten what was registered before.
                Finalize(None, _hand_over_at_exit, exitpriority=10)

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            # The window in which a killed process loses events.
            time.sleep(settings.ANALYTICS_BUFFER_MS / 1000)  # events of that time leave together
            while self._is_waiting():
                try:
                    self.flush()
                except Exception:  # whatever it is, the events stay and the thread lives: nobody would start another
                    logger.exception("analytics_flush_failed")
                    self._retry_at = time.monotonic() + RETRY_S
                finally:
                    # A thread outside requests has nobody who gives its connection back.
                    connections.close_all()
                if not self._is_waiting():
                    break
                time.sleep(RETRY_S)  # neither server took them

    def _is_waiting(self) -> bool:
        return bool(self._events or self._open)

    @property
    def waiting(self) -> int:
        """How many events are in here."""
        return len(self._events) + sum(len(run) for _name, run in self._open)

    def clear(self) -> None:
        """Forget everything (tests)."""
        self._events, self._open, self._retry_at = [], [], 0.0


buffer = Buffer()


def _hand_over_at_exit() -> None:
    # Whatever is wrong now, nobody is left who could mend it.
    with contextlib.suppress(Exception):
        buffer.flush(is_last=True)


# For processes that never had to wait.
Finalize(None, _hand_over_at_exit, exitpriority=10)
