"""Redis as Django's cache, that goes on from this process's memory while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

AWAY_S = 5.0


class FallbackRedisCache(RedisCache):
    """For `AWAY_S` seconds after a failed call nobody waits for Redis: every call goes to a local cache.

    Values of the local cache are this process's own; what needs the truth of all processes asks PostgreSQL.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._local = LocMemCache(f"fallback-{server}", {"TIMEOUT": 60, "OPTIONS": {"MAX_ENTRIES": 2000}})
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """Whether calls currently go to the local cache."""
        return time.monotonic() < self._away_until

    def _call(self, remote: Callable[..., Any], local: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if not self.is_away:
            try:
                return remote(*arguments, **options)
            except (ConnectionInterrupted, RedisError, OSError) as error:
                logger.warning("cache_away", error=f"{type(error).__name__}: {error}"[:200], seconds=AWAY_S)
                self._away_until = time.monotonic() + AWAY_S
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

    def has_key(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().has_key, self._local.has_key, *arguments, **options)

    def touch(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().touch, self._local.touch, *arguments, **options)

    def clear(self, *arguments: Any, **options: Any) -> Any:
        """As Django's cache."""
        return self._call(super().clear, self._local.clear, *arguments, **options)
