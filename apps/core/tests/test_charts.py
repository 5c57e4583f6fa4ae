"""Geometry of charts: scales start at 0, nothing leaves the plot, and text is text in every language."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.core.charts import HeatCell, heat_cells, line_chart, scale, shares, sparkline

NUMBERS = st.lists(st.integers(0, 10**9), max_size=60)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(" ") for pair in path.removeprefix("M").split("L"))] if path else []


def test_it_works() -> None:
    chart = line_chart([0, 50, 100], [100, 0, 50], ["a", "b", "c"])
    assert chart.line == "M0 100L50 50L100 0"
    assert chart.before == "M0 0L50 100L100 50"
    assert chart.area == "M0 100L50 50L100 0L100 100L0 100Z"
    assert [(line.at, line.value) for line in chart.lines] == [("100", 0), ("50", 50), ("0", 100)]
    assert [(label.at, label.text, label.anchor) for label in chart.labels] == [
        ("0", "a", "start"),
        ("50", "b", "middle"),
        ("100", "c", "end"),
    ]


@given(NUMBERS, NUMBERS)
def test_everything_stays_in_the_plot(values: list[int], before: list[int]) -> None:
    chart = line_chart(values, before, [str(n) for n in range(len(values))])
    for x, y in points(chart.line) + points(chart.before) + [(float(mark.at), 0.0) for mark in chart.labels + chart.lines]:
        assert 0 <= x <= 100
        assert 0 <= y <= 100
    assert len(chart.lines) <= 6
    assert len(chart.labels) <= 8


@given(NUMBERS)
def test_a_sparkline_stays_in_its_box(values: list[int]) -> None:
    assert all(0 <= x <= 100 and 2 <= y <= 30 for x, y in points(sparkline(values)))


@pytest.mark.parametrize("values", [[], [0], [7], [0, 0, 0]], ids=["none", "nought", "one", "noughts"])
def test_little_is_drawn_too(values: list[int]) -> None:
    chart = line_chart(values, [], ["x"] * len(values))
    assert bool(chart.line) == bool(values)
    assert chart.before == ""
    assert scale(max([*values, 0]))[0] >= 1


def test_what_there_is_is_seen() -> None:
    assert heat_cells([[0, 1], [1000, 500]]) == [[HeatCell(0, 0), HeatCell(1, 4)], [HeatCell(1000, 100), HeatCell(500, 50)]]
    assert heat_cells([[0, 0]]) == [[HeatCell(0, 0), HeatCell(0, 0)]]
    assert shares([0, 1, 3]) == ["0", "33.33", "100"]
    assert shares([]) == []


def test_french_writes_no_comma_into_a_path() -> None:
    with translation.override("fr"):
        assert "," not in sparkline([1, 2, 3, 7]) + line_chart([1, 2, 3, 7], [3], list("abcd")).line + "".join(shares([1, 3, 7]))


def test_a_path_has_no_digit_that_nobody_sees() -> None:
    assert line_chart([1, 2, 3, 7], [3], list("abcd")).line == "M0 87.5L33.3 75L66.7 62.5L100 12.5"


def test_a_line_that_still_grows_ends_before_its_last_value() -> None:
    """Its scale and its place stay: only the last piece, which would fall to what is there so far, is not drawn."""
    whole, growing = line_chart([40, 80, 10], [], list("abc")), line_chart([40, 80, 10], [], list("abc"), is_open=True)
    assert whole.line.startswith(growing.line)
    assert points(growing.line)[-1] == points(whole.line)[1]
    assert growing.area.endswith("L50 100L0 100Z")
    assert (growing.top, growing.labels) == (whole.top, whole.labels)
    assert sparkline([40], is_open=True) == sparkline([40])
