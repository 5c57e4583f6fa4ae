"""Tax is what is left of a price, line by line, to the franc."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.constants import VAT_BASIS_POINTS
from apps.billing.vat import Split, split, split_lines

FRANCS = st.integers(min_value=0, max_value=2_000_000_000)
RATES = st.sampled_from([0, 550, 1000, VAT_BASIS_POINTS, 2000])


@pytest.mark.parametrize(
    ("total", "net", "vat"),
    [
        (100, 84, 16),
        (1_000, 839, 161),
        (2_500, 2_096, 404),
        (5_000, 4_193, 807),
        (10_000, 8_386, 1_614),
        (11_925, 10_000, 1_925),
        (25_000, 20_964, 4_036),
    ],
)
def test_it_works(total: int, net: int, vat: int) -> None:
    assert split(total, VAT_BASIS_POINTS) == Split(total, net, vat)
    assert split(-total, VAT_BASIS_POINTS) == Split(-total, -net, -vat)


def test_without_tax_all_is_net() -> None:
    assert split(2_500, 0) == Split(2_500, 2_500, 0)


@given(total=FRANCS, rate=RATES)
def test_net_is_the_nearest_franc_and_nothing_is_lost(total: int, rate: int) -> None:
    part = split(total, rate)
    assert part.net + part.vat == part.total == total
    # |net - total ÷ (1 + rate)| ≤ ½, in whole numbers, and a half goes up.
    doubled_error = 2 * (part.net * (10_000 + rate) - total * 10_000)
    assert -(10_000 + rate) < doubled_error <= 10_000 + rate
    assert 0 <= part.vat <= total


@given(
    charges=st.lists(st.integers(min_value=0, max_value=500_000), min_size=1, max_size=5),
    shares=st.lists(st.integers(min_value=0, max_value=100), max_size=4),
    rate=RATES,
)
def test_lines_sum_to_the_invoice_and_none_of_it_is_negative(charges: list[int], shares: list[int], rate: int) -> None:
    left, totals = sum(charges), list(charges)
    for share in shares:
        back = left * share // 100
        totals.append(-back)
        left -= back
    lines = split_lines(totals, rate)
    assert [line.total for line in lines] == totals
    assert all(line.net + line.vat == line.total for line in lines)
    net, vat = sum(line.net for line in lines), sum(line.vat for line in lines)
    assert net + vat == left
    assert net >= 0
    assert vat >= 0


def test_lines_that_cancel_out_leave_no_franc_of_tax() -> None:
    assert sum(line.net for line in split_lines([3, 3, -6], VAT_BASIS_POINTS)) == 0


def test_lines_of_less_than_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        split_lines([4, -5], VAT_BASIS_POINTS)
