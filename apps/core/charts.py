"""The geometry of charts, as text: a template would write 35.4 with the comma of French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GRID_LINES = 4
LABELS_MAX = 7
# A bar takes so much of its place; the rest is air.
BAR_SHARE = 0.76
# What there is must be seen, however little it is.
LEAST_HEIGHT = 0.8
# A tenth of a hundredth of the plot is a pixel on a wide screen: more digits are weight and nothing else.
PATH_DIGITS = 1
# A label whose middle is nearer to the right edge ends there instead of going beyond it.
EDGE = 4.0


@dataclass(frozen=True)
class Point:
    """One bar: its name below the axis, its name in full, and how much of each series."""

    label: str
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Rect:
    """One piece of a bar, in hundredths of the plot; `series` is its number."""

    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Mark:
    """A text at an axis, in per cent; a minor one is left out where it is narrow."""

    at: str
    value: int
    text: str = ""
    is_minor: bool = False
    anchor: str = "middle"


@dataclass(frozen=True)
class LineChart:
    """What components/line_chart.html draws: paths in a square of 100, the period before as `before`."""

    line: str
    area: str
    before: str
    lines: list[Mark]
    labels: list[Mark]
    top: int


@dataclass(frozen=True)
class HeatCell:
    """One cell of a heat map: its number, and how much of the highest it is, 0 to 100."""

    value: int
    level: int


@dataclass(frozen=True)
class StackedBars:
    """What components/stacked_bars.html draws."""

    rects: list[Rect]
    lines: list[Mark]
    labels: list[Mark]


def stacked_bars(points: Sequence[Point], *, labels_max: int = LABELS_MAX) -> StackedBars:
    """Bars from the left to the right, their series from the bottom up, over a scale that starts at 0."""
    top, step = scale(max((sum(point.values) for point in points), default=0))
    place = 100 / max(len(points), 1)
    rects = []
    for number, point in enumerate(points):
        bottom = 100.0
        for series, value in enumerate(point.values):
            if value > 0:
                height = min(max(100 * value / top, LEAST_HEIGHT), bottom)
                bottom -= height
                x = place * (number + (1 - BAR_SHARE) / 2)
                rects.append(Rect(series, _text(x), _text(bottom), _text(place * BAR_SHARE), _text(height)))
    lines = [Mark(_text(100 - 100 * value / top), value) for value in range(0, top + 1, step)]
    every = -(-len(points) // labels_max) or 1
    shown = [number for number in range(len(points)) if (len(points) - 1 - number) % every == 0]
    labels = []
    for position, number in enumerate(shown):
        middle, is_minor = place * (number + 0.5), (len(shown) - 1 - position) % 2 == 1
        at, anchor = (middle, "middle") if 100 - middle >= EDGE else (100.0, "end")
        labels.append(Mark(_text(at), 0, points[number].label, is_minor, anchor))
    return StackedBars(rects, lines, labels)


def line_chart(
    values: Sequence[int], before: Sequence[int], labels: Sequence[str], *, is_open: bool = False, labels_max: int = LABELS_MAX
) -> LineChart:
    """Two lines over one scale that starts at 0.

    :param before: of the period before, "" is drawn when it is empty. :param labels: names of the values below the axis.
    :param is_open: the last value still grows: its line ends before it, instead of falling to what is there so far.
    """
    top, step = scale(max([*values, *before], default=0))
    heights = [100 - 100 * value / top for value in values]
    line = _path(heights, is_open=is_open)
    every = -(-len(values) // labels_max) or 1
    shown = [number for number in range(len(values)) if (len(values) - 1 - number) % every == 0]
    marks = []
    for position, number in enumerate(shown):
        at = 100 * number / max(len(values) - 1, 1)
        anchor = "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"
        marks.append(Mark(_text(at), values[number], labels[number], (len(shown) - 1 - position) % 2 == 1, anchor))
    lines = [Mark(_text(100 - 100 * value / top), value) for value in range(0, top + 1, step)]
    end = "100" if not (is_open and len(values) > 1) else _text(100 * (len(values) - 2) / (len(values) - 1), PATH_DIGITS)
    area = f"{line}L{end} 100L0 100Z" if line else ""
    return LineChart(line, area, _path([100 - 100 * value / top for value in before]), lines, marks, top)


def sparkline(values: Sequence[int], *, is_open: bool = False, height: int = 32, margin: int = 2) -> str:
    """A path in a box of 100 by `height`; the scale starts at 0. :param is_open: as `line_chart`."""
    most = max([*values, 1])
    return _path([height - margin - (height - 2 * margin) * value / most for value in values], is_open=is_open)


def heat_cells(rows: Sequence[Sequence[int]]) -> list[list[HeatCell]]:
    """Every number with its level beside the highest one; what there is is seen, however little."""
    most = max((value for row in rows for value in row), default=0)
    return [[HeatCell(value, max(round(100 * value / most), 4) if value else 0) for value in row] for row in rows]


def shares(values: Sequence[int]) -> list[str]:
    """How much of the largest each is, in per cent, as a style attribute wants it."""
    most = max([*values, 1])
    return [_text(100 * value / most) for value in values]


def _path(heights: Sequence[float], *, is_open: bool = False) -> str:
    """A line from the left to the right; a single value is a level one. An open one ends a place before the right edge."""
    if len(heights) == 1:
        heights, is_open = [heights[0], heights[0]], False
    drawn = heights[:-1] if is_open else heights
    last = len(heights) - 1
    parts = [f"{_text(100 * number / last, PATH_DIGITS)} {_text(height, PATH_DIGITS)}" for number, height in enumerate(drawn)]
    return f"M{'L'.join(parts)}" if parts else ""


def scale(most: int) -> tuple[int, int]:
    """The top of an axis that holds `most`, and the step of its lines: 1, 2 or 5 times a power of ten, at most `GRID_LINES` steps."""
    step, power = 1, 1
    while True:
        for factor in (1, 2, 5):
            step = factor * power
            if step * GRID_LINES >= most:
                return max(-(-most // step), 1) * step, step
        power *= 10


def _text(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
