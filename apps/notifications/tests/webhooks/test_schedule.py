"""When a message is tried again, and when an endpoint is given up: any course of answers."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from apps.notifications.choices import EndpointState
from apps.notifications.services.webhooks.schedule import (
    DISABLED_AFTER,
    DISABLED_AT,
    LADDER_S,
    RETRY_AFTER_MAX,
    WARNED_AT,
    Health,
    judge,
    next_try,
    read_retry_after,
)

AT = dt.datetime(2026, 11, 26, 17, tzinfo=dt.UTC)
statuses = st.one_of(st.none(), st.integers(200, 299), st.sampled_from([301, 400, 404, 410, 429, 500, 502, 503, 504]))
waits = st.one_of(st.none(), st.timedeltas(min_value=dt.timedelta(0), max_value=RETRY_AFTER_MAX))
# A busy machine draws slowly.
# Of answers, and the time between them.
courses = st.lists(st.tuples(statuses, st.integers(0, 3 * 3600), waits), max_size=80)


def test_the_ladder_is_the_specification_s() -> None:
    tries = [AT]
    while (following := next_try(failures=len(tries), at=tries[-1], chance=0.0, retry_after=None)) is not None:
        tries.append(following)
    waited = [round((later - earlier).total_seconds()) for earlier, later in itertools.pairwise(tries)]
    assert waited == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert len(tries) == 10


@given(failures=st.integers(1, 30), chance=st.floats(0, 1), asked=waits)
def test_a_try_comes_neither_early_nor_never(failures: int, chance: float, asked: dt.timedelta | None) -> None:
    following = next_try(failures=failures, at=AT, chance=chance, retry_after=asked)
    if failures >= len(LADDER_S):
        assert following is None
        return
    assert following is not None
    wait = following - AT
    rung = dt.timedelta(seconds=LADDER_S[failures])
    assert wait >= max(rung, asked or rung)
    assert wait <= max(rung * 1.21, RETRY_AFTER_MAX)


@given(courses)
def test_an_endpoint_goes_off_only_for_a_410_or_twenty_failures_in_a_day(course: list[tuple[int | None, int, dt.timedelta | None]]) -> None:
    health, at, since_success = Health(), AT, 0
    first: dt.datetime | None = None
    warned: list[int] = []
    for status, gap, asked in course:
        at += dt.timedelta(seconds=gap)
        verdict = judge(health, status=status, at=at, retry_after=asked)
        is_good = status is not None and 200 <= status < 300
        since_success, first = (0, None) if is_good else (since_success + 1, first or at)
        if is_good:
            warned = []
        assert (verdict.health.failures, verdict.health.failing_since) == (since_success, first)
        assert (verdict.throttled_until is not None) == (status in {429, 502, 504})
        if verdict.throttled_until is not None:
            assert at < verdict.throttled_until <= at + RETRY_AFTER_MAX
        if verdict.warning:
            warned.append(verdict.warning)
        health = verdict.health
        if health.state != EndpointState.ENABLED:
            if health.state == EndpointState.GONE:
                assert status == 410
            else:
                assert health.state == EndpointState.AUTO_DISABLED
                assert since_success >= DISABLED_AT
                assert first is not None
                assert at - first >= DISABLED_AFTER
                assert warned == list(WARNED_AT), "he was told three times before"
            return
        assert status != 410
        assert since_success < DISABLED_AT or first is None or at - first < DISABLED_AFTER
        assert warned == [number for number in WARNED_AT if number <= since_success]


@given(st.text(max_size=60), st.integers(-(10**12), 10**12))
def test_whatever_retry_after_says_is_bounded(text: str, number: int) -> None:
    for value in (text, str(number), f"{number}.5"):
        wait = read_retry_after(value, at=AT)
        assert wait is None or dt.timedelta(0) <= wait <= RETRY_AFTER_MAX


def test_retry_after_as_seconds_and_as_a_date() -> None:
    assert read_retry_after("120", at=AT) == dt.timedelta(seconds=120)
    assert read_retry_after("Thu, 26 Nov 2026 17:10:00 GMT", at=AT) == dt.timedelta(minutes=10)
    assert read_retry_after("Thu, 26 Nov 2020 17:10:00 GMT", at=AT) == dt.timedelta(0)
    assert read_retry_after("Thu, 26 Nov 2026 17:10:00 -0000", at=AT) == dt.timedelta(minutes=10)
    assert read_retry_after("soon", at=AT) is None
