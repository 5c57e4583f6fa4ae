"""What the search fields and filters offer. Counts are kept in this process for half a minute: they need not be newer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import ngettext

from apps.catalog import selectors
from apps.catalog.selectors.reference import snapshot
from apps.core.numbers import group_thousands
from apps.core.process_cache import ProcessCache

CATEGORIES_MAX = 24
PLACES_MAX = 20
FACET_MAX = 30
FACET_LIVE_S = 30

_facets: ProcessCache[list[selectors.Facet]] = ProcessCache(maxsize=512, ttl_s=lambda: FACET_LIVE_S)


def listings_words(count: int) -> str:
    """`12 480 fiches`."""
    return ngettext("%(shown)s fiche", "%(shown)s fiches", count) % {"shown": group_thousands(count)}


def suggestions(language: str) -> list[dict[str, str]]:
    """The fullest categories, most entries first."""
    nodes = sorted(_leaves(selectors.category_tree(language)), key=lambda node: (-node.count, node.slug))
    return [{"value": node.name, "label": listings_words(node.count)} for node in nodes[:CATEGORIES_MAX]]


def places(language: str) -> list[dict[str, str]]:
    """The fullest towns, most entries first."""
    towns = selectors.catalogue_counts(language).cities
    return [{"value": town.name, "label": listings_words(town.count)} for town in towns[:PLACES_MAX] if town.count]


def _leaves(nodes: Iterable[selectors.CategoryNode]) -> Iterable[selectors.CategoryNode]:
    for node in nodes:
        if node.children:
            yield from _leaves(node.children)
        elif node.count:
            yield node


def category_choices(chosen: selectors.CardFilter, language: str) -> list[selectors.Facet]:
    """Categories of what the rest of a filter finds."""
    return _kept("category", chosen, language, lambda: selectors.category_facet(chosen, language=language, limit=FACET_MAX))


def quarter_choices(chosen: selectors.CardFilter, language: str) -> list[selectors.Facet]:
    """Quarters of what the rest of a filter finds."""
    return _kept("quarter", chosen, language, lambda: selectors.quarter_facet(chosen, language=language, limit=FACET_MAX))


def city_choices(chosen: selectors.CardFilter, language: str) -> list[selectors.Facet]:
    """Towns of what the rest of a filter finds; within its region when it has one."""

    def count() -> list[selectors.Facet]:
        known = {row.number: row for row in snapshot().cities.values()}
        counts = selectors.facet_counts(chosen, "city_number", language=language)
        rows = [(known[int(number)], count) for number, count in counts if int(number) in known]
        return [selectors.Facet(row.slug, row.name_in(language), count) for row, count in rows[:FACET_MAX]]

    return _kept("city", chosen, language, count)


def _kept(what: str, chosen: selectors.CardFilter, language: str, count: Callable[[], list[selectors.Facet]]) -> list[selectors.Facet]:
    known = _facets.get((what, chosen, language))
    return _facets.set((what, chosen, language), count()) if known is None else known
