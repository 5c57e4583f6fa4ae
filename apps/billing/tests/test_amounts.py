"""What is owed, to the franc."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.amounts import reckon, tier_price, unused_value
from apps.billing.choices import Period
from apps.billing.periods import DOUALA, period_end

START = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
francs = st.integers(0, 2_000_000)


def test_it_works() -> None:
    # Ten days of thirty are left of 2,500 F: 833.33 F, rounded up; 7,500 F less that, rounded down to 5 F.
    end = START + dt.timedelta(days=30)
    assert unused_value(price=2_500, start=START, end=end, at=START + dt.timedelta(days=20)) == 834
    sums = reckon(amount=7_500, unused=834, minimum=100, may_postpone=True)
    assert (sums.amount_due, sums.rounding, sums.total, sums.credit_used, sums.postponed, sums.surplus) == (6_665, 1, 6_665, 0, 0, 0)


@given(price=st.integers(1, 1_500_000), length=st.integers(1, 400 * 86_400), passed=st.integers(0, 500 * 86_400))
def test_what_is_left_is_the_price_times_the_share_of_time_rounded_up(price: int, length: int, passed: int) -> None:
    at = START + dt.timedelta(seconds=passed)
    value = unused_value(price=price, start=START, end=START + dt.timedelta(seconds=length), at=at)
    remaining = max(0, length - passed)
    assert value * length >= price * remaining
    assert (value - 1) * length < price * remaining or value == 0
    assert 0 <= value <= price


def test_before_its_start_a_period_is_worth_its_price() -> None:
    assert unused_value(price=2_500, start=START, end=START + dt.timedelta(days=1), at=START - dt.timedelta(days=9)) == 2_500


@given(amount=francs, unused=francs, carried=st.integers(0, 500), credit=francs, minimum=st.integers(0, 1_000), may_postpone=st.booleans())
def test_every_franc_is_accounted_for(amount: int, unused: int, carried: int, credit: int, minimum: int, may_postpone: bool) -> None:
    sums = reckon(amount=amount, unused=unused, carried=carried, credit=credit, minimum=minimum, may_postpone=may_postpone)
    assert sums.credit_used + sums.amount_due + sums.rounding + sums.postponed - sums.surplus == amount + carried - unused
    assert 0 <= sums.rounding < 5
    assert sums.amount_due % 5 == 0
    assert sums.postponed % 5 == 0
    assert 0 <= sums.credit_used <= credit
    assert min(sums.amount_due, sums.postponed, sums.surplus, sums.total) >= 0
    assert sums.postponed == 0 or (may_postpone and sums.total == 0 and sums.postponed < minimum)
    assert sums.surplus == 0 or sums.total == 0
    if may_postpone or amount + carried - unused >= minimum + 4:
        assert sums.amount_due == 0 or sums.amount_due >= minimum


@given(amount=francs, credit=francs)
def test_credit_goes_first(amount: int, credit: int) -> None:
    sums = reckon(amount=amount, credit=credit, minimum=0)
    assert sums.amount_due == max(0, amount - credit) // 5 * 5


@pytest.mark.parametrize(
    ("sums", "credit_used", "due", "postponed"),
    [
        ({"amount": 7_500, "unused": 7_403}, 0, 0, 95),
        ({"amount": 7_500, "unused": 7_403, "credit": 50}, 0, 0, 95),
        ({"amount": 7_500, "unused": 7_403, "credit": 97}, 97, 0, 0),
        ({"amount": 7_500, "unused": 7_403, "carried": 5}, 0, 100, 0),
        ({"amount": 7_500, "unused": 7_499}, 0, 0, 0),
        ({"amount": 1_000, "credit": 950}, 900, 100, 0),
        ({"amount": 1_000, "credit": 333}, 333, 665, 0),
    ],
)
def test_nothing_is_asked_that_no_operator_takes(sums: dict[str, int], credit_used: int, due: int, postponed: int) -> None:
    found = reckon(**sums, minimum=100, may_postpone=True)
    assert (found.credit_used, found.amount_due, found.postponed) == (credit_used, due, postponed)


@pytest.mark.parametrize(("standard", "business"), [(200, 300), (500, 750), (2_500, 3_750), (1_003, 1_505), (1, 5)])
def test_a_tiers_price_is_rounded_up_to_five_francs(standard: int, business: int) -> None:
    assert tier_price(standard, numerator=3, denominator=2) == business


def at_douala(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=DOUALA)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-11-26T10:00", Period.DAY, "2026-11-27T10:00"),
        ("2026-12-29T23:30", Period.WEEK, "2027-01-05T23:30"),
        ("2026-01-31T08:00", Period.MONTH, "2026-02-28T08:00"),
        ("2028-01-31T08:00", Period.MONTH, "2028-02-29T08:00"),
        ("2026-12-15T00:10", Period.MONTH, "2027-01-15T00:10"),
        ("2028-02-29T12:00", Period.YEAR, "2029-02-28T12:00"),
        ("2027-02-28T12:00", Period.YEAR, "2028-02-28T12:00"),
        # The first of the month in Douala is still the last of the former one in UTC.
        ("2026-03-01T00:30", Period.MONTH, "2026-04-01T00:30"),
    ],
)
def test_periods_end_by_the_calendar_of_douala(start: str, period: Period, end: str) -> None:
    assert period_end(at_douala(start), period) == at_douala(end)


def test_the_thirty_first_comes_back_after_february() -> None:
    ends, end = [], at_douala("2027-10-31T08:00")
    for _ in range(6):
        end = period_end(end, Period.MONTH, anchor_day=31)
        ends.append(end.astimezone(DOUALA).date().isoformat())
    assert ends == ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
    leap = at_douala("2028-02-29T08:00")
    for _ in range(4):
        leap = period_end(leap, Period.YEAR, anchor_day=29)
    assert leap == at_douala("2032-02-29T08:00")


@given(second=st.integers(0, 15 * 366 * 86_400), period=st.sampled_from(Period), day=st.integers(1, 31))
def test_periods_go_forward(second: int, period: Period, day: int) -> None:
    begin = START + dt.timedelta(seconds=second)
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 62, Period.YEAR: 397}[period]
    assert dt.timedelta(0) < period_end(begin, period, anchor_day=day) - begin <= dt.timedelta(days=longest)
