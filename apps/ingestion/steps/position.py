"""Step `position`: two numbers that lie in the country, or a reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from apps.catalog.constants import BOX_TOLERANCE_DEGREES, COUNTRY_BOXES
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.record import Reason, Refused

# About 1 cm: what is behind it comes from arithmetic, not from a receiver.
DECIMALS = 7
_SEXAGESIMAL = re.compile(
    r"""\s*(?P<first>[NSEWO])?\s*(?P<degrees>\d{1,3})\s*[°d]\s*(?:(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*['’′m]\s*)?"""
    r"""(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:["”″s]|'')\s*)?(?P<last>[NSEWO])?\s*""",
    re.IGNORECASE,
)


def read(given: Mapping[str, object], country: str, notes: Notes) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, both or none.

    :raises Refused: not numbers, half given, 0 and 0, off the globe, swapped or outside the country.
    """
    raw_latitude, raw_longitude = given.get("latitude"), given.get("longitude")
    if raw_latitude is None and raw_longitude is None and "position" in given:
        raw_latitude, raw_longitude = _pair(given["position"])
    if raw_latitude is None and raw_longitude is None:
        return None, None
    if raw_latitude is None or raw_longitude is None:
        raise Refused(Reason("position", "position_half_given"))
    latitude, longitude = _degrees(raw_latitude), _degrees(raw_longitude)
    if latitude == 0 and longitude == 0:
        raise Refused(Reason("position", "position_zero"))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(Reason("position", "position_impossible", f"{latitude}, {longitude}"))
    box = COUNTRY_BOXES.get(country)
    if box and not _inside(box, latitude, longitude):
        code = "position_swapped" if _inside(box, longitude, latitude) else "position_outside"
        raise Refused(Reason("position", code, f"{latitude}, {longitude}"))
    rounded = round(latitude, DECIMALS), round(longitude, DECIMALS)
    if (latitude, longitude) != (raw_latitude, raw_longitude) or rounded != (latitude, longitude):
        notes.changed("position", "position", f"{raw_latitude}, {raw_longitude}", f"{rounded[0]}, {rounded[1]}")
    return rounded


def _pair(value: object) -> tuple[object, object]:
    """Two values of an object, of a GeoJSON point (longitude first), or of a text such as `4.05, 9.70`."""
    if isinstance(value, Mapping):
        if value.get("type") == "Point":
            coordinates = value.get("coordinates")
            if isinstance(coordinates, list | tuple) and len(coordinates) >= 2:
                return coordinates[1], coordinates[0]
            raise Refused(Reason("position", "position_not_a_number", "coordinates"))
        return value.get("lat", value.get("latitude")), value.get("lng", value.get("lon", value.get("longitude")))
    if isinstance(value, str):
        parts = re.split(r"\s*[,;]\s+|[;\s]+", value.strip()) if not re.fullmatch(r"[^,]+,[^,]+", value) else value.split(",")
        if len(parts) == 2:
            return parts[0], parts[1]
    raise Refused(Reason("position", "position_not_a_number", str(value)[:80]))


def _degrees(value: object) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1000:
        return float(value)
    if isinstance(value, str) and len(value) < 50:
        try:
            number = float(value.strip().replace(",", "."))
        except ValueError:
            number = _sexagesimal(value)
        if math.isfinite(number):
            return number
    raise Refused(Reason("position", "position_not_a_number", str(value)[:80] if not isinstance(value, int) else "integer"))


def _sexagesimal(text: str) -> float:
    """`4°03'00"N` in degrees; not a number when it is something else. West is `W` or `O`."""
    match = _SEXAGESIMAL.fullmatch(text)
    if match is None:
        return math.nan
    parts = [float((match[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")]
    sign = -1 if (match["first"] or match["last"] or "").upper() in {"S", "W", "O"} else 1
    return sign * (parts[0] + parts[1] / 60 + parts[2] / 3600)


def _inside(box: tuple[float, float, float, float], latitude: float, longitude: float) -> bool:
    south, west, north, east = box
    margin = BOX_TOLERANCE_DEGREES
    return south - margin <= latitude <= north + margin and west - margin <= longitude <= east + margin
