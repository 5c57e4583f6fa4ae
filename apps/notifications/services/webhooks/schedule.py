"""When a message is tried again, and when an endpoint is given up: rules without a database."""

from __future__ import annotations

import datetime as dt
import email.utils
from dataclasses import dataclass

from apps.notifications.choices import EndpointState

# Before each try; the specification's example. Who is down for three days finds what he missed by a replay.
LADDER_S = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
# So that a thousand messages that failed together do not come back together.
JITTER = 0.2
RETRY_AFTER_MAX = dt.timedelta(hours=24)
THROTTLING = frozenset({429, 502, 504})
THROTTLE_FIRST, THROTTLE_MAX = dt.timedelta(seconds=30), dt.timedelta(hours=1)
GONE = 410
WARNED_AT = (5, 10, 15)
DISABLED_AT, DISABLED_AFTER = 20, dt.timedelta(hours=24)


@dataclass(frozen=True)
class Health:
    """How an endpoint does: failed tries since the last 2xx, and when the first of them was."""

    failures: int = 0
    failing_since: dt.datetime | None = None
    state: EndpointState = EndpointState.ENABLED


@dataclass(frozen=True)
class Verdict:
    """What a try means for its endpoint. `warning` is the number of failures that its owner is told of, once; 0: nothing to tell."""

    health: Health
    throttled_until: dt.datetime | None = None
    warning: int = 0


def next_try(*, failures: int, at: dt.datetime, chance: float, retry_after: dt.timedelta | None) -> dt.datetime | None:
    """The moment of the next try after so many failed ones, or None when the ladder ends.

    :param chance: from 0 to 1, for the jitter, which only delays. :param retry_after: what the endpoint asked for; waited when longer.
    """
    if failures >= len(LADDER_S):
        return None
    wait = dt.timedelta(seconds=LADDER_S[failures] * (1 + JITTER * chance))
    return at + max(wait, min(retry_after or dt.timedelta(0), RETRY_AFTER_MAX))


def judge(health: Health, *, status: int | None, at: dt.datetime, retry_after: dt.timedelta | None) -> Verdict:
    """What an answer (or None: there was none) means for the endpoint."""
    if is_success(status):
        return Verdict(Health(state=health.state))
    failures, since = health.failures + 1, health.failing_since or at
    state = health.state
    if state == EndpointState.ENABLED and status == GONE:
        state = EndpointState.GONE
    elif state == EndpointState.ENABLED and failures >= DISABLED_AT and at - since >= DISABLED_AFTER:
        state = EndpointState.AUTO_DISABLED
    is_warning = failures in WARNED_AT and state == EndpointState.ENABLED
    return Verdict(
        Health(failures, since, state),
        throttled_until=_throttled_until(failures, at=at, retry_after=retry_after) if status in THROTTLING else None,
        warning=failures if is_warning else 0,
    )


def is_success(status: int | None) -> bool:
    """Nothing but 2xx."""
    return status is not None and 200 <= status < 300


def read_retry_after(value: str, *, at: dt.datetime) -> dt.timedelta | None:
    """Seconds or an HTTP date (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3), at most a day; None when it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(dt.timedelta(seconds=int(text[:9])), RETRY_AFTER_MAX) if len(text) <= 9 else RETRY_AFTER_MAX
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return min(max(moment - at, dt.timedelta(0)), RETRY_AFTER_MAX)


def _throttled_until(failures: int, *, at: dt.datetime, retry_after: dt.timedelta | None) -> dt.datetime:
    """The endpoint itself has a pause, longer each time."""
    wait = min(THROTTLE_FIRST * (1 << min(failures - 1, 10)), THROTTLE_MAX)
    return at + max(wait, retry_after or dt.timedelta(0))
