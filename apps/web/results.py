"""What a page of results shows, from what its address asks: one value object that the templates read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.selectors.reference import snapshot
from apps.search import selectors as search
from apps.search.backends.base import Circle
from apps.search.questions import SearchAnswer, SearchQuestion, Sort, Understood, UnderstoodKind, WayOut, Where
from apps.web.listings import as_results, plan_points
from apps.web.maps import Plan, PlanName, build_plan, plan_detail
from apps.web.narrowing import FACETS, Facets, Group, Link, Option, categories, chips, filter_groups, quarters, towns, ways_out, without
from apps.web.questions import PAGES_MAX, Question, query_of, title_of

PAGE_SIZE = 20
COUNT_MAX = 1000
NAMED_MAX = 3
LINKS_MAX = 10


@dataclass(frozen=True)
class PageLink:
    """One number of the pagination; `number` is None for a gap."""

    number: int | None
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Related:
    """Pages near this one, under a title."""

    legend: str
    links: Sequence[Link]


@dataclass(frozen=True)
class Results:
    """Everything that templates/web/results.html shows.

    :ivar area_url, near_url: the same question without its places, and without its order: for what only a script can ask.
    :ivar save_url: where the question is kept in an account, "" when nothing is asked.
    :ivar where: the place and category asked for, by a choice or in words. :ivar shown: the entries of the page, in their order.
    :ivar asks_position: the words say "near me", and nobody said where that is.
    :ivar let_go: kinds of conditions read from the words that nothing met; the results do not meet them either.
    """

    question: Question
    title: str
    listings: Sequence[dict[str, Any]]
    count: int
    is_count_exact: bool
    plan: Plan | None
    plan_detail: dict[str, object] | None
    chips: Sequence[Link]
    groups: Sequence[Group]
    kept: Sequence[dict[str, str]]
    sorts: Sequence[Option]
    sort_kept: Sequence[dict[str, str]]
    pages: Sequence[PageLink]
    clear_url: str
    area_url: str
    near_url: str
    save_url: str
    where: Where
    shown: Sequence[uuid.UUID]
    did_you_mean: Link | None = None
    is_partial: bool = False
    asks_position: bool = False
    let_go: Sequence[str] = ()
    intro: str = ""
    related: Sequence[Related] = field(default_factory=list)
    previous_url: str = ""
    next_url: str = ""
    ways_out: Sequence[Link] = field(default_factory=list)


def find_results(question: Question, *, language: str, at: dt.datetime) -> Results:
    """Run the question; a slug or place that nobody knows gives no listing and the ways out."""
    answer, question = _answer(question, language=language, at=at)
    listings = as_results(answer.hits, at=at, first_rank=(question.page - 1) * PAGE_SIZE + 1, tells_place=bool(question.q))
    points = plan_points(listings)
    last_page = -(-answer.total // PAGE_SIZE) if answer.is_exact else PAGES_MAX
    names = _plan_names(question.city, quarters(question, answer.facets))
    plan = build_plan(points, names)
    kinds = {part.kind for part in answer.understood}
    corrected = answer.did_you_mean
    return Results(
        question=question,
        title=title_of(question, language),
        listings=listings,
        count=answer.total,
        is_count_exact=answer.is_exact,
        plan=plan,
        plan_detail=plan_detail(plan, names),
        chips=chips(question, answer.understood, language),
        groups=filter_groups(question, answer.facets, language),
        kept=_fields(question, {"q", "location", "region", "lat", "lng", "bbox", "sort", *({"city"} if question.city else ())}),
        sorts=_sorts(question),
        sort_kept=[pair for pair in _fields(question, None) if pair["name"] not in {"sort", "page"}],
        pages=_pages(question, last_page),
        clear_url=replace(question, type="", category=(), quarter=(), open_now=False, verified=False, has=(), bbox="").url(),
        area_url=question.url(location="", region="", city="", quarter=(), bbox=""),
        near_url=question.url(lat="", lng="", sort="relevance"),
        save_url=f"{reverse('web:account_search_new')}?{query}" if (query := query_of(question)) else "",
        where=_where(question, answer.understood),
        shown=[hit.card.id for hit in answer.hits],
        did_you_mean=Link(corrected, question.url(q=corrected)) if corrected else None,
        is_partial=answer.is_partial,
        asks_position=UnderstoodKind.NEAR_ME in kinds and question.point is None,
        let_go=[way.drop for way in answer.ways_out] if listings else [],
        previous_url=question.url(page=question.page - 1) if question.page > 1 else "",
        next_url=question.url(page=question.page + 1) if answer.next_cursor and question.page < last_page else "",
        ways_out=ways_out(question, answer, language) if not listings else [],
        intro=_intro(question, answer.facets, language),
        related=_related(question, answer.facets, language),
    )


def _answer(question: Question, *, language: str, at: dt.datetime) -> tuple[SearchAnswer, Question]:
    """What the search answers; to a question that names something that nobody knows, only what there is without it."""

    def lacking(parameter: str, value: str) -> tuple[SearchAnswer, Question]:
        wide, _wide = _answer(replace(question, page=1, unknown=(), **without(question, parameter, value)), language=language, at=at)
        ways = [WayOut(parameter, value, wide.total)] if wide.total else []
        return SearchAnswer([], ways_out=ways), replace(question, unknown=(value,))

    circle, point = None, question.point
    if question.location:
        try:
            found = search.locate(question.location, language=language, at=at)
        except selectors.UnknownSlug:
            return lacking("location", question.location)
        if found.place is not None:
            quarter = (found.place.quarter,) if found.place.quarter else ()
            question = replace(
                question, location="", region="" if found.place.city else found.place.region, city=found.place.city, quarter=quarter,
                unknown=(),
            )  # fmt: skip
        if found.landmark is not None:
            circle = Circle(*found.landmark.point, found.landmark.radius_m)
            point, question = point or found.landmark.point, replace(question, unknown=())
    try:
        chosen = selectors.card_filter(
            category=question.category, city=question.city, quarter=question.quarter, region=question.region,
            resource_type=question.type, verified=question.verified or None, open_now=question.open_now, has=question.has,
            bbox=question.box,
        )  # fmt: skip
    except selectors.UnknownSlug as error:
        return lacking(error.parameter, error.value)
    asked = SearchQuestion(
        text=question.q, chosen=chosen, sort=Sort(question.sort), language=language, point=point, circle=circle, limit=PAGE_SIZE,
        offset=(question.page - 1) * PAGE_SIZE, facets=FACETS, explain=bool(question.q), counted_max=COUNT_MAX,
        location=question.location,
    )  # fmt: skip
    return search.search(asked, at=at), question


def _where(question: Question, understood: Sequence[Understood]) -> Where:
    """The one town, quarter and category that were asked for; a quarter in words is that of the town, or of the largest that has it."""
    said = {part.kind: part.value for part in reversed(understood)}
    category = question.category[0] if question.category else said.get(UnderstoodKind.CATEGORY, "")
    city = question.city or said.get(UnderstoodKind.CITY, "")
    quarter = question.quarter[0] if question.quarter else said.get(UnderstoodKind.QUARTER, "")
    known = snapshot()
    towns = [town.slug for row in known.quarters.get(quarter, ()) if (town := known.cities_by_id.get(row.city_id))]
    if towns and (not city or city in towns):
        return Where(city or towns[0], quarter, category)
    return Where(city, "", category)


def _sorts(question: Question) -> list[Option]:
    words = {"relevance": _("Pertinence"), "distance": _("Distance"), "newest": _("Plus récentes")}
    return [Option(label, value, question.sort == value) for value, label in words.items() if value != "distance" or question.point]


def _plan_names(city: str, quarters: Sequence[Option]) -> list[PlanName]:
    """Names of a town's quarters for the plan, those with most entries first."""
    order = {quarter.label: number for number, quarter in enumerate(quarters)}
    positions = sorted(selectors.quarter_positions(city), key=lambda position: order.get(position[0], len(order)))
    return [PlanName(lat=lat, lng=lng, name=name) for name, lat, lng in positions]


def _fields(question: Question, names: set[str] | None) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in question.pairs() if names is None or name in names]


def _intro(question: Question, facets: Facets, language: str) -> str:
    """A sentence of its own for each landing page, from what it holds."""
    if not question.landing_url() or question.page > 1:
        return ""
    if question.category and not question.city:
        node = selectors.find_node(selectors.category_tree(language), question.category[0])
        return node.description if node else ""
    if question.category:
        names = [quarter.label for quarter in quarters(question, facets) if not quarter.is_on][:NAMED_MAX]
        return _("surtout à %(names)s") % {"names": ", ".join(names)} if names and not question.quarter else ""
    names = [category.label for category in categories(question, facets)][:NAMED_MAX]
    return _("surtout : %(names)s") % {"names": ", ".join(names)} if names else ""


def _related(question: Question, facets: Facets, language: str) -> list[Related]:
    """Pages near a landing page, so that no page is a dead end."""
    if not question.landing_url():
        return []
    groups: list[Related] = []
    if question.category and question.city:
        near = [Link(quarter.label, question.url(quarter=(quarter.value,))) for quarter in quarters(question, facets) if not quarter.is_on]
        groups.append(Related(_("Par quartier"), near[:LINKS_MAX]))
    else:
        node = selectors.find_node(selectors.category_tree(language), question.category[0]) if question.category else None
        if node is not None:
            below = [Link(child.name, question.url(category=(child.slug,))) for child in node.children if child.count]
            groups.append(Related(_("Plus précisément"), below[:LINKS_MAX]))
        if not question.city:
            links = [Link(town.label, question.url(region="", city=town.value)) for town in towns(question, facets)]
            groups.append(Related(_("Par ville"), links[:LINKS_MAX]))
    others = [
        Link(other.label, question.url(quarter=(), category=(other.value,))) for other in categories(question, facets) if not other.is_on
    ]
    if question.city or question.region:
        groups.append(Related(_("Autres catégories au même endroit"), others[:LINKS_MAX]))
    return [group for group in groups if group.links]


def _pages(question: Question, last: int) -> list[PageLink]:
    """First, last, and two on each side of the current one."""
    if last <= 1:
        return []
    shown = sorted({1, last, *range(max(question.page - 2, 1), min(question.page + 2, last) + 1)})
    links: list[PageLink] = []
    before = 0
    for number in shown:
        if number - before > 1:
            links.append(PageLink(None))
        links.append(PageLink(number, question.url(page=number), number == question.page))
        before = number
    return links
