"""The rule for repeats and floods as one process can apply it: what it knows by itself before the shared rule is asked, and all there is
while Redis is away. Memory is bounded."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from threading import Lock

from apps.accounts.limits.local import LocalBuckets
from apps.analytics import constants as c
from apps.analytics.choices import Verdict

SEEN_MAX, COUNTED_MAX = 50_000, 50_000


class Gate:
    """Memory of what this process let through."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: OrderedDict[tuple[object, ...], int] = OrderedDict()
        self._counts: Counter[tuple[object, ...]] = Counter()
        self._hour = 0
        self._senders, self._listings = LocalBuckets(), LocalBuckets()

    def may_send(self, address: bytes, *, events: int) -> bool:
        """Whether this address may send so many events now."""
        return self._senders.take(address.hex(), quota=c.VISITOR_PER_MINUTE, window_s=60, calls=events)[0]

    def may_come(self, number: int) -> bool:
        """Whether one more event for this listing is taken now."""
        return self._listings.take(str(number), quota=c.LISTING_PER_MINUTE, window_s=60)[0]

    def judge(self, who: tuple[int, ...] | None, address: bytes, number: int, group: int) -> Verdict:
        """What this process makes of an event that no robot sent.

        :param who: visitor, listing, type, channel and half hour of what was told late; None when nobody may tell him apart.
        """
        now = int(time.time())
        half, hour = now // c.REPEAT_S, now // 3600
        with self._lock:
            if who is not None:
                last = self._seen.get(who)
                if last is not None and half - last <= 1:
                    return Verdict.REPEAT
                self._seen[who] = half
                self._seen.move_to_end(who)
                if len(self._seen) > SEEN_MAX:
                    self._seen.popitem(last=False)
            if hour != self._hour:
                self._hour = hour
                self._counts.clear()
            pair, listing = (address, number, group), (number, group)
            if len(self._counts) < COUNTED_MAX or pair in self._counts:
                self._counts[pair] += 1
                if self._counts[pair] > c.ADDRESS_HOURLY:
                    return Verdict.FLOOD
            if len(self._counts) < 2 * COUNTED_MAX or listing in self._counts:
                self._counts[listing] += 1
                if self._counts[listing] > c.LISTING_HOURLY[group]:
                    return Verdict.FLOOD
        return Verdict.COUNTED

    def clear(self) -> None:
        """Forget everything (tests)."""
        self.__init__()  # type: ignore[misc]  # as new


gate = Gate()
