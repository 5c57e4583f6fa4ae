"""The operator's time, which may run faster than ours and be moved on, and what it does later."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970 on the operator's wall.

    With a scale of 100, a hundred of its seconds pass in one of ours. What a client measures itself is not scaled: tokens
    live in our seconds (plus what `advance` added), and so do stalls of the network.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self._started, self._origin = time.time(), time.monotonic()
        self._advanced_s = 0.0

    def now(self) -> float:
        """The operator's time."""
        return self._started + (time.monotonic() - self._origin) * self.scale + self._advanced_s

    def unscaled(self) -> float:
        """Time as clients count it, moved on by `advance` alone."""
        return self._started + (time.monotonic() - self._origin) + self._advanced_s

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._advanced_s += seconds

    def reset(self) -> None:
        """Forget what was added."""
        self._advanced_s = 0.0

    def ours(self, seconds: float) -> float:
        """How many of our seconds that many of the operator's last."""
        return seconds / self.scale


class Scheduler:
    """Runs what is due, in one thread: functions must be short and may not raise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is not due yet never happens."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Do it at that time of the operator's clock."""
        with self._changed:
            heapq.heappush(self._due, (when, next(self._numbers), do))
            self._changed.notify()

    def wake(self) -> None:
        """The clock was moved."""
        with self._changed:
            self._changed.notify()

    def clear(self) -> None:
        """Nothing planned remains."""
        with self._changed:
            self._due.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                wait_s = self._clock.ours(self._due[0][0] - self._clock.now()) if self._due else None
                if wait_s is None or wait_s > 0:
                    self._changed.wait(wait_s)
                    continue
                _when, _number, do = heapq.heappop(self._due)
            do()
