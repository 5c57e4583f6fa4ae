"""The outlines of the departments, and which one holds a position. Read from a shipped file; needs no network and no tables."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

OUTLINES = Path(__file__).resolve().parent.parent / "reference" / "department_outlines.json"
# The country of these outlines.
OUTLINED = "CM"
# Positions are looked up to about 1 km: the outlines are not finer, and places stand close together.
_DECIMALS = 2
# Degrees, about 5 km. Outlines are simplified, and quays and islets stand outside.
_MARGIN = 0.045
_BANDS_PER_DEGREE = 10

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Ring:
    """One ring of a department with its box (south, west, north, east)."""

    department: str
    box: Box
    points: tuple[tuple[float, float], ...]
    # Edges by the bands of latitude that they reach into: a line along a latitude meets few of hundreds.
    bands: Mapping[int, Sequence[tuple[float, float, float, float]]]

    def contains(self, latitude: float, longitude: float) -> bool:
        """By the even-odd rule."""
        south, west, north, east = self.box
        if not (south <= latitude <= north and west <= longitude <= east):
            return False
        inside = False
        for x1, y1, x2, y2 in self.bands.get(_band(latitude), ()):
            if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


@functools.cache
def _rings() -> tuple[_Ring, ...]:
    outlines = json.loads(OUTLINES.read_text(encoding="utf-8"))
    rings = []
    for department, flats in outlines.items():
        for flat in flats:
            points = tuple(zip(flat[::2], flat[1::2], strict=True))
            longitudes, latitudes = flat[::2], flat[1::2]
            box = min(latitudes), min(longitudes), max(latitudes), max(longitudes)
            rings.append(_Ring(department, box, points, _bands(points)))
    return tuple(rings)


def _band(latitude: float) -> int:
    return math.floor(latitude * _BANDS_PER_DEGREE)


def _bands(points: Sequence[tuple[float, float]]) -> dict[int, list[tuple[float, float, float, float]]]:
    bands: dict[int, list[tuple[float, float, float, float]]] = {}
    for (x1, y1), (x2, y2) in zip((points[-1], *points), points, strict=False):
        for band in range(_band(min(y1, y2)), _band(max(y1, y2)) + 1):
            bands.setdefault(band, []).append((x1, y1, x2, y2))
    return bands


@functools.cache
def _rings_in(band: int) -> tuple[_Ring, ...]:
    """Rings that reach into a band of latitude, in their order."""
    return tuple(ring for ring in _rings() if band in ring.bands)


@functools.lru_cache(maxsize=65536)
def _department_at(latitude: float, longitude: float) -> str:
    inside: dict[str, bool] = {}
    for ring in _rings_in(_band(latitude)):
        if ring.contains(latitude, longitude):
            # A second ring of the same department that holds it is a hole.
            inside[ring.department] = not inside.get(ring.department, False)
    return next((department for department, is_inside in inside.items() if is_inside), "") or _nearest(latitude, longitude)


def _nearest(latitude: float, longitude: float) -> str:
    """The department with a point of its outline within `_MARGIN`: of what lies on a shore or a border."""
    best, nearest = _MARGIN, ""
    for ring in _rings():
        south, west, north, east = ring.box
        if south - _MARGIN <= latitude <= north + _MARGIN and west - _MARGIN <= longitude <= east + _MARGIN:
            distance = min(math.hypot(x - longitude, y - latitude) for x, y in ring.points)
            if distance < best:
                best, nearest = distance, ring.department
    return nearest


def is_outside(latitude: float, longitude: float, country: str) -> bool:
    """Whether a position lies more than about 5 km outside the outline of its country; False where we have no outline."""
    return country == OUTLINED and not _department_at(round(latitude, _DECIMALS), round(longitude, _DECIMALS))


@dataclass(frozen=True, slots=True)
class Areas:
    """Which department and region holds a position.

    :param regions: region slug of each department slug.
    """

    regions: Mapping[str, str] = field(default_factory=dict)

    def at(self, latitude: float, longitude: float) -> tuple[str, str]:
        """Slugs of the department and the region, or two empty texts outside the outlines (at sea, abroad, on the border)."""
        department = _department_at(round(latitude, _DECIMALS), round(longitude, _DECIMALS))
        return department, self.regions.get(department, "")
