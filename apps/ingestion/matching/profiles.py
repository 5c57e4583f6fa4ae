"""The one form in which places are compared, whatever they come from."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from apps.catalog.gazetteer import fold
from apps.ingestion.matching.names import Name, group_of, kind_of_category, parse_name, repair, shorter

# Hosts that many places share say nothing.
_SHARED_HOSTS = (
    "facebook.com", "fb.com", "instagram.com", "twitter.com", "x.com", "linkedin.com", "youtube.com", "wa.me", "google.com", "goo.gl",
    "wordpress.com", "blogspot.com", "wixsite.com", "wikipedia.org",
    "tripadvisor.com", "booking.com", "business.site", "gouv.cm", "linktr.ee",
)  # fmt: skip
_OTHER_NAMES = ("name_fr", "name_en", "alt_name", "official_name", "short_name", "old_name", "alternate_names")
_UNKNOWN = frozenset({"", "inconnu", "inconnue", "unknown", "none", "null"})
_NUMBER = re.compile(r"(?:\+|00)?\d(?:[\s.\-]?\d){6,13}")
_PLACEHOLDER = re.compile(r"(?i)^\s*(?:health facility|building|shop|amenity)\s*\((\w+)\)\s*$")
_METRES_PER_DEGREE = 111_195.0
_NAMES_MAX = 5


class Profile(msgspec.Struct, frozen=True):
    """One place as matching sees it. Ids and addresses of sources are left out on purpose: they prove nothing about the place.

    `names` is empty for a place without a name; `city`, `quarter` and `region` are any words or ids that are equal for equal places.
    `shop` is OpenStreetMap's word for what is sold or made.
    """

    names: tuple[Name, ...]
    kinds: frozenset[str]
    category_kind: str
    phones: frozenset[str]
    email: str
    host: str
    latitude: float | None
    longitude: float | None
    city: str
    quarter: str
    region: str = ""
    shop: str = ""
    # Groups of its sorts.
    groups: frozenset[str] = frozenset()


def make_profile(  # one argument for each thing that is compared
    *,
    name: str,
    other_names: Iterable[str] = (),
    category: str = "",
    phones: Iterable[str] = (),
    email: str = "",
    website: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    city: str = "",
    quarter: str = "",
    region: str = "",
) -> Profile:
    """A profile from plain values; any of them may be missing.

    :param category: the source's own word or tag, or the slug of ours.
    :param phones: E.164, or as people write them in Cameroon.
    """
    placeholder = _PLACEHOLDER.match(name)
    if placeholder:
        # Not a name but a tag that a tool put where the name is missing.
        name, category = "", placeholder[1] if kind_of_category(placeholder[1]) else category
    texts = [*name.split(";"), *other_names][:_NAMES_MAX]
    category_kind = kind_of_category(category) if category else ""
    parsed = [parse_name(text, category_kind) for text in texts if text and not _is_number(text)]
    if parsed and (short := shorter(texts[0])) and (cut := parse_name(short, category_kind)).core:
        parsed.append(cut)
    names = tuple(parsed if len(parsed) < 2 else dict.fromkeys(parsed))
    said = names[0].kinds if len(names) == 1 else frozenset(kind for one in names for kind in one.kinds)
    kinds = said or (frozenset({category_kind}) if category_kind else frozenset())
    return Profile(
        names=names,
        kinds=kinds,
        category_kind=category_kind,
        phones=frozenset(number for text in (*phones, name) for number in _numbers(text)),
        email=email.strip().casefold(),
        host=_host(website),
        latitude=latitude,
        longitude=longitude,
        city=city,
        quarter=quarter,
        region=region,
        shop=category.partition("=")[2].strip().casefold() if category.startswith(("shop=", "craft=")) else "",
        groups=_groups(kinds),
    )


@functools.lru_cache(maxsize=4096)
def _groups(kinds: frozenset[str]) -> frozenset[str]:
    return frozenset(map(group_of, kinds))


def profile_of_raw(raw: Mapping[str, object], *, city: str = "", quarter: str = "") -> Profile:
    """The profile of a record as a source sent it, for one that cannot be cleaned (without a name, say)."""
    extra = raw.get("extra")
    others = other_names(extra) if isinstance(extra, Mapping) else []
    return make_profile(
        name=_text(raw.get("name")),
        other_names=others,
        category=_text(raw.get("category")),
        phones=[_text(raw.get("phone")), _phone_in(_text(raw.get("address")))],
        email=_text(raw.get("email")),
        website=_text(raw.get("website")),
        latitude=_degrees(raw.get("lat", raw.get("latitude"))),
        longitude=_degrees(raw.get("lon", raw.get("lng", raw.get("longitude")))),
        city=city or _place(raw.get("city")),
        quarter=quarter or _place(raw.get("quarter")),
    )


def other_names(extra: Mapping[str, object]) -> list[str]:
    """Further names among a source's attributes."""
    texts = [_text(extra[key]) for key in _OTHER_NAMES if key in extra]
    return [part.strip() for text in texts for part in re.split(r"[;,|]", text) if part.strip()]


def distance_m(a: Profile, b: Profile) -> float | None:
    """Metres between two places; None when one has no position."""
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    shrink = math.cos(math.radians((a.latitude + b.latitude) / 2))
    return math.hypot(a.latitude - b.latitude, (a.longitude - b.longitude) * shrink) * _METRES_PER_DEGREE


def _text(value: object) -> str:
    if isinstance(value, str):
        return " ".join(repair(value).split())
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _place(value: object) -> str:
    folded = fold(_text(value))
    return "" if folded in _UNKNOWN else folded


def _degrees(value: object) -> float | None:
    try:
        number = float(str(value).replace(",", ".")) if value not in (None, "") else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _is_number(text: str) -> bool:
    return not (text[0].isalpha() or any(map(str.isalpha, text)))


def _phone_in(address: str) -> str:
    return " ".join(_NUMBER.findall(address))


def _numbers(text: str) -> list[str]:
    """The numbers in a text as nine digits, numbers of before 2014 brought to nine; others are left out."""
    if len(text) == 13 and text.startswith("+237") and text.isascii() and text[4:].isdigit():
        return [text[4:]]
    found = []
    for match in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", match)
        digits = digits.removeprefix("00")
        if len(digits) > 9:
            digits = digits.removeprefix("237")
        if len(digits) == 8:
            digits = ("6" if digits[0] in "5679" else "2") + digits
        if len(digits) == 9:
            found.append(digits)
    return found


def _host(website: str) -> str:
    if not website:
        return ""
    try:
        host = (urlsplit(website if "//" in website else f"//{website}").hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return "" if any(host == shared or host.endswith(f".{shared}") for shared in _SHARED_HOSTS) else host
