"""Values kept in this process for a few seconds: what a request may read without asking anybody."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")

_caches: weakref.WeakSet[ProcessCache[object]] = weakref.WeakSet()


class ProcessCache(Generic[T]):
    """At most `maxsize` values, the least recently stored leaving first, each for `ttl_s` seconds.

    Other processes do not learn of `clear`: choose `ttl_s` as the staleness that may be seen.

    :param ttl_s: a function, so that a setting can be changed by tests; what is stored keeps the seconds of when it was.
    """

    def __init__(self, *, maxsize: int, ttl_s: Callable[[], float]) -> None:
        self._maxsize, self._ttl_s = maxsize, ttl_s
        self._values: OrderedDict[object, tuple[float, float, T]] = OrderedDict()
        self._lock = Lock()
        _caches.add(self)  # type: ignore[arg-type]  # the set only clears

    def get(self, key: object) -> T | None:
        """The value, or None when there is none or it is too old."""
        found = self._values.get(key)
        return None if found is None or monotonic() >= found[0] else found[2]

    def get_many(self, keys: Iterable[K]) -> dict[K, T]:
        """The values that there are and that are not too old, by key."""
        now, get, values = monotonic(), self._values.get, {}
        for key in keys:
            found = get(key)
            if found is not None and now < found[0]:
                values[key] = found[2]
        return values

    def age_s(self, key: object) -> float:
        """Seconds since the value was stored; infinite when there is none."""
        found = self._values.get(key)
        return float("inf") if found is None else monotonic() - found[1]

    def set(self, key: object, value: T) -> T:
        """Store and return the value."""
        now, ttl_s = monotonic(), self._ttl_s()
        if ttl_s <= 0:
            return value
        with self._lock:
            self._values.pop(key, None)
            self._values[key] = (now + ttl_s, now, value)
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
