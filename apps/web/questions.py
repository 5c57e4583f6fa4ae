"""What a visitor asks of the directory, read from an address and written back as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute, ResourceType
from apps.catalog.selectors.reference import snapshot

PAGES_MAX = 500
# Categories or quarters that one question may name, and categories that its heading names.
ALTERNATIVES_MAX, TITLE_NAMES_MAX = 20, 2
SORTS = ("relevance", "distance", "newest")
FILTER_KEYS = ("type", "category", "region", "city", "quarter", "open_now", "verified", "has", "bbox")
# About a hundred metres: near enough to sort by, and an address that is shared does not tell whose door it was.
POSITION_DECIMALS, BOX_DECIMALS = 3, 4
_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,15})?", re.ASCII)


@dataclass(frozen=True)
class Question:
    """What a visitor asks, whether by words, boxes or the path. Places and slugs that mean nothing are kept in `unknown`.

    `location` is only what could not be read as a place; a known place is in `region`, `city` and `quarter`.
    Several categories, or quarters, are alternatives.
    """

    q: str = ""
    location: str = ""
    type: str = ""
    category: tuple[str, ...] = ()
    region: str = ""
    city: str = ""
    quarter: tuple[str, ...] = ()
    open_now: bool = False
    verified: bool = False
    has: tuple[str, ...] = ()
    bbox: str = ""
    lat: str = ""
    lng: str = ""
    sort: str = SORTS[0]
    page: int = 1
    unknown: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of this question; empty parts are left out, page 1 and the first sort too."""
        pairs: list[tuple[str, str]] = []
        for key in ("q", "location", *FILTER_KEYS, "lat", "lng", "sort", "page"):
            value = getattr(self, key)
            if (key == "sort" and value == SORTS[0]) or (key == "page" and value == 1):
                continue
            if isinstance(value, tuple):
                pairs += [(key, item) for item in value]
            elif value:
                pairs.append((key, "1" if value is True else str(value)))
        return pairs

    def url(self, **changes: Any) -> str:
        """Address of the results of this question with some parts changed: the landing page when there is one."""
        asked = replace(self, **{"page": 1, "unknown": (), **changes})
        landing = asked.landing_url()
        if landing:
            return landing + (f"?page={asked.page}" if asked.page > 1 else "")
        query = urlencode(asked.pairs())
        return reverse("web:search") + (f"?{query}" if query else "")

    def landing_url(self) -> str:
        """The clean address of a question that is only a place, a category or both; else nothing."""
        is_more = self.q or self.location or self.type or self.open_now or self.verified or self.has or self.bbox or self.lat
        if is_more or self.sort != SORTS[0] or not self._is_known():
            return ""
        if len(self.category) > 1 or len(self.quarter) > 1:
            return ""
        if self.city and self.category:
            if self.quarter:
                return reverse("web:quarter_category", args=[self.city, *self.quarter, *self.category])
            return reverse("web:city_category", args=[self.city, *self.category])
        alone = {"city": self.city, "region": self.region, "category": "".join(self.category)}
        named = [(name, slug) for name, slug in alone.items() if slug]
        if len(named) != 1 or self.quarter:
            return ""
        name, slug = named[0]
        return reverse(f"web:{name}", args=[slug])

    def _is_known(self) -> bool:
        """Whether its places and category exist: an address of a page that does not would be a dead end."""
        return bool(
            all(selectors.category_name(slug, "fr") for slug in self.category)
            and (not self.region or selectors.place_name(region=self.region, language="fr"))
            and all(selectors.place_name(city=self.city, quarter=slug, language="fr") for slug in self.quarter or ("",) if self.city)
        )

    def fixed(self) -> list[tuple[str, str]]:
        """The places and the category of this question."""
        return [pair for pair in self.pairs() if pair[0] in {"category", "region", "city", "quarter"}]

    @property
    def point(self) -> tuple[float, float] | None:
        """Where the visitor is, as (latitude, longitude), when he said so."""
        return (float(self.lat), float(self.lng)) if self.lat else None

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The part of the map, as (west, south, east, north)."""
        if not self.bbox:
            return None
        west, south, east, north = (float(part) for part in self.bbox.split(","))
        return west, south, east, north


def read_question(query: Mapping[str, Any], **fixed: str) -> Question:
    """The question of a query string; what is unreadable counts as not asked. `fixed` comes from the path and wins.

    A place typed in words becomes a town, a quarter or a region when the gazetteer knows it.
    """

    def text(name: str, limit: int = 120) -> str:
        return " ".join(_clean(str(query.get(name, ""))).split())[:limit]

    def slug(name: str) -> str:
        value = fixed.get(name) or text(name, 100)
        return value if _is_slug(value) else ""

    def slugs(name: str) -> tuple[str, ...]:
        given = [fixed[name]] if name in fixed else [part.strip() for value in _list(query, name) for part in str(value)[:2000].split(",")]
        return tuple(sorted({value for value in given[:ALTERNATIVES_MAX] if value and _is_slug(value)}))

    page = text("page")
    lat, lng = _degrees([text("lat"), text("lng")], (90, 180), POSITION_DECIMALS) or ("", "")
    sort = text("sort") if text("sort") in SORTS and (lat or text("sort") != "distance") else SORTS[0]
    question = Question(
        q=text("q", 200),
        location=text("location"),
        type=text("type") if text("type") in ResourceType.values else "",
        open_now=text("open_now") in {"1", "true", "on"},
        verified=text("verified") in {"1", "true", "on"},
        has=tuple(dict.fromkeys(value for value in _list(query, "has") if value in Attribute.values)),
        bbox=_box(text("bbox")),
        lat=lat,
        lng=lng,
        sort=sort,
        page=min(max(int(page), 1), PAGES_MAX) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        category=_narrowest(slugs("category")),
        region=slug("region"),
        city=slug("city"),
        quarter=slugs("quarter"),
    )
    return _place(question)


def query_of(question: Question) -> str:
    """The question as a query string in its one form, wherever it was asked; the page and what nobody knows aside."""
    return urlencode(sorted(replace(question, page=1, unknown=()).pairs()))


def title_of(question: Question, language: str) -> str:
    """The heading: what, and where."""
    names = [name for slug in question.category if (name := selectors.category_name(slug, language))]
    what = ", ".join(names[:TITLE_NAMES_MAX]) if len(names) <= TITLE_NAMES_MAX else ""
    what = what or (_("« %(q)s »") % {"q": question.q} if question.q else type_title(question.type))
    if question.city:
        where = selectors.place_name(
            city=question.city, quarter=question.quarter[0] if len(question.quarter) == 1 else "", language=language
        )
        return _("%(what)s à %(where)s") % {"what": what, "where": where} if where else what
    if question.region:
        where = selectors.place_name(region=question.region, language=language)
        return _("%(what)s en région %(where)s") % {"what": what, "where": where} if where else what
    return what


def type_title(resource_type: str) -> str:
    """What everything of a type is called; of all types when it is ""."""
    return {
        "": _("Toutes les fiches"), "business": _("Entreprises"), "service": _("Services"), "data": _("Jeux de données"), "api": _("API"),
    }[resource_type]  # fmt: skip


def _clean(text: str) -> str:
    """Without what PostgreSQL and UTF-8 refuse: NUL and lone surrogates."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def _degrees(parts: list[str], bounds: tuple[int, ...], decimals: int) -> tuple[str, ...] | None:
    """Numbers of degrees within their bounds, rounded; None when one of them is something else."""
    if len(parts) != len(bounds) or not all(_DEGREES.fullmatch(part) for part in parts):
        return None
    numbers = [round(float(part), decimals) + 0.0 for part in parts]  # minus zero becomes zero
    is_within = all(abs(number) <= bound for number, bound in zip(numbers, bounds, strict=True))
    return tuple(str(number).removesuffix(".0") for number in numbers) if is_within else None


def _box(text: str) -> str:
    """`minLng,minLat,maxLng,maxLat` in one form, "" when it is none."""
    found = _degrees([part.strip() for part in text.split(",")], (180, 90, 180, 90), BOX_DECIMALS)
    if found is None or float(found[0]) > float(found[2]) or float(found[1]) > float(found[3]):
        return ""
    return ",".join(found)


def _is_slug(value: str) -> bool:
    return len(value) <= 100 and value.isascii() and all(c.isalnum() or c in "-_" for c in value)


def _narrowest(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that hold another one: whoever ticks a part of what is ticked wants that part."""
    known = snapshot().categories
    numbers = {slug: set(known[slug].numbers) for slug in slugs if slug in known}
    return tuple(slug for slug in slugs if not any(numbers.get(slug, set()) > other for other in numbers.values()))


def _list(query: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(query, "getlist", None)
    return list(getlist(name)) if getlist else [str(query.get(name, ""))]


def _place(question: Question) -> Question:
    """Read `location` as a place. Words win over a town or region of the same address: people have just typed them."""
    if not question.location:
        return question
    place = selectors.find_place(question.location)
    if place is None:
        return replace(question, region="", city="", quarter=(), unknown=(question.location,))
    quarter = (place.quarter,) if place.quarter else ()
    return replace(question, location="", region="" if place.city else place.region, city=place.city or "", quarter=quarter)
