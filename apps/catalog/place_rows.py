"""From a raw row of somebody's file to what an entry may hold, or a reason why not. Pure: reads nothing, writes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import ftfy
import ftfy.badness
import msgspec
import nh3
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.catalog.constants import BOX_TOLERANCE_DEGREES, COUNTRY_BOXES, UNSEEN
from apps.catalog.gazetteer import Gazetteer
from apps.catalog.osm_hours import Week, parse_opening_hours
from apps.core.phones import InvalidPhone, parse_phone, repair_old_phone

NAME_MAX = 200
DESCRIPTION_MAX = 5000
EXTRA_MAX_BYTES = 8192
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>")
_PHONE_SEPARATOR = re.compile(r"\s*(?:[/;,|]|\bou\b|\bet\b)\s*", re.IGNORECASE)
_UNKNOWN_WORDS = {"", "inconnu", "inconnue", "unknown", "n/a", "na", "none", "null", "-"}


class RowRejected(Exception):
    """The row cannot become an entry. `reason` is a stable word, `detail` what was found."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(slots=True)
class PlaceRow:
    """One place, cleaned. `warnings` name the fields that were dropped, with the value received."""

    source: str
    source_id: str
    source_url: str
    name: str
    description: str
    category_id: uuid.UUID
    raw_category: str
    is_category_known: bool
    latitude: float | None
    longitude: float | None
    city_id: uuid.UUID | None
    is_city_guessed: bool
    quarter_id: uuid.UUID | None
    raw_place: str
    address: str
    phones: list[str]
    email: str
    website: str
    hours: Week | None
    extra: dict[str, Any]
    warnings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether it may be published at once: a name, a category, and a position, a quarter or a town."""
        return self.latitude is not None or self.city_id is not None

    def content_hash(self) -> bytes:
        """16 bytes that change whenever anything that is stored changes."""
        values = [getattr(self, name) for name in self.__slots__ if name not in {"source", "source_id", "warnings"}]
        return hashlib.blake2b(msgspec.json.encode(values), digest_size=16).digest()


def clean_text(value: object, *, limit: int) -> str:
    """One line of text: a list joined, mojibake repaired, control characters out, spaces single, at most `limit` characters."""
    if value is None:
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:limit]
    if ftfy.badness.is_bad(text):
        text = ftfy.fix_text(text)
    return " ".join(UNSEEN.sub(" ", text).split())[:limit]


def parse_row(raw: object, *, gazetteer: Gazetteer, country: str) -> PlaceRow:
    """Clean one raw row in the schema of the README (section Importing data).

    A bad phone, e-mail, web site or schedule drops that field with a warning; the row stays.

    :raises RowRejected: not an object, no source id, no name, HTML in the name, or an impossible position.
    """
    if not isinstance(raw, dict):
        raise RowRejected("not_an_object", type(raw).__name__)
    source, source_id = _identity(raw)
    if isinstance(raw.get("name"), dict | list | bool):
        raise RowRejected("name_not_text", str(raw["name"])[:80])
    name = clean_text(raw.get("name"), limit=NAME_MAX + 1)
    if not name:
        raise RowRejected("name_missing")
    if _TAG.search(name):
        raise RowRejected("name_has_html", name[:80])
    if len(name) > NAME_MAX:
        raise RowRejected("name_too_long", name[:80])
    latitude, longitude = _position(raw, country)
    raw_category = clean_text(raw.get("category"), limit=200)
    category_id = gazetteer.category(raw_category) if raw_category else None
    warnings: list[tuple[str, str]] = []
    city_name, quarter_name = _place_name(raw.get("city")), _place_name(raw.get("quarter"))
    city = gazetteer.city(city_name)
    is_city_guessed = False
    if city is None and latitude is not None and longitude is not None:
        city = gazetteer.city_near(latitude, longitude)
        is_city_guessed = city is not None
    return PlaceRow(
        source=source,
        source_id=source_id,
        source_url=_source_url(raw.get("source_url")),
        name=name,
        description=_description(raw.get("description")),
        category_id=category_id or gazetteer.other_category,
        raw_category=raw_category,
        is_category_known=category_id is not None,
        latitude=latitude,
        longitude=longitude,
        city_id=city.id if city else None,
        is_city_guessed=is_city_guessed,
        quarter_id=gazetteer.quarter(city, quarter_name) if city else None,
        raw_place=", ".join(part for part in (quarter_name, city_name) if part),
        address=clean_text(raw.get("address"), limit=255),
        phones=_phones(raw.get("phone"), country, warnings),
        email=_email(raw.get("email"), warnings),
        website=_website(raw.get("website"), warnings),
        hours=_hours(raw.get("opening_hours"), warnings),
        extra=_extra(raw.get("extra")),
        warnings=warnings,
    )


def _identity(raw: dict[str, Any]) -> tuple[str, str]:
    source, source_id = clean_text(raw.get("source"), limit=61), clean_text(raw.get("source_id"), limit=201)
    if not (source and source_id):
        source, _, source_id = clean_text(raw.get("id"), limit=262).partition(":")
    if not source or not source_id:
        raise RowRejected("source_missing")
    if len(source) > 60 or len(source_id) > 200:
        raise RowRejected("source_too_long", source_id[:80])
    return source, source_id


def _number(value: object) -> float | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = float(str(value).replace(",", "."))
    except ValueError as error:
        raise RowRejected("position_not_a_number", str(value)[:80]) from error
    if not math.isfinite(number):
        raise RowRejected("position_not_a_number", str(value)[:80])
    return number


def _position(raw: dict[str, Any], country: str) -> tuple[float | None, float | None]:
    latitude = _number(raw.get("lat", raw.get("latitude")))
    longitude = _number(raw.get("lon", raw.get("lng", raw.get("longitude"))))
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None:
        raise RowRejected("position_half_given")
    if latitude == 0 and longitude == 0:
        raise RowRejected("position_zero")
    box = COUNTRY_BOXES.get(country)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise RowRejected("position_impossible", f"{latitude}, {longitude}")
    if box and not _inside(box, latitude, longitude):
        reason = "position_swapped" if _inside(box, longitude, latitude) else "position_outside"
        raise RowRejected(reason, f"{latitude}, {longitude}")
    return round(latitude, 8), round(longitude, 8)


def _inside(box: tuple[float, float, float, float], latitude: float, longitude: float) -> bool:
    south, west, north, east = box
    margin = BOX_TOLERANCE_DEGREES
    return south - margin <= latitude <= north + margin and west - margin <= longitude <= east + margin


def _place_name(value: object) -> str:
    name = clean_text(value, limit=120)
    return "" if name.casefold() in _UNKNOWN_WORDS else name


def _description(value: object) -> str:
    text = clean_text(value, limit=4 * DESCRIPTION_MAX)
    if "<" in text:
        text = clean_text(nh3.clean(text, tags=set()), limit=DESCRIPTION_MAX)
    return text[:DESCRIPTION_MAX]


def _phones(value: object, country: str, warnings: list[tuple[str, str]]) -> list[str]:
    text = clean_text(value, limit=200)
    numbers: list[str] = []
    for part in _PHONE_SEPARATOR.split(text) if text else []:
        if not part:
            continue
        try:
            number = parse_phone(part, region=country)
        except InvalidPhone:
            number = (repair_old_phone(part) if country == "CM" else None) or ""
        if not number:
            warnings.append(("phone", part))
        elif number not in numbers:
            numbers.append(number)
    return numbers[:4]


def _email(value: object, warnings: list[tuple[str, str]]) -> str:
    text = clean_text(value, limit=300)
    if not text:
        return ""
    first = re.split(r"[;,\s]+", text)[0]
    try:
        validate_email(first)
    except ValidationError:
        warnings.append(("email", text[:120]))
        return ""
    return first


def normalise_website(text: str) -> str | None:
    """An http(s) address with a host, `http://` added when the scheme is missing; None when it cannot be one."""
    candidate = text if re.match(r"(?i)https?://", text) else f"http://{text}"
    try:
        parts = urlsplit(candidate)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or "." not in host or re.search(r"[\s<>\"\\^`{|}]", candidate):
        return None
    return candidate if len(candidate) <= 255 else None


def _website(value: object, warnings: list[tuple[str, str]]) -> str:
    text = clean_text(value, limit=500)
    if not text:
        return ""
    website = normalise_website(re.split(r"[;,\s]+", text)[0])
    if website is None:
        warnings.append(("website", text[:120]))
        return ""
    return website


def _source_url(value: object) -> str:
    text = clean_text(value, limit=500)
    return text if re.match(r"(?i)https?://", text) else ""


def _extra(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    encoded = msgspec.json.encode(value)
    # PostgreSQL keeps no NUL, not even escaped.
    return value if len(encoded) <= EXTRA_MAX_BYTES and b"\\u0000" not in encoded else {}


def _hours(value: object, warnings: list[tuple[str, str]]) -> Week | None:
    text = clean_text(value, limit=255)
    if not text:
        return None
    week = parse_opening_hours(text)
    if week is None or has_overlap(week):
        warnings.append(("opening_hours", text))
        return None
    return week


def has_overlap(week: Week) -> bool:
    """Whether two intervals cover the same minute, the night from Saturday to Sunday included."""
    spans = sorted(_minutes(day, opens, closes) for day, intervals in week.items() for opens, closes in intervals)
    if not spans:
        return False
    wrapped = (spans[0][0] + 7 * 1440, spans[0][1] + 7 * 1440)
    return any(first[1] > second[0] for first, second in zip(spans, [*spans[1:], wrapped], strict=True))


def _minutes(day: int, opens: dt.time, closes: dt.time) -> tuple[int, int]:
    start = day * 1440 + opens.hour * 60 + opens.minute
    end = day * 1440 + closes.hour * 60 + closes.minute
    return start, end if closes > opens else end + 1440
