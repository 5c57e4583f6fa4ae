"""How far apart two places are."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8


def great_circle_m(latitude: float, longitude: float, point: tuple[float, float]) -> float:
    """Metres between two positions in degrees (haversine)."""
    phi1, phi2 = math.radians(latitude), math.radians(point[0])
    half = math.sin((phi2 - phi1) / 2) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(point[1] - longitude) / 2) ** 2
    # Rounding may lift it above 1 for opposite places.
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))
