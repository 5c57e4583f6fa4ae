"""Step `place`: town, quarter, department and region, from names that are known, else from the position (reverse geocoding, offline)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec

from apps.catalog.gazetteer import KnownCity, fold
from apps.ingestion.steps.context import Context
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.text import read_line

PLACE_MAX = 120
# A named town whose centre is farther than this from the position leaves a warning. Douala and Yaoundé reach 20 km from theirs.
FAR_KM = 35.0
# Of 525 places of real files whose name holds a quarter, this finds 23 quarters, three of four right; at 800 m half were wrong, because
# reference positions of quarters are few and often rounded to 1.8 km.
QUARTER_MAX_KM, QUARTER_LEAD = 0.3, 2.0
# Somewhat more than both together: no other quarter can matter.
_NEAR_DEGREES = 0.006
# `Yaoundé 1er`, `Douala IV`, `Garoua 2ème`: an arrondissement is named after its town.
_ARRONDISSEMENT = re.compile(r"\s*[-,]?\s*(?:\d{1,2}\s?(?:er|ère|e|è|ème|eme|ième|ieme|nd|st|rd|th)?|[ivx]{1,4})$", re.IGNORECASE)
_FILLER = re.compile(
    r"^(?:quartier|qtier|qt|quarter|ville de|ville|commune de|commune d['’]|town of|city of|village)\b[\s:]*"
    r"|[\s,-]+(?:centre[\s-]?ville|centre commercial|centre|ville|village|town|city)$",
    re.IGNORECASE,
)


class Place(msgspec.Struct):
    """Where a record is. Slugs of areas; the city and quarter as ids."""

    city: KnownCity | None = None
    is_city_guessed: bool = False
    quarter_id: str = ""
    is_quarter_guessed: bool = False
    department: str = ""
    region: str = ""
    raw: str = ""


def read(given: Mapping[str, object], position: tuple[float | None, float | None], context: Context, notes: Notes) -> Place:
    """What names say, checked against the position; what they do not say, from the position, marked as guessed."""
    gazetteer = context.gazetteer
    if context.country not in gazetteer.countries:
        return _unknown_country(given, notes)
    city_name, quarter_name, department_name, region_name = (
        read_line(given.get(part), part, PLACE_MAX, notes) if part in given else "" for part in ("city", "quarter", "department", "region")
    )
    place = Place()
    said_region = gazetteer.regions.get(fold(region_name), "") if region_name else ""
    said_department = gazetteer.departments.get(fold(department_name), "") if department_name else ""
    if said_department:
        said_region = said_region or context.areas.regions.get(said_department, "")
    latitude, longitude = position
    if latitude is not None and longitude is not None:
        place.department, place.region = context.areas.at(latitude, longitude)
    city_id = given.get("city_id")
    if isinstance(city_id, str) and city_id in gazetteer.cities_by_id:
        place.city = gazetteer.cities_by_id[city_id]
        place.is_city_guessed = given.get("is_city_guessed") is True
    elif city_name:
        place.city = named_city(city_name, said_region or place.region, context)
        if place.city is None:
            place.city = gazetteer.city_alike(city_name)
            place.is_city_guessed = place.city is not None
        if place.city is None:
            notes.dropped("city", "city_unknown", city_name)
        else:
            notes.changed("place", "city", city_name, place.city.slug)
    named = ", ".join(part for part in (quarter_name, city_name) if part)
    place.raw = named or (read_line(given["raw_place"], "raw_place", 2 * PLACE_MAX + 2, notes) if "raw_place" in given else "")
    if latitude is not None and longitude is not None:
        _check(place, latitude, longitude, said_region, context, notes)
    _areas(place, said_department, said_region, context)
    _quarter(place, given, quarter_name, context, notes)
    if latitude is not None and longitude is not None:
        guess_quarter(place, latitude, longitude, notes)
    return place


def _unknown_country(given: Mapping[str, object], notes: Notes) -> Place:
    """Places of a country without reference data are kept as they are called."""
    parts = [read_line(given[part], part, PLACE_MAX, notes) for part in ("quarter", "city", "raw_place") if part in given]
    return Place(raw=", ".join(part for part in parts if part)[: 2 * PLACE_MAX + 2])


def named_city(name: str, region: str, context: Context) -> KnownCity | None:
    """The town of a name as sources write it: with `Ville`, `Centre`, an arrondissement's number, or several names separated by commas."""
    gazetteer = context.gazetteer
    for part in (name, *re.split(r"\s*[,;/(]\s*", name)):
        bare = part.strip(" )")
        for _round in range(3):
            found = gazetteer.city(bare, region)
            if found is not None:
                return found
            shorter = _FILLER.sub("", bare).strip() if _FILLER.search(bare) else _ARRONDISSEMENT.sub("", bare).strip()
            if shorter == bare or not shorter:
                break
            bare = shorter
    return None


def _check(place: Place, latitude: float, longitude: float, said_region: str, context: Context, notes: Notes) -> None:
    if place.city is None:
        near = context.gazetteer.city_near(latitude, longitude)
        if near is not None:
            place.city, place.is_city_guessed = near, True
            notes.changed("reverse_geocode", "city", "", near.slug)
    else:
        km = place.city.km_to(latitude, longitude)
        if km > FAR_KM:
            notes.dropped("position", "position_far_from_city", f"{km:.0f} km: {place.city.slug}")
    if said_region and place.region and said_region != place.region:
        notes.dropped("position", "position_outside_region", f"{said_region} / {place.region}")
    if context.areas.regions and not place.region:
        notes.dropped("position", "position_outside_outline", f"{latitude}, {longitude}")


def _areas(place: Place, said_department: str, said_region: str, context: Context) -> None:
    """Without a position the areas are those that are said, else those of the town."""
    if not place.region:
        place.department = said_department or (place.city.department if place.city else "")
        place.region = context.areas.regions.get(place.department, "") or said_region or (place.city.region if place.city else "")


def _quarter(place: Place, given: Mapping[str, object], name: str, context: Context, notes: Notes) -> None:
    quarter_id = given.get("quarter_id")
    if isinstance(quarter_id, str) and place.city is not None and context.gazetteer.cities_of_quarters.get(quarter_id) is place.city:
        place.quarter_id, place.is_quarter_guessed = quarter_id, given.get("is_quarter_guessed") is True
    elif name and place.city is not None:
        found = named_quarter(place.city, name)
        if found:
            place.quarter_id = found
        elif not _FILLER.fullmatch(f" {name}") and named_city(name, place.region, context) is not place.city:
            notes.dropped("quarter", "quarter_unknown", f"{name} ({place.city.slug})")


def named_quarter(city: KnownCity, name: str) -> str:
    """The id of a quarter of that town by its name, also with `Quartier` before or `Village` behind; "" when there is none."""
    for form in (name, _FILLER.sub("", name), *re.split(r"\s*[,;/]\s*", name)):
        found = city.quarters.get(fold(form))
        if found:
            return str(found)
    return ""


def guess_quarter(place: Place, latitude: float, longitude: float, notes: Notes) -> None:
    """The nearest quarter of the town, when it is near and clearly nearer than the next."""
    if place.city is None or place.quarter_id:
        return
    near = [
        (distance_km(latitude, longitude, lat, lng), pk)
        for lat, lng, pk in place.city.placed
        if abs(lat - latitude) < _NEAR_DEGREES and abs(lng - longitude) < _NEAR_DEGREES
    ]
    if not near:
        return
    near.sort()
    nearest_km, nearest = near[0]
    if nearest_km <= QUARTER_MAX_KM and (len(near) == 1 or near[1][0] >= QUARTER_LEAD * nearest_km):
        place.quarter_id, place.is_quarter_guessed = str(nearest), True
        notes.changed("reverse_geocode", "quarter", "", f"{nearest_km * 1000:.0f} m")


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres between two points of a town; near the equator a degree of longitude is as long as one of latitude."""
    return math.hypot(latitude - other_latitude, (longitude - other_longitude) * 0.996) * 111.2
