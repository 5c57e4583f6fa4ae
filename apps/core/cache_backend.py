"""Redis as Django's cache, that goes on from this process's memory while Redis is away."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

AWAY_S = 5.0


class _Server:
    """What this process knows of one Redis, for all its threads."""

    def __init__(self) -> None:
        self.away_until = 0.0
        self.is_up = True


class FallbackRedisCache(RedisCache):
    """For `AWAY_S` seconds after a failed call nobody waits for Redis: every call goes to a local cache.

    Values of the local cache are this process's own and live no longer than those seconds, so that an edit made
    elsewhere is seen soon; what needs the truth of all processes asks PostgreSQL.
    """

    _servers: ClassVar[defaultdict[str, _Server]] = defaultdict(_Server)

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._local = LocMemCache(f"fallback-{server}", {"TIMEOUT": AWAY_S, "OPTIONS": {"MAX_ENTRIES": 2000}})
        self._state = self._servers[str(server)]

    @property
    def is_away(self) -> bool:
        """Whether calls currently go to the local cache."""
        return time.monotonic() < self._state.away_until

    def _call(self, remote: Callable[..., Any], local: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        state = self._state
        if not self.is_away:
            try:
                answer = remote(*arguments, **options)
            except (ConnectionInterrupted, RedisError, OSError) as error:
                if state.is_up:
                    logger.warning("cache_away", error=f"{type(error).__name__}: {error}"[:200])
                # What the local cache still has from an earlier time may have been changed since.
                self._local.clear()
                state.is_up, state.away_until = False, time.monotonic() + AWAY_S
            else:
                if not state.is_up:
                    state.is_up = True
                    logger.info("cache_back")
                return answer
        return local(*arguments, **options)

    def get(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().get, self._local.get, *arguments, **options)

    def set(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().set, self._local.set, *arguments, **options)

    def add(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().add, self._local.add, *arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().delete, self._local.delete, *arguments, **options)

    def get_many(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().get_many, self._local.get_many, *arguments, **options)

    def set_many(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().set_many, self._local.set_many, *arguments, **options)

    def delete_many(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().delete_many, self._local.delete_many, *arguments, **options)

    def incr(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().incr, self._local.incr, *arguments, **options)

    def decr(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().decr, self._local.decr, *arguments, **options)

    def has_key(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().has_key, self._local.has_key, *arguments, **options)

    def touch(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().touch, self._local.touch, *arguments, **options)

    def clear(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().clear, self._local.clear, *arguments, **options)
