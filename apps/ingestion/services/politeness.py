"""One request at a time for a site, at its pace, whichever worker asks."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from django.core.cache import cache

from apps.core.cache_keys import site_rest, site_turn
from apps.ingestion.sources import PageUnavailable

# A worker that waits longer for its turn leaves, and comes back later.
WAIT_MAX_S = 120.0
REST_MAX = dt.timedelta(hours=24)
REST_DEFAULT_S = 60.0
_POLL_S = 0.1


class SiteBusy(PageUnavailable):
    """The site wants to be asked later: in `wait_s` seconds."""

    def __init__(self, url: str, reason: str, wait_s: float) -> None:
        super().__init__(url, reason, f"{wait_s:.0f} s", is_final=False)
        self.wait_s = wait_s


def wait_turn(url: str, host: str, *, delay_s: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Return when the host may be asked: `delay_s` after whoever asked it last.

    The turn lives in the cache, so that all workers share it; while Redis is away each keeps its own pace.

    :raises SiteBusy: it asked to be left alone, or others wait, too.
    """
    until = cache.get(site_rest(host))
    if until is not None and (left := until - time.time()) > 0:
        raise SiteBusy(url, "site_rests", left)
    deadline = time.monotonic() + WAIT_MAX_S
    while delay_s > 0 and not cache.add(site_turn(host), uuid.uuid4().hex, delay_s):
        if time.monotonic() > deadline:
            raise SiteBusy(url, "site_busy", WAIT_MAX_S)
        sleep(min(delay_s, _POLL_S))


def let_rest(host: str, seconds: float) -> None:
    """Nobody asks the host for so long."""
    cache.set(site_rest(host), time.time() + seconds, max(int(seconds), 1))


def retry_after(value: str | None, *, at: dt.datetime) -> float:
    """Seconds of a `Retry-After` header (a number or a date), a minute when it says nothing, a day at most."""
    text = (value or "").strip()
    if text.isdecimal():
        seconds = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError):
            return REST_DEFAULT_S
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = (moment - at).total_seconds()
    return min(max(seconds, 0.0), REST_MAX.total_seconds())
