"""Values kept in this process for a few seconds: what a request may read without asking anybody."""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_caches: weakref.WeakSet[ProcessCache[object]] = weakref.WeakSet()


class ProcessCache(Generic[T]):
    """At most `maxsize` values, the least recently stored leaving first, each for `ttl_s` seconds.

    Other processes do not learn of `clear`: choose `ttl_s` as the staleness that may be seen.

    :param ttl_s: a function, so that a setting can be changed by tests.
    """

    def __init__(self, *, maxsize: int, ttl_s: Callable[[], float]) -> None:
        self._maxsize, self._ttl_s = maxsize, ttl_s
        self._values: OrderedDict[object, tuple[float, T]] = OrderedDict()
        self._lock = Lock()
        _caches.add(self)  # type: ignore[arg-type]  # the set only clears

    def get(self, key: object) -> T | None:
        """The value, or None when there is none or it is too old."""
        found = self._values.get(key)
        if found is None or time.monotonic() - found[0] >= self._ttl_s():
            return None
        return found[1]

    def age_s(self, key: object) -> float:
        """Seconds since the value was stored; infinite when there is none."""
        found = self._values.get(key)
        return float("inf") if found is None else time.monotonic() - found[0]

    def set(self, key: object, value: T) -> T:
        """Store and return the value."""
        if self._ttl_s() <= 0:
            return value
        with self._lock:
            self._values.pop(key, None)
            self._values[key] = (time.monotonic(), value)
            while len(self._values) > self._maxsize:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()


def clear_process_caches() -> None:
    """Forget what every cache of this process holds (tests, and services that change reference data)."""
    for cache in list(_caches):
        cache.clear()
