"""Distances and circles: a box that surely holds the circle is asked of the index, and the exact distance decides.

`earth_box` and cells of a grid read the whole disc whatever is wanted; a GiST index of plain points gives the nearest in order.
"""

from __future__ import annotations

import math

from apps.search.backends.base import Circle
from apps.search.backends.postgres.reading import Parameters

EARTH_RADIUS_M = 6_371_008.8
# A degree of latitude; no two points that are one degree apart in the plane of degrees are further from each other.
DEGREE_M = math.radians(1) * EARTH_RADIUS_M
# Rounding of the sides, far below a millimetre on the ground.
_MARGIN_DEG = 1e-8

Box = tuple[float, float, float, float]


def distance_sql(values: Parameters, latitude: float, longitude: float) -> str:
    """Great-circle metres (haversine) from the position of `s`; null when it has none."""
    phi = values.bind(math.radians(latitude), "float8")
    lng = values.bind(longitude, "float8")
    half = (
        f"power(sin(({phi} - radians(s.geo[1])) / 2), 2)"
        f" + cos(radians(s.geo[1])) * cos({phi}) * power(sin(radians({lng} - s.geo[0]) / 2), 2)"
    )
    # `least` would take 1 for null.
    return f"CASE WHEN s.geo IS NOT NULL THEN 2 * {EARTH_RADIUS_M} * asin(least(1, sqrt({half}))) END"


def boxes(circle: Circle) -> list[Box]:
    """Boxes (west, south, east, north) that together hold the circle: two across the date line, all around at a pole."""
    reach = math.degrees(circle.radius_m / EARTH_RADIUS_M) + _MARGIN_DEG
    south, north = circle.latitude - reach, circle.latitude + reach
    if south <= -90 or north >= 90:
        return [(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
    wide = math.degrees(math.asin(math.sin(math.radians(reach)) / math.cos(math.radians(circle.latitude)))) + _MARGIN_DEG
    west, east = circle.longitude - wide, circle.longitude + wide
    if west < -180:
        return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [(west, south, east, north)]


def inside(values: Parameters, found: list[Box]) -> str:
    """That the position of `s` lies in one of the boxes, as the GiST index understands it."""
    literals = [f"({east!r},{north!r}),({west!r},{south!r})" for west, south, east, north in found]
    return "(" + " OR ".join(f"s.geo <@ {values.bind(literal, 'box')}" for literal in literals) + ")"
