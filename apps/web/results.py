"""What a page of results shows, from what its address asks: one value object that the templates read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute, ResourceType
from apps.search import selectors as search
from apps.web.listings import as_listings, plan_points
from apps.web.maps import Plan, PlanName, build_plan

PAGE_SIZE = 20
PAGES_MAX = 500
COUNT_MAX = 1000
SORTS = ("relevance", "newest")
# Filters a results page offers as boxes to tick; the API knows more.
OFFERED_ATTRIBUTES = (
    Attribute.MOBILE_MONEY, Attribute.DELIVERY, Attribute.PARKING, Attribute.WIFI, Attribute.ACCESSIBLE, Attribute.GENERATOR,
)  # fmt: skip
_FILTER_KEYS = ("type", "category", "region", "city", "quarter", "open_now", "verified", "has")


@dataclass(frozen=True)
class Question:
    """What a visitor asks, whether by words, boxes or the path. Slugs that mean nothing are kept in `unknown`."""

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

    def query(self, **changes: Any) -> str:
        """The query string of this question with some parts changed; empty parts are left out, page 1 too."""
        asked = replace(self, **{"page": 1, **changes})
        pairs: list[tuple[str, str]] = []
        for key in ("q", "location", *_FILTER_KEYS, "sort", "page"):
            value = getattr(asked, key)
            if key == "sort" and value == SORTS[0]:
                continue
            if key == "page" and value == 1:
                continue
            if isinstance(value, tuple):
                pairs += [(key, item) for item in value]
            elif value:
                pairs.append((key, "1" if value is True else str(value)))
        return urlencode(pairs)

    def url(self, **changes: Any) -> str:
        """Address of the results page of this question."""
        query = self.query(**changes)
        return reverse("web:search") + (f"?{query}" if query else "")

    @property
    def filter_count(self) -> int:
        """How many filters are on, for the button of phones."""
        return sum(1 for key in _FILTER_KEYS if key != "type" and getattr(self, key)) + max(len(self.has) - 1, 0)


def read_question(query: Mapping[str, Any], **fixed: str) -> Question:
    """The question of a query string; what is unreadable counts as not asked. `fixed` comes from the path and wins.

    A place typed in words becomes a town, a quarter or a region when the gazetteer knows it.
    """

    def text(name: str, limit: int = 120) -> str:
        return " ".join(str(query.get(name, "")).replace("\x00", " ").split())[:limit]

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
        **{key: fixed.get(key) or text(key, 100) for key in ("category", "region", "city", "quarter")},
    )
    return _place(question)


def _list(query: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(query, "getlist", None)
    return list(getlist(name)) if getlist else [str(query.get(name, ""))]


def _place(question: Question) -> Question:
    """Read `location` as a place, unless the question already names a town or region."""
    if not question.location or question.city or question.region:
        return question
    place = selectors.find_place(question.location)
    if place is None:
        return replace(question, unknown=(question.location,))
    return replace(question, region=place.region, city=place.city, quarter=question.quarter or place.quarter)


@dataclass(frozen=True)
class Choice:
    """One box, chip or option: where it leads, and whether it is on. `count` is None when it is not counted."""

    label: str
    url: str
    name: str = ""
    value: str = ""
    is_on: bool = False
    count: int | None = None


@dataclass(frozen=True)
class PageLink:
    """One number of the pagination; `url` is empty for the current page, `number` None for a gap."""

    number: int | None
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Results:
    """Everything that templates/web/results.html shows."""

    question: Question
    title: str
    listings: Sequence[dict[str, Any]]
    count: int
    is_count_exact: bool
    plan: Plan | None
    types: Sequence[Choice]
    chips: Sequence[Choice]
    categories: Sequence[Choice]
    quarters: Sequence[Choice]
    attributes: Sequence[Choice]
    sorts: Sequence[Choice]
    pages: Sequence[PageLink]
    previous_url: str = ""
    next_url: str = ""
    ways_out: Sequence[Choice] = field(default_factory=list)


def find_results(question: Question, *, language: str, at: dt.datetime) -> Results:
    """Run the question; a slug or place that nobody knows gives no listing and the ways out."""
    offset = (question.page - 1) * PAGE_SIZE
    filters: selectors.CardFilter | None = None
    if not question.unknown:
        try:
            filters = selectors.card_filter(
                category=question.category, city=question.city, quarter=question.quarter, region=question.region,
                resource_type=question.type, verified=question.verified or None, open_now=question.open_now, has=question.has,
            )  # fmt: skip
        except selectors.UnknownSlug as error:
            question = replace(question, unknown=(error.value,))
    cards: Sequence[selectors.Card] = []
    count = 0
    if filters is not None:
        found = search.find_cards(
            filters,
            text=question.q,
            sort=question.sort,
            language=language,
            at=at,
            limit=PAGE_SIZE,
            offset=offset,
            count_max=COUNT_MAX,
        )
        cards, count = found.cards, found.count
    listings = as_listings(cards, at=at, first_number=1)
    names = [PlanName(lat=lat, lng=lng, name=name) for name, lat, lng in selectors.quarter_positions(question.city)]
    last_page = min(-(-min(count, COUNT_MAX) // PAGE_SIZE), PAGES_MAX) if count <= COUNT_MAX else PAGES_MAX
    return Results(
        question=question,
        title=title_of(question, language),
        listings=listings,
        count=min(count, COUNT_MAX),
        is_count_exact=count <= COUNT_MAX,
        plan=build_plan(plan_points(listings), names),
        types=_types(question),
        chips=_chips(question, language),
        categories=_categories(question, filters, language),
        quarters=_quarters(question, filters),
        attributes=[
            Choice(
                str(trait.label),
                question.url(has=_toggled(question.has, trait.value)),
                "has",
                trait.value,
                trait.value in question.has,
            )
            for trait in OFFERED_ATTRIBUTES
        ],
        sorts=[
            Choice(label, question.url(sort=value), "sort", value, question.sort == value)
            for value, label in (("relevance", _("Pertinence")), ("newest", _("Plus récentes")))
        ],
        pages=_pages(question, last_page),
        previous_url=question.url(page=question.page - 1) if question.page > 1 else "",
        next_url=question.url(page=question.page + 1) if len(cards) == PAGE_SIZE and question.page < last_page else "",
        ways_out=_ways_out(question, language) if not listings else [],
    )


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(item for item in values if item != value) if value in values else (*values, value)


def title_of(question: Question, language: str) -> str:
    """The heading: what, and where."""
    types = {
        "": _("Toutes les fiches"), "business": _("Entreprises"), "service": _("Services"), "data": _("Jeux de données"), "api": _("API"),
    }  # fmt: skip
    what = selectors.category_name(question.category, language) or (
        _("« %(q)s »") % {"q": question.q} if question.q else types[question.type]
    )
    where = selectors.place_name(region=question.region, city=question.city, quarter=question.quarter, language=language)
    return _("%(what)s à %(where)s") % {"what": what, "where": where} if where else what


def _types(question: Question) -> list[Choice]:
    labels = [
        ("", _("Tout")),
        ("business", _("Entreprises")),
        ("service", _("Services")),
        ("data", _("Données")),
        ("api", _("API")),
    ]
    return [Choice(label, question.url(type=value), "type", value, question.type == value) for value, label in labels]


def _chips(question: Question, language: str) -> list[Choice]:
    """Each filter that is on, with the address that takes it off."""
    chips = []
    if question.category:
        chips.append(Choice(selectors.category_name(question.category, language) or question.category, question.url(category="")))
    if question.quarter:
        name = selectors.place_name(city=question.city, quarter=question.quarter, language=language).split(",")[0]
        chips.append(Choice(name, question.url(quarter="", location="")))
    if question.city or question.region:
        name = selectors.place_name(region=question.region, city=question.city, language=language)
        chips.append(Choice(name or question.city, question.url(city="", quarter="", region="", location="")))
    if question.open_now:
        chips.append(Choice(_("Ouvert maintenant"), question.url(open_now=False)))
    if question.verified:
        chips.append(Choice(_("Fiche vérifiée"), question.url(verified=False)))
    chips += [Choice(str(Attribute(value).label), question.url(has=_toggled(question.has, value))) for value in question.has]
    return chips


def _categories(question: Question, filters: selectors.CardFilter | None, language: str) -> list[Choice]:
    if filters is None:
        return []
    return [
        Choice(facet.name, question.url(category=facet.slug), "category", facet.slug, facet.slug == question.category, facet.count)
        for facet in selectors.category_facet(filters, language=language, limit=8)
    ]


def _quarters(question: Question, filters: selectors.CardFilter | None) -> list[Choice]:
    if filters is None or not question.city:
        return []
    return [
        Choice(facet.name, question.url(quarter=facet.slug), "quarter", facet.slug, facet.slug == question.quarter, facet.count)
        for facet in selectors.quarter_facet(filters, limit=8)
    ]


def _pages(question: Question, last: int) -> list[PageLink]:
    """First, last, and two on each side of the current one."""
    if last <= 1:
        return []
    shown = sorted({1, last, *range(max(question.page - 2, 1), min(question.page + 2, last) + 1)})
    links: list[PageLink] = []
    for number in shown:
        if links and links[-1].number is not None and number - links[-1].number > 1:
            links.append(PageLink(None))
        links.append(PageLink(number, question.url(page=number), number == question.page))
    return links


def _ways_out(question: Question, language: str) -> list[Choice]:
    """Wider questions, nearest first; the last one always has results."""
    wider = [
        (question.quarter and question.city, {"quarter": "", "location": ""}),
        (question.open_now or question.verified or question.has, {"open_now": False, "verified": False, "has": ()}),
        (question.category and question.q, {"q": ""}),
        (question.city or question.region or question.unknown, {"city": "", "quarter": "", "region": "", "location": ""}),
        (question.q and (question.city or question.region), {"q": "", "category": ""}),
    ]
    choices = [
        Choice(title_of(replace(question, unknown=(), **changes), language), question.url(**changes))
        for is_possible, changes in wider
        if is_possible
    ]
    return [*choices[:3], Choice(_("Toutes les fiches"), reverse("web:search"))]
