"""What a visitor asks of the directory, read from an address and written back as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.catalog import selectors
from apps.catalog.choices import Attribute, ResourceType

PAGES_MAX = 500
SORTS = ("relevance", "newest")
FILTER_KEYS = ("type", "category", "region", "city", "quarter", "open_now", "verified", "has")


@dataclass(frozen=True)
class Question:
    """What a visitor asks, whether by words, boxes or the path. Places and slugs that mean nothing are kept in `unknown`.

    `location` is only what could not be read as a place; a known place is in `region`, `city` and `quarter`.
    """

    q: str = ""
    location: str = ""
    type: str = ""
    category: str = ""
    region: str = ""
    city: str = ""
    quarter: str = ""
    open_now: bool = False
    verified: bool = False
    has: tuple[str, ...] = ()
    sort: str = SORTS[0]
    page: int = 1
    unknown: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of this question; empty parts are left out, page 1 and the first sort too."""
        pairs: list[tuple[str, str]] = []
        for key in ("q", "location", *FILTER_KEYS, "sort", "page"):
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
        if self.q or self.location or self.type or self.open_now or self.verified or self.has or self.sort != SORTS[0]:
            return ""
        if not self._is_known():
            return ""
        if self.city and self.category:
            if self.quarter:
                return reverse("web:quarter_category", args=[self.city, self.quarter, self.category])
            return reverse("web:city_category", args=[self.city, self.category])
        alone = {"city": self.city, "region": self.region, "category": self.category}
        named = [(name, slug) for name, slug in alone.items() if slug]
        if len(named) != 1 or self.quarter:
            return ""
        name, slug = named[0]
        return reverse(f"web:{name}", args=[slug])

    def _is_known(self) -> bool:
        """Whether its places and category exist: an address of a page that does not would be a dead end."""
        return bool(
            (not self.category or selectors.category_name(self.category, "fr"))
            and (not self.region or selectors.place_name(region=self.region, language="fr"))
            and (not self.city or selectors.place_name(city=self.city, quarter=self.quarter, language="fr"))
        )

    def fixed(self) -> list[tuple[str, str]]:
        """The places and the category of this question."""
        return [(name, slug) for name in ("category", "region", "city", "quarter") if (slug := getattr(self, name))]

    @property
    def filter_count(self) -> int:
        """How many filters are on, for the button of phones."""
        return sum(1 for key in FILTER_KEYS if getattr(self, key)) + max(len(self.has) - 1, 0)


def read_question(query: Mapping[str, Any], **fixed: str) -> Question:
    """The question of a query string; what is unreadable counts as not asked. `fixed` comes from the path and wins.

    A place typed in words becomes a town, a quarter or a region when the gazetteer knows it.
    """

    def text(name: str, limit: int = 120) -> str:
        return " ".join(_clean(str(query.get(name, ""))).split())[:limit]

    def slug(name: str) -> str:
        value = fixed.get(name) or text(name, 100)
        return value if value.isascii() and all(c.isalnum() or c in "-_" for c in value) else ""

    page = text("page")
    question = Question(
        q=text("q", 200),
        location=text("location"),
        type=text("type") if text("type") in ResourceType.values else "",
        open_now=text("open_now") in {"1", "true", "on"},
        verified=text("verified") in {"1", "true", "on"},
        has=tuple(dict.fromkeys(value for value in _list(query, "has") if value in Attribute.values)),
        sort=text("sort") if text("sort") in SORTS else SORTS[0],
        page=min(max(int(page), 1), PAGES_MAX) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        category=slug("category"),
        region=slug("region"),
        city=slug("city"),
        quarter=slug("quarter"),
    )
    return _place(question)


def _clean(text: str) -> str:
    """Without what PostgreSQL and UTF-8 refuse: NUL and lone surrogates."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def _list(query: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(query, "getlist", None)
    return list(getlist(name)) if getlist else [str(query.get(name, ""))]


def _place(question: Question) -> Question:
    """Read `location` as a place. Words win over a town or region of the same address: people have just typed them."""
    if not question.location:
        return question
    place = selectors.find_place(question.location)
    if place is None:
        return replace(question, region="", city="", quarter="", unknown=(question.location,))
    return replace(question, location="", region="" if place.city else place.region, city=place.city or "", quarter=place.quarter or "")
