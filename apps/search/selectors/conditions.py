"""Filters as an engine reads them, and back to the parameters that people gave."""

from __future__ import annotations

from apps.catalog import selectors as catalog
from apps.catalog.selectors.reference import snapshot
from apps.search.backends.base import Circle, Filters


def engine_filters(chosen: catalog.CardFilter, *, circle: Circle | None, schedules: tuple[int, ...] | None) -> Filters:
    """The filter of a question. :param schedules: those that are open, None when nobody asks for what is open."""
    return Filters(
        categories=chosen.categories, cities=chosen.cities, quarters=chosen.quarters, resource_types=chosen.resource_types,
        plan_ranks=chosen.plan_ranks, verified=chosen.verified, has=chosen.has, schedules=schedules, bbox=chosen.bbox, circle=circle,
    )  # fmt: skip


def chosen_categories(chosen: catalog.CardFilter) -> list[str]:
    """Slugs of the chosen categories: the widest whose entries are all wanted."""
    wanted = set(chosen.categories or ())
    rows = [row for row in snapshot().categories.values() if wanted and wanted.issuperset(row.numbers)]
    within = {row.id for row in rows}
    return [row.slug for row in rows if row.parent_id not in within]


def chosen_places(chosen: catalog.CardFilter) -> tuple[str, list[str]]:
    """`region` and its slug when the chosen towns are those of one, else `city` and the slugs of the towns."""
    wanted = chosen.cities or ()
    known = snapshot()
    if len(wanted) != 1:
        for region in known.regions.values():
            if wanted and set(region.city_numbers) == set(wanted):
                return "region", [region.slug]
    return "city", [row.slug for row in known.cities.values() if row.number in wanted]


def chosen_quarters(chosen: catalog.CardFilter) -> list[str]:
    """Slugs of the chosen quarters, each once."""
    wanted = set(chosen.quarters or ())
    return [slug for slug, rows in snapshot().quarters.items() if any(row.id in wanted for row in rows)] if wanted else []
