"""What narrows a question or widens it: boxes to tick, chips to take off, ways out of an empty answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute
from apps.catalog.selectors.reference import snapshot
from apps.core.numbers import group_thousands
from apps.search.questions import FacetOption, SearchAnswer, Understood, WayOut
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
    on = [name for name in ("type", "category", "quarter", "city", "region", "open_now", "verified", "bbox") if getattr(question, name)]
    found += [Link(_label(question, name, language), question.url(**without(name))) for name in on]
    found += [Link(str(Attribute(value).label), question.url(has=_others(question.has, value))) for value in question.has]
    if question.point:
        found.append(Link(_("Près de vous"), question.url(lat="", lng="", sort="relevance")))
    return found


def without(name: str) -> dict[str, Any]:
    """The members of a question that take a condition off: a town goes with its quarter."""
    return {"city": "", "quarter": ""} if name == "city" else {name: type(getattr(Question(), name))()}


def _others(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _label(question: Question, name: str, language: str) -> str:
    """A condition of the question in words."""
    place = {"city": question.city}
    if name == "quarter":
        found = selectors.place_name(**place, quarter=question.quarter, language=language).split(",")[0]
        return found or question.quarter
    if name == "city":
        return selectors.place_name(**place, language=language) or question.city
    if name == "region":
        return selectors.place_name(region=question.region, language=language) or question.region
    if name == "category":
        return selectors.category_name(question.category, language) or question.category
    words = {"open_now": _("Ouvert maintenant"), "verified": _("Fiche vérifiée"), "bbox": _("Zone de la carte")}
    return type_title(question.type) if name == "type" else words.get(name) or getattr(question, name)


def categories(facets: Facets) -> list[Option]:
    """The categories to choose from: the narrowest, for the wider ones hold them."""
    known = snapshot().categories
    own = [one for one in facets.get("category", ()) if one.is_chosen or (one.value in known and len(known[one.value].numbers) == 1)]
    return _options(own)


def quarters(question: Question, facets: Facets) -> list[Option]:
    """Quarters of the chosen town."""
    return _options(facets.get("quarter", ())) if question.city else []


def towns(question: Question, facets: Facets) -> list[Option]:
    """Towns to choose from, of the chosen region when there is one."""
    known = snapshot()
    region = known.regions.get(question.region)
    return _options([one for one in facets.get("city", ()) if region is None or known.cities[one.value].number in region.city_numbers])


def _options(found: Sequence[FacetOption]) -> list[Option]:
    return [Option(one.name, one.value, one.is_chosen, one.count) for one in found[:FACET_MAX]]


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
    groups += _radios(question, "category", _("Catégorie"), _("Toutes les catégories"), categories(facets), language)
    if question.city:
        groups += _radios(question, "quarter", _("Quartier"), _("Tous les quartiers"), quarters(question, facets), language)
    else:
        groups += _radios(question, "city", _("Ville"), _("Toutes les villes"), towns(question, facets), language)
    traits = [Option(str(one.label), one.value, one.value in question.has, count("has", one.value)) for one in OFFERED_ATTRIBUTES]
    return [*groups, Group(_("Sur place"), "has", "checkbox", traits)]


def _radios(question: Question, name: str, legend: str, all_label: str, options: list[Option], language: str) -> list[Group]:
    """A group to choose one of, with "all" first; nothing when there is nothing to choose."""
    value = getattr(question, name)
    if value and not any(option.is_on for option in options):
        options = [Option(_label(question, name, language), value, is_on=True), *options]
    if not options:
        return []
    options = sorted(options, key=lambda option: not option.is_on)
    return [Group(legend, name, "radio", [Option(all_label, "", not value), *options[:FACET_SHOWN]], options[FACET_SHOWN:])]


def ways_out(question: Question, answer: SearchAnswer, language: str) -> list[Link]:
    """Wider questions that have results, nearest first, and everything as the last resort."""
    first = [Link(_("Première page"), question.url())] if question.page > 1 and answer.total else []
    wider = (_wider(question, way, answer.understood, language) for way in answer.ways_out)
    ways = [*first, *(link for link in wider if link)][:WAYS_MAX]
    everything = reverse("web:search")
    return ways if any(way.url == everything for way in ways) else [*ways, Link(_("Toutes les fiches"), everything)]


def _wider(question: Question, way: WayOut, understood: Sequence[Understood], language: str) -> Link | None:
    """A way out as a link; None when the page has no such condition to take off."""
    said = next((part for part in understood if part.kind == way.drop), None)
    if way.drop == "has":
        label, url = str(Attribute(way.value).label), question.url(has=_others(question.has, way.value))
    elif getattr(question, way.drop, ""):
        label, url = _label(question, way.drop, language), question.url(**without(way.drop))
    elif said:
        label, url = said.name, question.url(q=said.without)
    else:
        return None
    return Link(_("Sans « %(what)s » (%(count)s)") % {"what": label, "count": group_thousands(way.count)}, url)
