"""Positions on a plan."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.mercator import Frame, fit, project

POSITIONS = st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), min_size=1, max_size=12)


def test_it_works() -> None:
    """One degree at the equator is as wide as it is high, and grows towards the poles."""
    assert project(0, 9.7) == pytest.approx((9.7, 0))
    assert project(-1, 0)[1] == pytest.approx(1, rel=1e-3)
    assert project(60, 0)[1] - project(61, 0)[1] == pytest.approx(2, rel=0.03)


@given(POSITIONS)
def test_a_frame_holds_every_position(positions: list[tuple[float, float]]) -> None:
    frame = fit(positions, least_m=1000)
    for lat, lng in positions:
        for percent in frame.percent(lat, lng):
            assert -1e-6 <= percent <= 100 + 1e-6
    assert 0.49 < frame.width / frame.height < 2.01


def test_one_position_alone_has_surroundings() -> None:
    frame = fit([(4.05, 9.70)], least_m=3000)
    assert frame.percent(4.05, 9.70) == pytest.approx((50, 50))
    assert frame.width * frame.metres_per_degree == pytest.approx(3000)


def test_a_kilometre_is_a_kilometre_at_every_latitude() -> None:
    for lat in (0.0, 4.05, 12.0, 60.0):
        frame = fit([(lat, 10.0)], least_m=2000)
        degrees = 1000 / (111_319.49 * math.cos(math.radians(lat)))
        assert frame.offset(lat, 10.0 + degrees)[0] * frame.metres_per_degree == pytest.approx(1000, rel=1e-3)


def test_round_lengths() -> None:
    frame = Frame(9.7, -4.05, 0.1, 0.1)
    assert frame.round_metres(0.45) == 2000
    assert frame.round_metres(0.9) == 5000
    assert frame.round_metres(0) == 10


def test_no_position_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fit([], least_m=1000)
