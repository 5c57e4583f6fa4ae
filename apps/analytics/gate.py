"""The rule for repeats and floods as one process can apply it: what it knows by itself before the shared rule is asked, and all there is
while Redis is away. Memory is bounded."""

from __future__ import annotations

from threading import Lock

from apps.accounts.limits.local import LocalBuckets
from apps.analytics import constants as c
from apps.analytics.choices import Verdict

SEEN_MAX, COUNTED_MAX = 50_000, 50_000
_COUNTED, _REPEAT, _FLOOD = int(Verdict.COUNTED), int(Verdict.REPEAT), int(Verdict.FLOOD)


class Gate:
    """Memory of what this process let through."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[tuple[int, ...], int] = {}
        self._counts: dict[tuple[object, ...], int] = {}
        self._taken: dict[int, int] = {}
        self._hour = self._minute = 0
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

    def judge(self, who: tuple[int, ...] | None, address: bytes, number: int, group: int, *, now_s: int) -> int:
        """What this process makes of an event that no robot sent, as a `Verdict`.

        :param who: visitor, listing, type, channel and half hour of what was told late; None when nobody may tell him apart.
        """
        half, hour = now_s // c.REPEAT_S, now_s // 3600
        with self._lock:
            if who is not None:
                last = self._seen.get(who)
                if last is not None and half - last <= 1:
                    return _REPEAT
                # Stored anew, it is the youngest.
                self._seen.pop(who, None)
                self._seen[who] = half
                if len(self._seen) > SEEN_MAX:
                    del self._seen[next(iter(self._seen))]
            if hour != self._hour:
                self._hour, self._counts = hour, {}
            counts, pair, listing = self._counts, (address, number, group), (number, group)
            seen = counts.get(pair, 0)
            if seen or len(counts) < COUNTED_MAX:
                counts[pair] = seen + 1
                if seen >= c.ADDRESS_HOURLY:
                    return _FLOOD
            seen = counts.get(listing, 0)
            if seen or len(counts) < 2 * COUNTED_MAX:
                counts[listing] = seen + 1
                if seen >= c.LISTING_HOURLY[group]:
                    return _FLOOD
        return _COUNTED

    def clear(self) -> None:
        """Forget everything (tests)."""
        self.__init__()  # type: ignore[misc]  # as new


gate = Gate()
