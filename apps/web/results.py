"""What a page of results shows, from what its address asks: one value object that the templates read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute
from apps.search import selectors as search
from apps.web.listings import as_listings, plan_points
from apps.web.lookups import category_choices, city_choices, quarter_choices
from apps.web.maps import Plan, PlanName, build_plan, plan_detail
from apps.web.questions import PAGES_MAX, Question

PAGE_SIZE = 20
COUNT_MAX = 1000
FACET_SHOWN = 6
NAMED_MAX = 3
LINKS_MAX = 10
# Filters a results page offers as boxes to tick; the API knows more.
OFFERED_ATTRIBUTES = (
    Attribute.MOBILE_MONEY, Attribute.DELIVERY, Attribute.PARKING, Attribute.WIFI, Attribute.ACCESSIBLE, Attribute.GENERATOR,
)  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One box, round button or order of the filter form. `count` is None when it is not counted."""

    label: str
    value: str
    is_on: bool = False
    count: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Group:
    """A titled group of the filter form; `rest` folds out."""

    legend: str
    name: str
    kind: str
    options: Sequence[Option]
    rest: Sequence[Option] = ()


@dataclass(frozen=True)
class Link:
    """A chip, a way out or a related page. `count` is None when it is not counted."""

    label: str
    url: str
    count: int | None = None


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
    """Everything that templates/web/results.html shows."""

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
    intro: str = ""
    related: Sequence[Related] = field(default_factory=list)
    previous_url: str = ""
    next_url: str = ""
    ways_out: Sequence[Link] = field(default_factory=list)


def find_results(question: Question, *, language: str, at: dt.datetime) -> Results:
    """Run the question; a slug or place that nobody knows gives no listing and the ways out."""
    filters, question = _filters(question)
    found = search.FoundCards([], 0, [])
    if filters is not None:
        found = search.find_cards(
            filters,
            text=question.q,
            sort=question.sort,
            language=language,
            at=at,
            limit=PAGE_SIZE,
            offset=(question.page - 1) * PAGE_SIZE,
            count_max=COUNT_MAX,
        )
    count = found.count
    listings = as_listings(found.cards, at=at, first_number=1)
    points = plan_points(listings)
    is_exact = count <= COUNT_MAX
    last_page = -(-count // PAGE_SIZE) if is_exact else PAGES_MAX
    categories, quarters = _facets(question, filters, found, language)
    names = _plan_names(question.city, quarters)
    return Results(
        question=question,
        title=title_of(question, language),
        listings=listings,
        count=min(count, COUNT_MAX),
        is_count_exact=is_exact,
        plan=build_plan(points, names),
        plan_detail=plan_detail(points, names) if points else None,
        chips=_chips(question, language),
        groups=_groups(question, categories, quarters, language),
        kept=_fields(question, {"q", "location", "city", "region", "sort"}),
        sorts=[
            Option(label, value, question.sort == value)
            for value, label in (("relevance", _("Pertinence")), ("newest", _("Plus récentes")))
        ],
        sort_kept=[pair for pair in _fields(question, None) if pair["name"] not in {"sort", "page"}],
        pages=_pages(question, last_page),
        clear_url=replace(question, type="", category="", quarter="", open_now=False, verified=False, has=()).url(),
        previous_url=question.url(page=question.page - 1) if question.page > 1 else "",
        next_url=question.url(page=question.page + 1) if len(found.cards) == PAGE_SIZE and question.page < last_page else "",
        ways_out=_ways_out(question, language, at) if not listings else [],
        intro=_intro(question, categories, quarters, language),
        related=_related(question, filters, categories, quarters, language),
    )


def _plan_names(city: str, quarters: Sequence[Option]) -> list[PlanName]:
    """Names of a town's quarters for the plan, those with most entries first."""
    order = {quarter.label: number for number, quarter in enumerate(quarters)}
    positions = sorted(selectors.quarter_positions(city), key=lambda position: order.get(position[0], len(order)))
    return [PlanName(lat=lat, lng=lng, name=name) for name, lat, lng in positions]


def _filters(question: Question) -> tuple[selectors.CardFilter | None, Question]:
    """The filter of a question, None when it names something that nobody knows."""
    if question.unknown:
        return None, question
    try:
        return selectors.card_filter(
            category=question.category, city=question.city, quarter=question.quarter, region=question.region,
            resource_type=question.type, verified=question.verified or None, open_now=question.open_now, has=question.has,
        ), question  # fmt: skip
    except selectors.UnknownSlug as error:
        return None, replace(question, unknown=(error.value,))


def _fields(question: Question, names: set[str] | None) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in question.pairs() if names is None or name in names]


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(item for item in values if item != value) if value in values else (*values, value)


def title_of(question: Question, language: str) -> str:
    """The heading: what, and where."""
    types = {
        "": _("Toutes les fiches"), "business": _("Entreprises"), "service": _("Services"), "data": _("Jeux de données"), "api": _("API"),
    }  # fmt: skip
    category = selectors.category_name(question.category, language) if question.category else ""
    what = category or (_("« %(q)s »") % {"q": question.q} if question.q else types[question.type])
    if question.city:
        where = selectors.place_name(city=question.city, quarter=question.quarter, language=language)
        return _("%(what)s à %(where)s") % {"what": what, "where": where} if where else what
    if question.region:
        where = selectors.place_name(region=question.region, language=language)
        return _("%(what)s en région %(where)s") % {"what": what, "where": where} if where else what
    return what


def _chips(question: Question, language: str) -> list[Link]:
    """Each filter that is on, with the address that takes it off."""
    chips = []
    if question.type:
        chips.append(Link(title_of(Question(type=question.type), language), question.url(type="")))
    if question.category:
        chips.append(Link(selectors.category_name(question.category, language) or question.category, question.url(category="")))
    if question.quarter:
        name = selectors.place_name(city=question.city, quarter=question.quarter, language=language).split(",")[0]
        chips.append(Link(name or question.quarter, question.url(quarter="")))
    if question.city:
        name = selectors.place_name(city=question.city, language=language)
        chips.append(Link(name or question.city, question.url(city="", quarter="")))
    if question.region:
        name = selectors.place_name(region=question.region, language=language)
        chips.append(Link(name or question.region, question.url(region="")))
    if question.open_now:
        chips.append(Link(_("Ouvert maintenant"), question.url(open_now=False)))
    if question.verified:
        chips.append(Link(_("Fiche vérifiée"), question.url(verified=False)))
    chips += [Link(str(Attribute(value).label), question.url(has=_toggled(question.has, value))) for value in question.has]
    return chips


def _facets(
    question: Question, filters: selectors.CardFilter | None, found: search.FoundCards, language: str
) -> tuple[list[Option], list[Option]]:
    """Categories and quarters that narrow the question, with what each would leave."""
    if filters is None:
        return [], []
    if found.matches is None:
        categories, quarters = category_choices(filters, language), []
        if question.city:
            quarters = quarter_choices(filters, language)
    else:
        # What matches the words has been found within the chosen category and quarter, so only the others can be offered.
        categories, quarters = search.count_matches(found.matches, language=language)
    return (
        [Option(facet.name, facet.slug, facet.slug == question.category, facet.count) for facet in categories],
        [Option(facet.name, facet.slug, facet.slug == question.quarter, facet.count) for facet in quarters],
    )


def _intro(question: Question, categories: list[Option], quarters: list[Option], language: str) -> str:
    """A sentence of its own for each landing page, from what it holds."""
    if not question.landing_url() or question.page > 1:
        return ""
    if question.category and not question.city:
        node = selectors.find_node(selectors.category_tree(language), question.category)
        return node.description if node else ""
    if question.category:
        names = [quarter.label for quarter in quarters if not quarter.is_on][:NAMED_MAX]
        return _("surtout à %(names)s") % {"names": ", ".join(names)} if names and not question.quarter else ""
    names = [category.label for category in categories][:NAMED_MAX]
    return _("surtout : %(names)s") % {"names": ", ".join(names)} if names else ""


def _related(
    question: Question, filters: selectors.CardFilter | None, categories: list[Option], quarters: list[Option], language: str
) -> list[Related]:
    """Pages near a landing page, so that no page is a dead end."""
    if filters is None or not question.landing_url():
        return []
    groups: list[Related] = []
    if question.category and question.city:
        near = [Link(quarter.label, question.url(quarter=quarter.value)) for quarter in quarters if not quarter.is_on]
        groups.append(Related(_("Par quartier"), near[:LINKS_MAX]))
    else:
        node = selectors.find_node(selectors.category_tree(language), question.category) if question.category else None
        if node is not None:
            below = [Link(child.name, question.url(category=child.slug)) for child in node.children if child.count]
            groups.append(Related(_("Plus précisément"), below[:LINKS_MAX]))
        towns = city_choices(replace(filters, cities=None) if not question.region else filters, language)
        if not question.city:
            links = [Link(town.name, question.url(region="", city=town.slug)) for town in towns]
            groups.append(Related(_("Par ville"), links[:LINKS_MAX]))
    others = [Link(other.label, question.url(quarter="", category=other.value)) for other in categories if not other.is_on]
    if question.city or question.region:
        groups.append(Related(_("Autres catégories au même endroit"), others[:LINKS_MAX]))
    return [group for group in groups if group.links]


def _groups(question: Question, categories: list[Option], quarters: list[Option], language: str) -> list[Group]:
    """The filter form."""
    groups = [
        Group(
            _("Disponibilité"), "open_now", "checkbox",
            [
                Option(_("Ouvert maintenant"), "1", question.open_now),
                Option(_("Fiche vérifiée"), "1", question.verified, name="verified"),
            ],
        ),
        Group(
            _("Type"), "type", "radio",
            [
                Option(label, value, question.type == value)
                for value, label in (
                    ("", _("Tout")), ("business", _("Entreprises")), ("service", _("Services")), ("data", _("Jeux de données")),
                    ("api", _("API")),
                )
            ],
        ),
    ]  # fmt: skip
    category = Option(selectors.category_name(question.category, language) or question.category, question.category, is_on=True)
    groups += _radios(_("Catégorie"), "category", _("Toutes les catégories"), categories, category)
    if question.city:
        name = selectors.place_name(city=question.city, quarter=question.quarter, language=language).split(",")[0]
        quarter = Option(name or question.quarter, question.quarter, is_on=True)
        groups += _radios(_("Quartier"), "quarter", _("Tous les quartiers"), quarters, quarter)
    traits = [Option(str(trait.label), trait.value, trait.value in question.has) for trait in OFFERED_ATTRIBUTES]
    return [*groups, Group(_("Sur place"), "has", "checkbox", traits)]


def _radios(legend: str, name: str, all_label: str, options: list[Option], chosen: Option) -> list[Group]:
    """A group to choose one of, with "all" first; nothing when there is nothing to choose."""
    if chosen.value and not any(option.is_on for option in options):
        options = [chosen, *options]
    if not options:
        return []
    options = sorted(options, key=lambda option: not option.is_on)
    return [Group(legend, name, "radio", [Option(all_label, "", not chosen.value), *options[:FACET_SHOWN]], options[FACET_SHOWN:])]


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


def _ways_out(question: Question, language: str, at: dt.datetime) -> list[Link]:
    """Wider questions that have results, nearest first; the last one always has some."""
    wider: list[tuple[object, dict[str, Any]]] = [
        (question.page > 1, {}),
        (question.open_now or question.verified or question.has, {"open_now": False, "verified": False, "has": ()}),
        (question.quarter, {"quarter": ""}),
        (question.category and question.q, {"q": ""}),
        (question.type, {"type": ""}),
        (question.city or question.region or question.unknown, {"location": "", "city": "", "quarter": "", "region": ""}),
        (question.q and (question.city or question.region), {"q": "", "category": ""}),
    ]
    links: dict[str, Link] = {}
    for is_possible, changes in wider:
        wide: dict[str, Any] = {"page": 1, "unknown": (), **changes}
        asked = replace(question, **wide)
        if is_possible and _counts(asked, language, at):
            links.setdefault(asked.url(), Link(title_of(asked, language), asked.url()))
    everything = Link(_("Toutes les fiches"), reverse("web:search"))
    return [*list(links.values())[:3], *([] if everything.url in links else [everything])]


def _counts(question: Question, language: str, at: dt.datetime) -> int:
    """Whether a question has results."""
    filters, question = _filters(question)
    if filters is None:
        return 0
    return search.find_cards(filters, text=question.q, sort=question.sort, language=language, at=at, limit=1, offset=0, count_max=1).count
