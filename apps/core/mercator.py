"""Web Mercator without a library: where a position falls on a plan, and how long a kilometre is there.

Projected coordinates are degrees: x is the longitude, y grows downwards and equals minus the latitude near the equator.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

METRES_PER_DEGREE = 111_319.49
NICE_METRES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)


def project(lat: float, lng: float) -> tuple[float, float]:
    """The projected place of a position."""
    return lng, -math.degrees(math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))


@dataclass(frozen=True)
class Frame:
    """A rectangle of the projected plane, given by its centre and its sides."""

    x: float
    y: float
    width: float
    height: float

    def offset(self, lat: float, lng: float) -> tuple[float, float]:
        """How far right of and below the centre a position falls, in projected degrees."""
        x, y = project(lat, lng)
        return x - self.x, y - self.y

    def percent(self, lat: float, lng: float) -> tuple[float, float]:
        """The same, in percent of the sides from the left and the top; outside 0 to 100 for what the frame does not hold."""
        dx, dy = self.offset(lat, lng)
        return 50 + dx / self.width * 100, 50 + dy / self.height * 100

    @property
    def metres_per_degree(self) -> float:
        """How many metres a projected degree stands for at the centre."""
        lat = math.degrees(2 * math.atan(math.exp(math.radians(-self.y))) - math.pi / 2)
        return METRES_PER_DEGREE * math.cos(math.radians(lat))

    def round_metres(self, share: float) -> int:
        """The largest of 10, 20, 50, 100, … metres that takes at most this share of the shorter side."""
        limit = min(self.width, self.height) * self.metres_per_degree * share
        return max((nice for nice in NICE_METRES if nice <= limit), default=NICE_METRES[0])


def fit(positions: Iterable[tuple[float, float]], *, least_m: float, slimmest: float = 0.5) -> Frame:
    """The smallest frame that holds all positions.

    :param positions: (lat, lng) pairs; at least one.
    :param least_m: no side is shorter, so that one position alone still has surroundings.
    :param slimmest: the short side is at least this part of the long one.
    :raises ValueError: no position.
    """
    places = [project(lat, lng) for lat, lng in positions]
    if not places:
        raise ValueError("a frame needs at least one position")
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    top, bottom = min(y for _, y in places), max(y for _, y in places)
    centre = Frame((left + right) / 2, (top + bottom) / 2, 0, 0)
    least = least_m / centre.metres_per_degree
    width, height = max(right - left, least), max(bottom - top, least)
    return Frame(centre.x, centre.y, max(width, height * slimmest), max(height, width * slimmest))
