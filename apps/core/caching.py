"""Values that are dear to compute, kept until a stamp moves.

A stamp is a counter in the cache that names a version of some data. Its value is part of the key, so that one
`bump` after an edit makes every older value unreachable; nothing is searched for and deleted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import transaction

from apps.core import events
from apps.core.background import BrokerAway

T = TypeVar("T")

LOCK_S = 10
WAIT_S = 2.0
_POLL_S = 0.02
_STAMP_TTL_S = 7 * 86400
_MISSING: Any = object()

# Payload: stamps, names given to `bump` while Redis was away.
stamps_left_behind = events.Event("core.stamps_left_behind")
STAMPS = "stamps"


def _stamp_key(stamp: str) -> str:
    return f"stamp:{stamp}"


def _versioned(key: str, stamps: Sequence[str]) -> str:
    if not stamps:
        return key
    keys = [_stamp_key(stamp) for stamp in stamps]
    found = cache.get_many(keys)
    for missing in [name for name in keys if name not in found]:
        # A lost stamp starts at a value that was never used, not at zero: an old value must not come back.
        cache.add(missing, uuid.uuid4().hex[:12], _STAMP_TTL_S)
        found[missing] = cache.get(missing)
    return f"{key}:{':'.join(str(found[name]) for name in keys)}"


def stamp_of(stamp: str) -> str:
    """The value that a stamp has now, for who keeps something in its own process until the stamp moves."""
    return _versioned("", [stamp])


def cached(key: str, ttl_s: int, build: Callable[[], T], *, stamps: Sequence[str] = ()) -> T:
    """The value of `key`, built by one caller when it is missing while the others wait for it, briefly.

    :param ttl_s: seconds it is kept at most.
    :param stamps: names given to `bump` by whoever changes what `build` reads.
    """
    name = _versioned(key, stamps)
    value: T = cache.get(name, _MISSING)
    if value is not _MISSING:
        return value
    token = uuid.uuid4().hex
    lock = f"lock:{name}"
    deadline = time.monotonic() + WAIT_S
    while not cache.add(lock, token, LOCK_S):
        if time.monotonic() > deadline:
            return build()
        time.sleep(_POLL_S)
        value = cache.get(name, _MISSING)
        if value is not _MISSING:
            return value
    try:
        value = cache.get(name, _MISSING)
        if value is _MISSING:
            value = build()
            cache.set(name, value, ttl_s)
        return value
    finally:
        if cache.get(lock) == token:
            cache.delete(lock)


def bump(*stamps: str) -> None:
    """Move stamps once the current transaction is committed (at once outside one).

    With Redis away the move is written down in the outbox, which repeats it when Redis is back: a value of before
    the outage must not come back for the rest of its hours.
    """
    transaction.on_commit(lambda: _move_or_remember(stamps), robust=True)


def _move_or_remember(stamps: Sequence[str]) -> None:
    if not _move(stamps):
        with transaction.atomic():
            events.publish(stamps_left_behind, key=STAMPS, stamps=list(stamps))


def _move(stamps: Sequence[str]) -> bool:
    cache.set_many({_stamp_key(stamp): uuid.uuid4().hex[:12] for stamp in stamps}, _STAMP_TTL_S)
    return not getattr(cache, "is_away", False)


@events.receiver(stamps_left_behind, uid="core.move_stamps")
def move_stamps(*, stamps: list[str], **_: object) -> None:
    """Move what `bump` could not; quick enough to need no task.

    :raises BrokerAway: Redis is still away.
    """
    if not _move(stamps):
        raise BrokerAway("the cache is away")
