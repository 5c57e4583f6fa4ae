"""The rule for repeats and floods as one process can apply it: what it knows by itself before the shared rule is asked, and all there is
while Redis is away. Memory is bounded."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from apps.accounts.limits.local import LocalBuckets
from apps.analytics import constants as c
from apps.analytics.choices import Verdict
from apps.analytics.stream import ADDRESS_BYTES, NOBODY, Asked

SEEN_MAX, COUNTED_MAX = 25_000, 50_000
_NOTHING: frozenset[bytes] = frozenset()
_ADDRESS_HOURLY, _LISTING_HOURLY = c.ADDRESS_HOURLY, c.LISTING_HOURLY
_COUNTED, _REPEAT, _FLOOD = int(Verdict.COUNTED), int(Verdict.REPEAT), int(Verdict.FLOOD)


class Gate:
    """Memory of what this process let through, by visitor and by address: the events of a call are of one, whose memory is small."""

    def __init__(self) -> None:
        self._lock = Lock()
        # What was seen in this half hour, and in the one before or before there was too much: all of it goes at once, because a dictionary
        # whose first members went is read through all their places to find the next.
        self._seen: dict[int, set[bytes]] = {}
        self._seen_before: dict[int, set[bytes]] = {}
        # Of an hour: by address, then by listing and group; and of everybody.
        self._counts: dict[bytes, dict[bytes, int]] = {}
        self._listings: dict[bytes, int] = {}
        self._taken: dict[int, int] = {}
        self._seen_n = self._counts_n = self._half = self._hour = self._minute = 0
        self._senders = LocalBuckets()

    def may_send(self, address: bytes, *, events: int) -> bool:
        """Whether this address may send so many events now."""
        return self._senders.take(address.hex(), quota=c.VISITOR_PER_MINUTE, window_s=60, calls=events)[0]

    def may_come(self, number: int, *, now_s: int) -> bool:
        """Whether one more event for this listing is taken in this minute. Listings are real ones, so that there are not too many."""
        if now_s // 60 != self._minute:
            self._minute, self._taken = now_s // 60, {}
        taken = self._taken[number] = self._taken.get(number, 0) + 1
        return taken <= c.LISTING_PER_MINUTE

    def judge(self, visitor: int | None, address: bytes, events: Iterable[Asked], *, now_s: int) -> list[int]:
        """What this process makes of events of one visitor that is no robot, as `Verdict`s.

        :param address: that of their `pair`s.
        """
        verdicts = []
        with self._lock:
            self._forget_the_past(now_s)
            known: set[bytes] = set() if visitor is None else self._seen.setdefault(visitor, set())
            known_before = _NOTHING if visitor is None else self._seen_before.get(visitor, _NOTHING)
            own = self._counts.get(address) or self._counts.setdefault(address, {})
            listings, had, counts_n = self._listings, len(known), self._counts_n
            for event in events:
                who, place, verdict = event.who, event.pair[ADDRESS_BYTES:], _COUNTED
                if who != NOBODY:
                    if who in known or who in known_before:
                        verdicts.append(_REPEAT)
                        continue
                    known.add(who)
                seen = own.get(place, 0)
                if seen or counts_n < COUNTED_MAX:
                    own[place] = seen + 1
                    counts_n += not seen
                    if seen >= _ADDRESS_HOURLY:
                        verdict = _FLOOD
                if verdict == _COUNTED:
                    seen = listings.get(place, 0)
                    if seen or len(listings) < COUNTED_MAX:
                        listings[place] = seen + 1
                        if seen >= _LISTING_HOURLY[place[-1]]:
                            verdict = _FLOOD
                verdicts.append(verdict)
            self._seen_n, self._counts_n = self._seen_n + len(known) - had, counts_n
            if not own:
                del self._counts[address]
        return verdicts

    def _forget_the_past(self, now_s: int) -> None:
        half, hour = now_s // c.REPEAT_S, now_s // 3600
        if half != self._half or self._seen_n >= SEEN_MAX:
            self._seen_before = self._seen if half <= self._half + 1 else {}
            self._seen, self._seen_n, self._half = {}, 0, half
        if hour != self._hour:
            self._hour, self._counts, self._counts_n, self._listings = hour, {}, 0, {}

    def clear(self) -> None:
        """Forget everything (tests)."""
        self.__init__()  # type: ignore[misc]  # as new


gate = Gate()
