"""The Redis stream of runs, and the rule for repeats and floods that all processes share. One script call a run.

What the stream holds is bounded in bytes: beyond, new runs are refused and none that is in it is trimmed. Redis must
write to disk and never evict (`checks.check_stream_server`).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from apps.analytics import constants as c
from apps.analytics.exceptions import StreamAway

logger = structlog.get_logger(__name__)

GROUP = "drainers"
TIMEOUT_S = 0.5
# Nobody asks for so long after a failure.
AWAY_S = 2.0

# What the rule asks about an event: visitor, listing, type, channel and, for a late one, its half hour; the listing and the group of its
# type, behind the hash of the address; the sender's own id. Zeros where there is none, so that all have one length.
WHO, PLACE, ADDRESS_BYTES, ID_BYTES = struct.Struct(">qqBBI"), struct.Struct(">qB"), 8, 8
NOBODY, NO_ID = bytes(WHO.size), bytes(ID_BYTES)

# KEYS: stream, bytes held, repeats of this half hour and the last, counts of addresses and of listings in this hour, ids now and before.
# ARGV: bound of bytes, name, rows, asked, verdicts, bound of members, hourly bounds: address, groups 1 to 3, kept.
# Verdicts are letters' numbers: 48 counts, 50 repeats, 51 is too much, 120 is not kept. Bounds of groups are looked at beyond the lowest.
_ADD: Final = f"""
local size, count = #ARGV[3] + #ARGV[5], #ARGV[5]
if tonumber(redis.call('GET', KEYS[2]) or '0') + size > tonumber(ARGV[1]) then return 'full' end
local most, own, kept, left = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[11]), 0
local bounds = {{tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])}}
local least = math.min(unpack(bounds))
local people, pairs_, listings, ids = unpack(cmsgpack.unpack(ARGV[4]))
local nobody, no_id = string.rep('\\0', {WHO.size}), string.rep('\\0', {ID_BYTES})
local verdicts = {{string.byte(ARGV[5], 1, count)}}
local now, before = redis.call('SMISMEMBER', KEYS[3], unpack(people)), redis.call('SMISMEMBER', KEYS[4], unpack(people))
local addresses, totals = redis.call('HMGET', KEYS[5], unpack(pairs_)), redis.call('HMGET', KEYS[6], unpack(listings))
local people_room, pairs_room = most - redis.call('SCARD', KEYS[3]), most - redis.call('HLEN', KEYS[5])
local ids_room = most - redis.call('SCARD', KEYS[7])
local met, met_n, from, of = {{}}, {{}}, {{}}, {{}}
for i = 1, count do
  local verdict, person, pair, listing, id = verdicts[i], people[i], pairs_[i], listings[i], ids[i]
  if id and id ~= no_id then
    for k = 7, #KEYS do if redis.call('SISMEMBER', KEYS[k], id) == 1 then verdict = 120 break end end
    if verdict ~= 120 and ids_room > 0 then redis.call('SADD', KEYS[7], id) ids_room = ids_room - 1 end
  end
  if verdict == 48 and person ~= nobody then
    if now[i] == 1 or before[i] == 1 or met[person] then verdict = 50
    elseif people_room > 0 then met[person] = true met_n[#met_n + 1] = person people_room = people_room - 1 end
  end
  if verdict == 48 then
    local seen = from[pair] or tonumber(addresses[i] or '0')
    if seen > 0 or pairs_room > 0 then
      if seen == 0 then pairs_room = pairs_room - 1 end
      from[pair] = seen + 1
      if seen >= own then verdict = 51 end
    end
  end
  if verdict ~= 120 then
    local total = (of[listing] or tonumber(totals[i] or '0')) + 1
    of[listing] = total
    if total > kept then verdict = 120
    elseif verdict == 48 and total > least and total > bounds[string.byte(listing, {PLACE.size})] then verdict = 51 end
  end
  if verdict ~= 120 then left = left + 1 end
  verdicts[i] = verdict
end
if #met_n > 0 then redis.call('SADD', KEYS[3], unpack(met_n)) end
for place, counts in ipairs({{from, of}}) do
  local flat, n, said = {{}}, 0, {{}}
  for name, number in pairs(counts) do
    said[number] = said[number] or tostring(number)
    flat[n + 1], flat[n + 2], n = name, said[number], n + 2
  end
  if n > 0 then redis.call('HSET', KEYS[4 + place], unpack(flat)) end
end
local ends = {{{c.REPEAT_S * 2}, {c.REPEAT_S * 2}, 3600, 3600, {c.ID_WINDOW_S * c.ID_WINDOWS}}}
for k = 3, 7 do redis.call('EXPIRE', KEYS[k], ends[k - 2]) end
local final = string.char(unpack(verdicts))
if left > 0 then
  redis.call('XADD', KEYS[1], '*', 'n', ARGV[2], 'r', ARGV[3], 'v', final)
  redis.call('INCRBY', KEYS[2], size)
end
return final
"""
# KEYS: stream, bytes held. ARGV: bound of bytes, name, calls.
_ADD_CALLS: Final = """
if tonumber(redis.call('GET', KEYS[2]) or '0') + #ARGV[3] > tonumber(ARGV[1]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'n', ARGV[2], 'c', ARGV[3])
redis.call('INCRBY', KEYS[2], #ARGV[3])
return 1
"""
# Acknowledges and deletes entries, each once: KEYS: stream, bytes held. ARGV: group, then ids and their bytes by turns.
_DONE: Final = """
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then redis.call('DECRBY', KEYS[2], ARGV[i + 1]) end
end
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('SET', KEYS[2], 0) end
return 1
"""
# Forgets consumers that hold nothing and have not asked for long; in one step, because what one takes in between would go with him.
# KEYS: stream. ARGV: group, milliseconds.
_FORGET: Final = """
local gone = 0
for _, told in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local one = {}
  for i = 1, #told, 2 do one[told[i]] = told[i + 1] end
  if one.pending == 0 and one.idle >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], one.name)
    gone = gone + 1
  end
end
return gone
"""


class Asked(msgspec.Struct, gc=False):
    """What the rule asks about an event: `who` (`WHO`, or `NOBODY`), `pair` (an address of `ADDRESS_BYTES` and `PLACE`), `event_id`."""

    who: bytes
    pair: bytes
    event_id: bytes


class Entry:
    """One entry of the stream."""

    __slots__ = ("calls", "id", "name", "rows", "verdicts")

    def __init__(self, entry_id: bytes, fields: dict[bytes, bytes]) -> None:
        self.id = entry_id
        self.name = fields.get(b"n", b"").decode("ascii", "replace")
        self.rows, self.verdicts, self.calls = fields.get(b"r", b""), fields.get(b"v", b""), fields.get(b"c", b"")

    @property
    def size(self) -> int:
        """What it counts for the bound of bytes."""
        return len(self.rows) + len(self.verdicts) + len(self.calls)


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """Entries that wait, their bytes, and the age of the oldest in seconds."""

    length: int
    held_bytes: int
    lag_s: float


class Stream:
    """The connection, with a memory of a Redis that is away."""

    def __init__(self) -> None:
        self._client: redis.Redis | None = None
        self._away_until = 0.0
        self._is_up = True
        self._url = ""

    def client(self) -> redis.Redis:
        """The connection. :raises StreamAway: it failed a moment ago."""
        if time.monotonic() < self._away_until:
            raise StreamAway
        if self._client is None or self._url != settings.REDIS_URL:
            self._url, self._away_until = settings.REDIS_URL, 0.0
            self._client = redis.Redis.from_url(
                self._url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
            )
            scripts = (self._client.register_script(text) for text in (_ADD, _ADD_CALLS, _DONE, _FORGET))
            self._add, self._add_calls, self._done, self._forget = scripts
        return self._client

    def failed(self, error: Exception) -> StreamAway:
        """Remember that Redis is away."""
        if self._is_up:
            logger.warning("analytics_stream_away", error=f"{type(error).__name__}: {error}"[:200])
        self._is_up, self._away_until = False, time.monotonic() + AWAY_S
        return StreamAway()

    def _worked(self) -> None:
        if not self._is_up:
            self._is_up = True
            logger.info("analytics_stream_back")

    def add(self, name: str, rows: bytes, asked: Sequence[Asked], verdicts: bytes, *, now_s: int) -> bytes:
        """Put a run into the stream and say what the rule makes of each event.

        :param verdicts: what the process made of each event that is asked about.
        :raises StreamAway: nobody knows whether it is in the stream: hand it over again under the same name.
        """
        self.client()
        arguments: list[bytes | str | int] = [
            int(settings.ANALYTICS_STREAM_BYTES_MAX), name, rows, _lists(asked), verdicts, c.REMEMBERED_MAX, c.ADDRESS_HOURLY,
            *(c.LISTING_HOURLY[group] for group in (c.VISIT, c.ACTION, c.SHOWN)), c.LISTING_KEPT_HOURLY,
        ]  # fmt: skip
        try:
            answer: bytes = self._add(keys=_gate_keys(now_s), args=arguments)
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        self._worked()
        if answer == b"full":
            raise StreamAway
        return answer

    def add_calls(self, name: str, calls: bytes) -> None:
        """Put counts of API calls into the stream. :raises StreamAway: as `add`."""
        self.client()
        try:
            is_in = self._add_calls(keys=[_named("stream"), _named("bytes")], args=[settings.ANALYTICS_STREAM_BYTES_MAX, name, calls])
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        if not is_in:
            raise StreamAway

    def take(self, consumer: str, *, count: int, idle_ms: int) -> list[Entry]:
        """At most so many entries: first those of consumers that let them lie, then new ones.

        :raises StreamAway: Redis does not answer.
        """
        client = self.client()
        name = _named("stream")
        try:
            try:
                found = self._read(client, name, consumer, count=count, idle_ms=idle_ms)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                self._make_group(client, name)
                found = self._read(client, name, consumer, count=count, idle_ms=idle_ms)
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        self._worked()
        return found

    def _read(self, client: redis.Redis, name: str, consumer: str, *, count: int, idle_ms: int) -> list[Entry]:
        claimed: Any = client.xautoclaim(name, GROUP, consumer, min_idle_time=idle_ms, count=count)
        # An entry that somebody deleted by hand while it was held comes without fields.
        entries = [Entry(entry_id, fields) for entry_id, fields in claimed[1] if fields]
        if len(entries) < count:
            answer: Any = client.xreadgroup(GROUP, consumer, {name: ">"}, count=count - len(entries))
            entries += [Entry(entry_id, fields) for _stream, found in answer for entry_id, fields in found]
        return entries

    @staticmethod
    def _make_group(client: redis.Redis, name: str) -> None:
        try:
            client.xgroup_create(name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    def done(self, entries: Sequence[Entry]) -> None:
        """Acknowledge and delete what is in the table. :raises StreamAway: they will be read again, which adds nothing."""
        self.client()
        arguments: list[Any] = [GROUP]
        for entry in entries:
            arguments += [entry.id, entry.size]
        try:
            self._done(keys=[_named("stream"), _named("bytes")], args=arguments)
        except (RedisError, OSError) as error:
            raise self.failed(error) from error

    def put_away(self, entry: Entry) -> None:
        """Keep an entry that cannot be written where somebody can look at it; the last thousand. :raises StreamAway: as `done`."""
        fields: dict[Any, Any] = {"n": entry.name, "r": entry.rows, "v": entry.verdicts, "c": entry.calls}
        try:
            self.client().xadd(_named("refused"), fields, maxlen=1000)
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        self.done([entry])

    def forget_consumers(self, *, idle_s: float) -> int:
        """Forget the names of drainers that are gone; returns how many. What one of them still holds keeps him until another has taken it.

        :raises StreamAway: Redis does not answer.
        """
        self.client()
        try:
            return int(self._forget(keys=[_named("stream")], args=[GROUP, int(idle_s * 1000)]))
        except ResponseError as error:
            # Nobody has drained yet.
            if "no such key" in str(error) or "NOGROUP" in str(error):
                return 0
            raise self.failed(error) from error
        except (RedisError, OSError) as error:
            raise self.failed(error) from error

    @property
    def name(self) -> str:
        """Of the stream in Redis."""
        return _named("stream")

    def status(self) -> StreamStatus:
        """How much there is. :raises StreamAway: Redis does not answer."""
        client = self.client()
        try:
            length, held = client.xlen(self.name), client.get(_named("bytes"))
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        return StreamStatus(int(length), int(held or 0), self.lag_s())

    def lag_s(self) -> float:
        """Age in seconds of the oldest run that is not in the table yet; 0 when none waits. :raises StreamAway: Redis does not answer."""
        try:
            rows: Any = self.client().xrange(self.name, count=1)
        except (RedisError, OSError) as error:
            raise self.failed(error) from error
        self._worked()
        return max(time.time() - int(bytes(rows[0][0]).split(b"-")[0]) / 1000, 0.0) if rows else 0.0

    def reset(self) -> None:
        """Forget that Redis was away (tests)."""
        self._away_until, self._is_up = 0.0, True

    def forget(self) -> None:
        """Delete everything (tests)."""
        client = self.client()
        names = list(client.scan_iter(f"{_named('')}*", count=1000))
        if names:
            client.unlink(*names)


def _lists(asked: Sequence[Asked]) -> bytes:
    """The four lists of what is asked, in MessagePack: its texts, because the script's reader knows no bytes."""
    pairs = [one.pair for one in asked]
    ids = [one.event_id for one in asked]
    parts = [one.who for one in asked], pairs, [pair[ADDRESS_BYTES:] for pair in pairs], ids if ids.count(NO_ID) < len(ids) else []
    return b"\x94" + b"".join([_list(part) for part in parts])


def _list(texts: Sequence[bytes]) -> bytes:
    """Texts of one length below 32, or none."""
    if not texts:
        return b"\x90"
    begins = bytes([0xA0 + len(texts[0])])
    return b"\xdc" + len(texts).to_bytes(2, "big") + begins + begins.join(texts)


def _gate_keys(now_s: int) -> list[str]:
    half, hour, ids = now_s // c.REPEAT_S, now_s // 3600, now_s // c.ID_WINDOW_S
    return [
        _named("stream"), _named("bytes"), _named(f"repeats:{half}"), _named(f"repeats:{half - 1}"), _named(f"addresses:{hour}"),
        _named(f"listings:{hour}"), *(_named(f"ids:{ids - back}") for back in range(c.ID_WINDOWS)),
    ]  # fmt: skip


def _named(name: str) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:analytics:{name}"


stream = Stream()
