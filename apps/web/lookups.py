"""What the search fields offer before anything is typed."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import ngettext

from apps.catalog import selectors
from apps.core.numbers import group_thousands

CATEGORIES_MAX = 24
PLACES_MAX = 20


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
