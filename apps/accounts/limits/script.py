"""The one place that counts: a script inside Redis, whose clock it goes by."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = structlog.get_logger(__name__)

TIMEOUT_S = 0.2
# Nobody asks for so long after a failure.
AWAY_S = 2.0

ALLOWED, BURST, SUSTAINED, MONTHLY, COLD = 0, 1, 2, 3, -1

# GCRA (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) in microseconds for burst and hourly rate, one number
# for the moment at which the allowance would be whole again; a counter for the month. Refused calls take nothing.
# A month's counter that is not there answers COLD: the caller writes what PostgreSQL knows, then asks again.
# An allowed call may take a block of further ones with it, from the hourly rate and the month, when more than a spare is left.
_ADMIT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local calls, units, monthly = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local block, spare = tonumber(ARGV[9]), tonumber(ARGV[10])
local used = 0
if monthly >= 0 then
  local known = redis.call('GET', KEYS[3])
  if not known then return {-1, 0, 0, 0, 0, 0, 0, 0} end
  used = tonumber(known)
end
local tats, left, reset, step = {}, {}, {}, {}
for i = 1, 2 do
  local quota, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now)
  if i == 1 then tat = math.max(tat, now + ARGV[11]) end
  step[i] = window / quota
  local after = tat + calls * step[i]
  if after - now > window + 1 then
    if ARGV[8] ~= '' then redis.call('HINCRBY', KEYS[4], ARGV[8] .. 'r', 1) end
    return {i, 0, 0, 0, 0, used, math.ceil(after - now - window), 0}
  end
  tats[i], left[i], reset[i] = after, math.floor((window - (after - now)) / step[i] + 0.000001), math.ceil(after - now)
end
if monthly >= 0 and units > 0 and used + units > monthly then
  if ARGV[8] ~= '' then redis.call('HINCRBY', KEYS[4], ARGV[8] .. 'r', 1) end
  return {3, left[1], reset[1], left[2], reset[2], used, 0, 0}
end
used = used + units
local room = left[2]
if monthly >= 0 then room = math.min(room, monthly - used) end
if room <= spare then block = 0 end
tats[2] = tats[2] + block * step[2]
if calls > 0 then
  for i = 1, 2 do
    redis.call('SET', KEYS[i], string.format('%.0f', tats[i]), 'PX', math.ceil((tats[i] - now) / 1000) + 1)
  end
end
if monthly >= 0 and units + block > 0 then redis.call('INCRBY', KEYS[3], units + block) end
if ARGV[8] ~= '' then
  redis.call('HINCRBY', KEYS[4], ARGV[8] .. 'c', 1)
  if units > 0 then redis.call('HINCRBY', KEYS[4], ARGV[8] .. 'u', units) end
end
return {0, left[1], reset[1], left[2], reset[2], used, 0, block}
"""

# Adds to counters what a process counted by itself. A month that Redis does not know is left alone: it has to be written
# from PostgreSQL first, or it would begin too low. Answers which those are.
_ADD = """
local missing = {}
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('INCRBY', KEYS[i], ARGV[i - 1]) else missing[#missing + 1] = i - 2 end
end
for i = #KEYS, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
return missing
"""
# Gives back calls of an hourly rate that a process leased and did not use.
_RETURN = """
local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local after = tat - ARGV[1] * ARGV[2]
if after <= now then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1) end
return 1
"""


class Verdict(NamedTuple):
    """What the script decided. Resets and waits are microseconds; `used` is the month's units, this call's included.

    `granted` is the block that was taken with the call; what is left and used is said as if it were not.
    """

    outcome: int
    burst_left: int
    burst_reset: int
    sustained_left: int
    sustained_reset: int
    used: int
    wait: int
    granted: int = 0


class RedisAway(Exception):
    """Redis does not answer, or did not a moment ago."""


class Counter:
    """The script and the counters beside it, with a memory of a Redis that is away."""

    def __init__(self) -> None:
        self._client: redis.Redis | None = None
        self._away_until = 0.0
        self._url = ""

    def client(self) -> redis.Redis:
        """The connection. :raises RedisAway: it failed a moment ago."""
        if time.monotonic() < self._away_until:
            raise RedisAway
        if self._client is None or self._url != settings.REDIS_URL:
            self._url = settings.REDIS_URL
            self._client = redis.Redis.from_url(
                self._url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
            )
            self._admit, self._add, self._return = (self._client.register_script(text) for text in (_ADMIT, _ADD, _RETURN))
        return self._client

    def _failed(self, error: Exception) -> RedisAway:
        if not self._away_until:
            logger.warning("limits_away", error=f"{type(error).__name__}: {error}"[:200])
        self._away_until = time.monotonic() + AWAY_S
        return RedisAway()

    def _succeeded(self) -> None:
        if self._away_until:
            self._away_until = 0.0
            logger.info("limits_back")

    def admit(self, keys: list[str], arguments: list[str | int]) -> Verdict:
        """Run the script. :raises RedisAway: see `client`."""
        self.client()
        try:
            answer = self._admit(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise self._failed(error) from error
        self._succeeded()
        return Verdict(*(int(value) for value in answer))

    def add(self, pending: str, fields: Mapping[str, int], months: Mapping[str, int]) -> list[str]:
        """Add to the hash of usage and to months; the months that Redis does not know. :raises RedisAway: see `client`."""
        self.client()
        names = list(months)
        arguments: list[str | int] = [months[name] for name in names]
        for field, number in fields.items():
            arguments += [field, number]
        try:
            return [names[int(place)] for place in self._add(keys=[pending, *names], args=arguments)]
        except (RedisError, OSError) as error:
            raise self._failed(error) from error

    def give_back(self, name: str, *, calls: int, step: float) -> None:
        """Undo calls of an hourly rate; `step` is microseconds a call. :raises RedisAway: see `client`."""
        self.client()
        try:
            self._return(keys=[name], args=[calls, step])
        except (RedisError, OSError) as error:
            raise self._failed(error) from error

    def write_month(self, name: str, units: int, *, ttl_s: int) -> None:
        """Begin a month's counter, unless somebody else just did. :raises RedisAway: see `client`."""
        try:
            self.client().set(name, units, nx=True, ex=ttl_s)
        except (RedisError, OSError) as error:
            raise self._failed(error) from error


counter = Counter()
