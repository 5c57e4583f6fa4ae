"""What a list is asked to hold."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.catalog.choices import ListingPlan
from apps.catalog.selectors.reference import find_category, find_city, find_quarters, find_region

PLAN_RANKS = {ListingPlan.FREE.value: 0, ListingPlan.PREMIUM.value: 1, ListingPlan.FEATURED.value: 2}
BoundingBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CardFilter:
    """Conditions on cards, all of which hold. None is no condition; an empty tuple is one that nothing meets.

    Places and categories are short keys, alternatives of each other. `has` is a conjunction of alternatives.
    `bbox` is (west, south, east, north) in degrees. `open_now` is decided in Python from the packed hours.
    `created_from` and `created_until` are moments in ISO 8601, both included.
    """

    categories: tuple[int, ...] | None = None
    cities: tuple[int, ...] | None = None
    quarters: tuple[uuid.UUID, ...] | None = None
    resource_types: tuple[str, ...] | None = None
    plan_ranks: tuple[int, ...] | None = None
    verified: bool | None = None
    has: tuple[tuple[str, ...], ...] = ()
    bbox: BoundingBox | None = None
    open_now: bool = False
    created_from: str | None = None
    created_until: str | None = None

    @property
    def is_impossible(self) -> bool:
        """Whether nothing can meet it, so that nobody need ask."""
        return () in (self.categories, self.cities, self.quarters, self.resource_types, self.plan_ranks)

    @property
    def has_type_order(self) -> bool:
        """Whether the type alone chooses the index to walk."""
        is_single = self.resource_types is not None and len(self.resource_types) == 1
        return is_single and self.categories is None and self.cities is None and self.quarters is None


def card_filter(
    *,
    category: str | Sequence[str] | None = None,
    city: str | Sequence[str] | None = None,
    quarter: str | Sequence[str] | None = None,
    region: str | Sequence[str] | None = None,
    resource_type: str | Sequence[str] | None = None,
    plan: str | Sequence[str] | None = None,
    verified: bool | None = None,
    open_now: bool | None = False,
    has: Iterable[str | Sequence[str]] = (),
    bbox: BoundingBox | None = None,
    created_from: dt.datetime | None = None,
    created_until: dt.datetime | None = None,
) -> CardFilter:
    """The filter of slugs and words; a comma separates alternatives, empty is no condition.

    A category holds its descendants, a region its towns. A quarter is one of the given towns, of any when none is given.

    :raises UnknownSlug: a slug that nothing has; `suggestions` on it are near ones.
    """
    city_rows = [find_city(slug) for slug in _parts(city)]
    cities = tuple(dict.fromkeys(row.number for row in city_rows)) if city_rows else None
    region_rows = [find_region(slug) for slug in _parts(region)]
    if region_rows:
        within = {number for row in region_rows for number in row.city_numbers}
        cities = tuple(sorted(within)) if cities is None else tuple(number for number in cities if number in within)
    numbers = dict.fromkeys(number for slug in _parts(category) for number in find_category(slug).numbers)
    towns = {row.id for row in city_rows}
    quarters = tuple(row.id for slug in _parts(quarter) for row in find_quarters(slug, towns))
    return CardFilter(
        categories=tuple(numbers) or None,
        cities=cities,
        quarters=quarters or None,
        resource_types=tuple(_parts(resource_type)) or None,
        plan_ranks=tuple(PLAN_RANKS[value] for value in _parts(plan)) or None,
        verified=verified,
        has=tuple(tuple(parts) for group in has if (parts := _parts(group))),
        bbox=bbox,
        open_now=bool(open_now),
        created_from=created_from.isoformat() if created_from else None,
        created_until=created_until.isoformat() if created_until else None,
    )


def _parts(value: str | Sequence[str] | None) -> list[str]:
    """Alternatives, each once, in a fixed order: the same question is the same filter."""
    words = value.split(",") if isinstance(value, str) else value or ()
    return sorted({word.strip() for word in words if word.strip()})
