"""What narrows a question or widens it: boxes to tick, chips to take off, ways out of an empty answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute
from apps.catalog.selectors.reference import CategoryRow, snapshot
from apps.core.numbers import group_thousands
from apps.search.questions import Dropped, FacetOption, SearchAnswer, Understood, WayOut
from apps.web.questions import Question, type_title

FACETS = ("category", "city", "quarter", "type", "verified", "has")
FACET_SHOWN, FACET_MAX = 6, 30
WAYS_MAX = 3
# Filters a results page offers as boxes to tick; the API knows more.
OFFERED_ATTRIBUTES = (
    Attribute.MOBILE_MONEY, Attribute.DELIVERY, Attribute.PARKING, Attribute.WIFI, Attribute.ACCESSIBLE, Attribute.GENERATOR,
)  # fmt: skip
Facets = Mapping[str, Sequence[FacetOption]]


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
    """A chip, a way out or a related page. `is_said`: it stands in the typed words, not in a box."""

    label: str
    url: str
    is_said: bool = False


def chips(question: Question, understood: Sequence[Understood], language: str) -> list[Link]:
    """Each part of the words that was understood and each filter that is on, with the address that takes it off."""
    found = [Link(part.name, question.url(q=part.without), is_said=True) for part in understood]
    for name in ("type", "category", "location", "quarter", "city", "region", "open_now", "verified", "bbox", "has"):
        value = getattr(question, name)
        values = value if isinstance(value, tuple) else [str(value)] if value else []
        found += [Link(_label(question, name, one, language), question.url(**without(question, name, one))) for one in values]
    if question.point:
        found.append(Link(_("Près de vous"), question.url(lat="", lng="", sort="relevance")))
    return found


def without(question: Question, name: str, value: str = "") -> dict[str, Any]:
    """The members of a question that take a condition off: of alternatives `value` alone, and a town goes with its quarters.

    :param value: one alternative, or several that a comma separates.
    """
    if name == "city":
        return {"city": "", "quarter": ()}
    given = getattr(question, name)
    taken = str(value).split(",")
    return {name: tuple(other for other in given if other not in taken) if isinstance(given, tuple) else type(given)()}


def _label(question: Question, name: str, value: str, language: str) -> str:
    """A condition of the question in words. `value` is one of its alternatives."""
    words: dict[str, Callable[[], str]] = {
        "category": lambda: selectors.category_name(value, language),
        "quarter": lambda: selectors.place_name(city=question.city, quarter=value, language=language).split(",")[0],
        "city": lambda: selectors.place_name(city=value, language=language),
        "region": lambda: selectors.place_name(region=value, language=language),
        "type": lambda: type_title(value),
        "has": lambda: str(Attribute(value).label),
        "open_now": lambda: _("Ouvert maintenant"),
        "verified": lambda: _("Fiche vérifiée"),
        "bbox": lambda: _("Zone de la carte"),
    }
    return (words[name]() if name in words else "") or value


def categories(question: Question, facets: Facets) -> list[Option]:
    """The categories to choose from: the narrowest, for the wider ones hold them."""
    known = snapshot().categories
    own = [one for one in facets.get("category", ()) if one.value in question.category or _is_narrow(known.get(one.value))]
    return _options(own, question.category)


def _is_narrow(category: CategoryRow | None) -> bool:
    return category is not None and len(category.numbers) == 1


def quarters(question: Question, facets: Facets) -> list[Option]:
    """Quarters of the chosen town."""
    return _options(facets.get("quarter", ()), question.quarter) if question.city else []


def towns(question: Question, facets: Facets) -> list[Option]:
    """Towns to choose from, of the chosen region when there is one."""
    known = snapshot()
    region = known.regions.get(question.region)
    own = [one for one in facets.get("city", ()) if region is None or known.cities[one.value].number in region.city_numbers]
    return _options(own, (question.city,))


def _options(found: Sequence[FacetOption], chosen: Sequence[str]) -> list[Option]:
    """The first options, and those that are chosen however few hits they have."""
    options = [Option(one.name, one.value, one.value in chosen, one.count) for one in found]
    return [option for number, option in enumerate(options) if option.is_on or number < FACET_MAX]


def filter_groups(question: Question, facets: Facets, language: str) -> list[Group]:
    """The filter form."""
    counts = {name: {one.value: one.count for one in options} for name, options in facets.items()}

    def count(facet: str, value: str) -> int | None:
        return counts[facet].get(value, 0) if facet in counts else None

    verified = Option(_("Fiche vérifiée"), "1", question.verified, count("verified", "true"), name="verified")
    types = [Option(_("Tout"), "", not question.type)]
    types += [Option(type_title(kind), kind, question.type == kind, count("type", kind)) for kind in ("business", "service", "data", "api")]
    groups = [
        Group(_("Disponibilité"), "open_now", "checkbox", [Option(_("Ouvert maintenant"), "1", question.open_now), verified]),
        Group(_("Type"), "type", "radio", types),
    ]
    groups += _choices(question, "category", _("Catégorie"), categories(question, facets), language)
    if question.city:
        groups += _choices(question, "quarter", _("Quartier"), quarters(question, facets), language)
    else:
        groups += _choices(question, "city", _("Ville"), towns(question, facets), language, all_label=_("Toutes les villes"))
    traits = [Option(str(one.label), one.value, one.value in question.has, count("has", one.value)) for one in OFFERED_ATTRIBUTES]
    return [*groups, Group(_("Sur place"), "has", "checkbox", traits)]


def _choices(question: Question, name: str, legend: str, options: list[Option], language: str, *, all_label: str = "") -> list[Group]:
    """A group to tick several of, or to choose one of with `all_label` first; nothing when there is nothing to choose.

    What is chosen stands first, also when nothing has it: it must be possible to take it off.
    """
    value = getattr(question, name)
    chosen = value if isinstance(value, tuple) else [value] if value else []
    listed = {option.value for option in options}
    options += [Option(_label(question, name, slug, language), slug, is_on=True) for slug in chosen if slug not in listed]
    if not options:
        return []
    options = sorted(options, key=lambda option: not option.is_on)
    shown = max(FACET_SHOWN, len(chosen))
    first = [Option(all_label, "", not value)] if all_label else []
    return [Group(legend, name, "radio" if all_label else "checkbox", [*first, *options[:shown]], options[shown:])]


def ways_out(question: Question, answer: SearchAnswer, language: str) -> list[Link]:
    """Wider questions that have results, nearest first, and everything as the last resort."""
    first = [Link(_("Première page"), question.url())] if question.page > 1 and answer.total else []
    wider = (_wider(question, way, answer.understood, language) for way in answer.ways_out)
    ways = [*first, *(link for link in wider if link)][:WAYS_MAX]
    everything = reverse("web:search")
    return ways if any(way.url == everything for way in ways) else [*ways, Link(_("Toutes les fiches"), everything)]


def _wider(question: Question, way: WayOut, understood: Sequence[Understood], language: str) -> Link | None:
    """A way out as a link; None when the page has no such condition to take off."""
    wide, labels = question, list[str]()
    given_up: list[WayOut | Dropped] = [way, *way.also]
    for one in given_up:
        said = next((part for part in understood if part.kind == one.drop), None)
        if values := _dropped(wide, one):
            labels += [_label(question, one.drop, value, language) for value in values]
            wide = replace(wide, **without(wide, one.drop, ",".join(values)))
        elif said and wide.q == question.q:
            labels.append(said.name)
            wide = replace(wide, q=said.without)
        else:
            return None
    return Link(_("Sans « %(what)s » (%(count)s)") % {"what": ", ".join(labels), "count": group_thousands(way.count)}, wide.url())


def _dropped(question: Question, way: WayOut | Dropped) -> list[str]:
    """The values of the page's condition that a way takes off: all of them, unless it names some."""
    given = getattr(question, way.drop, "")
    if not isinstance(given, tuple):
        return [str(given)] if given else []
    return [value for value in given if value in way.value.split(",")] or list(given)
