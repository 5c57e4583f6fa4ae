"""Counts of a day on their way to the database, in Redis: each one call of a script, so that no search waits for more.

Losing them loses figures and nothing else, so that no failure here is anybody's error. Everything is bounded, and gone after two days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from apps.core import day_salts

logger = structlog.get_logger(__name__)

# 23 MB of Redis a day at most for these two, measured. What comes beyond is not counted.
PAIRS_MAX, TEXTS_MAX = 200_000, 20_000
# Words together with an entry they showed, or with a place where they found nothing: 28 MB more when full.
DETAILS_MAX = 200_000
LIVE_S = 2 * 86_400
# A pair that was counted before is not counted again; a text beyond the bound counts in the totals alone, and has no details either.
# Behind the fixed arguments come three lists, each with its length first: totals, amounts of the text, details of the text.
_COUNT = """
if ARGV[2] ~= '' then
  if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
  if redis.call('SADD', KEYS[1], ARGV[2]) == 0 then return 0 end
end
local at = 6
local function take() at = at + 1 return ARGV[at] end
for i = 1, tonumber(take()) do redis.call('HINCRBY', KEYS[2], take(), 1) end
local text = ARGV[6]
if text ~= '' and redis.call('SISMEMBER', KEYS[3], text) == 0 then
  if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[4]) then text = '' else redis.call('SADD', KEYS[3], text) end
end
if text ~= '' then
  for i = 1, tonumber(take()) do local name = take() redis.call('HINCRBY', KEYS[4], text .. '|' .. name, take()) end
  local room = tonumber(ARGV[5]) - redis.call('HLEN', KEYS[5])
  for i = 1, tonumber(take()) do
    local name, amount = text .. '|' .. take(), take()
    if room > 0 or redis.call('HEXISTS', KEYS[5], name) == 1 then room = room - 1 redis.call('HINCRBY', KEYS[5], name, amount) end
  end
end
for i = 1, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[1]) end
return 1
"""
_PURPOSE = "search-demand"
_PARTS = ("pairs", "totals", "texts", "counts", "details")


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted on a day: totals by their name, and the counts and details of each text by theirs."""

    totals: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def count(
    day: dt.date,
    *,
    pair: bytes,
    totals: Sequence[str],
    text: str = "",
    amounts: Mapping[str, int] | None = None,
    details: Mapping[str, int] | None = None,
) -> bool:
    """Count once; False when this pair was counted before, or nothing could be counted.

    :param pair: what makes two events the same, b"" when nobody may tell. :param totals: names to add 1 to.
    :param text: "" for none; else `amounts` are added to its counts, and `details` to those of its details for which there is room.
    """
    arguments: list[str | bytes | int] = [LIVE_S, pair, PAIRS_MAX, TEXTS_MAX, DETAILS_MAX, text, len(totals), *totals]
    for pairs in (amounts or {}, details or {}):
        arguments.append(len(pairs))
        for name, amount in pairs.items():
            arguments += [name, amount]
    client = _client()
    if client is None:
        return False
    try:
        return bool(client.eval(_COUNT, len(_PARTS), *_names(day), *arguments))
    except (RedisError, ConnectionInterrupted, OSError) as error:
        _lost(error)
        return False


def salt_of(day: dt.date, *, at: dt.datetime) -> bytes | None:
    """The secret of a day, which ends with it; None when it cannot be had."""
    known = day_salts.known_salt(_PURPOSE, day)
    client = None if known else _client()
    if known or client is None:
        return known
    try:
        return day_salts.salt_of(client, _PURPOSE, day, at=at)
    except (RedisError, ConnectionInterrupted, OSError) as error:
        _lost(error)
        return None


def read(day: dt.date) -> Tally:
    """What was counted on a day. :raises redis.RedisError: Redis does not answer."""
    client = get_redis_connection("default")
    totals = {bytes(name).decode(): int(number) for name, number in client.hgetall(_name(day, "totals")).items()}
    return Tally(totals, _by_text(client, _name(day, "counts")), _by_text(client, _name(day, "details")))


def _by_text(client: redis.Redis, name: str) -> dict[str, dict[str, int]]:
    """A hash whose fields are `language|text|…`, in two steps."""
    found: dict[str, dict[str, int]] = {}
    for one, number in client.hscan_iter(name, count=1000):
        language, text, rest = bytes(one).decode().split("|", 2)
        found.setdefault(f"{language}|{text}", {})[rest] = int(number)
    return found


def forget(day: dt.date) -> None:
    """Remove what a day has left behind. :raises redis.RedisError: Redis does not answer."""
    client = get_redis_connection("default")
    client.delete(*_names(day))
    day_salts.forget_salt(client, _PURPOSE, day)


def _client() -> redis.Redis | None:
    """The cache's connection, which waits 0.3 s at most; None while it is known to be away."""
    return None if getattr(cache, "is_away", False) else get_redis_connection("default")


def _lost(error: Exception) -> None:
    logger.warning("search_count_lost", error=f"{type(error).__name__}: {error}"[:200])


def _names(day: dt.date) -> list[str]:
    return [_name(day, part) for part in _PARTS]


def _name(day: dt.date, part: str) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:{_PURPOSE}:{day}:{part}"
