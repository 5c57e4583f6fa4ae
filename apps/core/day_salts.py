"""Secrets of a day: what tells visitors apart within it and not beyond."""

from __future__ import annotations

import datetime as dt
import secrets

import redis
from django.conf import settings
from django.utils import timezone

from apps.core.process_cache import ProcessCache

SALT_SIZE = 16
# Shared by all processes, replaced every day; a process asks for it again now and then.
_salts: ProcessCache[bytes] = ProcessCache(maxsize=8, ttl_s=lambda: 60)


def salt_of(client: redis.Redis, purpose: str, day: dt.date, *, at: dt.datetime) -> bytes:
    """The secret of a purpose and day, the same in all processes. Redis forgets it a minute after the day's end.

    :raises redis.RedisError: Redis does not answer. :raises OSError: likewise.
    """
    known = _salts.get((purpose, day))
    if known:
        return known
    name = _name(purpose, day)
    midnight = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    client.set(name, secrets.token_bytes(SALT_SIZE), nx=True, ex=max(int((midnight - at).total_seconds()), 1) + 60)
    found = client.get(name)
    # It ended between the two calls: this one moment has a secret of its own.
    return _salts.set((purpose, day), bytes(found) if found else secrets.token_bytes(SALT_SIZE))  # type: ignore[arg-type]  # answers are bytes


def known_salt(purpose: str, day: dt.date) -> bytes | None:
    """What this process remembers of it, without asking."""
    return _salts.get((purpose, day))


def forget_salt(client: redis.Redis, purpose: str, day: dt.date) -> None:
    """Delete a day's secret at once. :raises redis.RedisError: Redis does not answer."""
    client.delete(_name(purpose, day))


def _name(purpose: str, day: dt.date) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:{purpose}:{day}:salt"
