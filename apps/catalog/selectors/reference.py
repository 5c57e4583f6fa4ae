"""Categories and places by slug and name, from a snapshot that each process renews every half minute."""

from __future__ import annotations

import datetime as dt
import difflib
import uuid
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.catalog.gazetteer import fold
from apps.catalog.models import Category, City, Quarter, Region
from apps.core.exceptions import DomainError
from apps.core.process_cache import ProcessCache

# A slug that the snapshot lacks may be new: look again, but not more often than this.
_RELOAD_AFTER_S = 2.0
_SUGGESTIONS = 3

T = TypeVar("T")

_cache: ProcessCache[Snapshot] = ProcessCache(maxsize=1, ttl_s=lambda: 30)


class UnknownSlug(DomainError):
    """A filter names a category or place that does not exist. `suggestions` are the nearest slugs."""

    code = "invalid_parameter"
    status = 400
    title = _("Paramètre non valide")

    def __init__(self, parameter: str, value: str, suggestions: list[str]) -> None:
        detail = _("« %(value)s » n’existe pas pour « %(parameter)s ».") % {"value": value[:100], "parameter": parameter}
        super().__init__(detail, errors=[{"parameter": parameter, "detail": str(detail)}], suggestions=suggestions)
        self.parameter, self.value, self.suggestions = parameter, value, suggestions


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    name_fr: str
    name_en: str

    def name_in(self, language: str) -> str:
        """The name in `fr` or `en`."""
        return self.name_en if language.startswith("en") else self.name_fr


@dataclass(frozen=True, slots=True)
class CategoryRow(Named):
    """An active category. `numbers` are its own and its descendants' short keys."""

    id: uuid.UUID
    number: int
    slug: str
    parent_id: uuid.UUID | None
    description_fr: str
    description_en: str
    icon: str
    schema_type: str
    aliases: tuple[str, ...]
    created_at: dt.datetime
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionRow(Named):
    """A region with the short keys of its towns."""

    id: uuid.UUID
    slug: str
    city_numbers: tuple[int, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CityRow(Named):
    """A town."""

    id: uuid.UUID
    number: int
    slug: str
    region_id: uuid.UUID
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """A quarter of a town."""

    id: uuid.UUID
    slug: str
    name: str
    city_id: uuid.UUID
    latitude: float | None
    longitude: float | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What a typed place means, as slugs; empty where it says nothing."""

    region: str = ""
    city: str = ""
    quarter: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Everything at one moment. Slugs of quarters are unique within their town only; those of one slug stand largest town first."""

    categories: Mapping[str, CategoryRow]
    regions: Mapping[str, RegionRow]
    cities: Mapping[str, CityRow]
    quarters: Mapping[str, tuple[QuarterRow, ...]]
    by_number: Mapping[int, CategoryRow]
    cities_by_id: Mapping[uuid.UUID, CityRow]
    names: Mapping[str, FoundPlace] = field(repr=False)


def snapshot() -> Snapshot:
    """The current snapshot; four statements when it is older than half a minute."""
    return _cache.get(None) or _cache.set(None, _load())


def find_category(slug: str) -> CategoryRow:
    """:raises UnknownSlug: no active category has it."""
    return _find(lambda known: known.categories, slug, "category")


def find_city(slug: str) -> CityRow:
    """:raises UnknownSlug: no town has it."""
    return _find(lambda known: known.cities, slug, "city")


def find_region(slug: str) -> RegionRow:
    """:raises UnknownSlug: no region has it."""
    return _find(lambda known: known.regions, slug, "region")


def find_quarters(slug: str, towns: Set[uuid.UUID]) -> tuple[QuarterRow, ...]:
    """Quarters of this slug in the given towns, of any town when none is given.

    :raises UnknownSlug: there is none.
    """

    def within(known: Snapshot) -> Mapping[str, tuple[QuarterRow, ...]]:
        if not towns:
            return known.quarters
        kept = {name: tuple(row for row in rows if row.city_id in towns) for name, rows in known.quarters.items()}
        return {name: rows for name, rows in kept.items() if rows}

    return _find(within, slug, "quarter")


def _find(table: Callable[[Snapshot], Mapping[str, T]], slug: str, parameter: str) -> T:
    """The row of a slug; one that is not in the snapshot may be new, so look again, but not at every call."""
    rows = table(snapshot())
    if slug not in rows and _cache.age_s(None) >= _RELOAD_AFTER_S:
        _cache.clear()
        rows = table(snapshot())
    if slug not in rows:
        raise UnknownSlug(parameter, slug, suggest(rows, slug))
    return rows[slug]


def suggest(known: Iterable[str], slug: str) -> list[str]:
    """The known slugs that look most like this one, best first."""
    return difflib.get_close_matches(slug[:100].lower(), list(known), n=_SUGGESTIONS, cutoff=0.6)


def category_name(slug: str, language: str) -> str:
    """Name of a category, "" when there is none of this slug."""
    found = snapshot().categories.get(slug)
    return found.name_in(language) if found else ""


def category_schema_type(slug: str) -> str:
    """schema.org type of a category or of its nearest ancestor that has one, else ""."""
    known = snapshot()
    found = known.categories.get(slug)
    by_id = {row.id: row for row in known.categories.values()}
    while found is not None and not found.schema_type:
        found = by_id.get(found.parent_id) if found.parent_id else None
    return found.schema_type if found else ""


def city_names(numbers: Iterable[int], language: str) -> dict[int, str]:
    """Names of towns by their short keys; unknown ones are left out."""
    wanted = set(numbers)
    return {row.number: row.name_in(language) for row in snapshot().cities.values() if row.number in wanted}


def place_name(*, region: str = "", city: str = "", quarter: str = "", language: str) -> str:
    """`Akwa, Douala`, `Douala`, `Littoral` or "": the smallest place named and its town. Unknown slugs give ""."""
    known = snapshot()
    if city:
        row = known.cities.get(city)
        if row is None:
            return ""
        if not quarter:
            return row.name_in(language)
        part = next((found for found in known.quarters.get(quarter, ()) if found.city_id == row.id), None)
        return f"{part.name}, {row.name_in(language)}" if part else ""
    if quarter:
        part = next(iter(known.quarters.get(quarter, ())), None)
        return f"{part.name}, {known.cities_by_id[part.city_id].name_in(language)}" if part else ""
    found_region = known.regions.get(region)
    return found_region.name_in(language) if found_region else ""


def find_place(text: str) -> FoundPlace | None:
    """The place that people mean by `Douala`, `akwa`, `Akwa Douala` or an alias; None when nobody knows it.

    A town wins over a region of the same name, a quarter comes last. Of quarters with one name the largest town's wins.
    """
    return snapshot().names.get(fold(text[:120]))


def get_place(text: str, *, language: str) -> FoundPlace:
    """The place that people mean, as `find_place`.

    :raises UnknownSlug: nobody knows it; the suggestions are names of places that look like it.
    """
    found = find_place(text)
    if found is None:
        known = snapshot().names
        near = [known[name] for name in suggest(known, fold(text))]
        names = dict.fromkeys(place_name(region=place.region, city=place.city, quarter=place.quarter, language=language) for place in near)
        raise UnknownSlug("location", text, list(names))
    return found


def quarter_positions(city: str) -> list[tuple[str, float, float]]:
    """Name, latitude and longitude of a town's quarters that have a position."""
    known = snapshot()
    row = known.cities.get(city)
    if row is None:
        return []
    return [
        (quarter.name, quarter.latitude, quarter.longitude)
        for rows in known.quarters.values()
        for quarter in rows
        if quarter.city_id == row.id and quarter.latitude is not None and quarter.longitude is not None
    ]


def _load() -> Snapshot:
    categories = _categories()
    cities = {
        row.pk: (row, CityRow(row.name_fr, row.name_en, row.pk, row.number, row.slug, row.region_id, tuple(row.aliases)))
        for row in City.objects.all()
    }
    names: dict[str, FoundPlace] = {}
    quarters: dict[str, tuple[QuarterRow, ...]] = {}
    for quarter in Quarter.objects.order_by(F("city__population").desc(nulls_last=True), "city__slug", "slug"):
        latitude = None if quarter.latitude is None else float(quarter.latitude)
        longitude = None if quarter.longitude is None else float(quarter.longitude)
        row = QuarterRow(quarter.pk, quarter.slug, quarter.name, quarter.city_id, latitude, longitude, tuple(quarter.aliases))
        quarters[quarter.slug] = (*quarters.get(quarter.slug, ()), row)
        city, _row = cities[quarter.city_id]
        place = FoundPlace(city=city.slug, quarter=quarter.slug)
        for name in (quarter.name, quarter.slug, *quarter.aliases):
            names.setdefault(fold(name), place)
            for town in (city.name_fr, city.name_en):
                names[fold(f"{name} {town}")] = place
    regions: dict[str, RegionRow] = {}
    numbers: dict[uuid.UUID, list[int]] = {}
    for city, _row in cities.values():
        numbers.setdefault(city.region_id, []).append(city.number)
    for region in Region.objects.all():
        towns = tuple(sorted(numbers.get(region.pk, ())))
        regions[region.slug] = RegionRow(region.name_fr, region.name_en, region.pk, region.slug, towns, tuple(region.aliases))
        for name in (region.name_fr, region.name_en, region.slug, *region.aliases):
            names[fold(name)] = FoundPlace(region=region.slug)
    for city, _row in cities.values():
        for name in (city.name_fr, city.name_en, city.slug, *city.aliases):
            names[fold(name)] = FoundPlace(city=city.slug)
    return Snapshot(
        categories=categories,
        regions=regions,
        cities={row.slug: row for _city, row in cities.values()},
        quarters=quarters,
        by_number={row.number: row for row in categories.values()},
        cities_by_id={row.id: row for _city, row in cities.values()},
        names=names,
    )


def _categories() -> dict[str, CategoryRow]:
    """Active categories in their order; one below an inactive category is not reachable and left out."""
    rows = {row.pk: row for row in Category.objects.filter(is_active=True)}
    children: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for row in rows.values():
        children.setdefault(row.parent_id, []).append(row.pk)
    found: dict[str, CategoryRow] = {}

    def walk(pk: uuid.UUID) -> tuple[int, ...]:
        row = rows[pk]
        # Its place in the mapping is taken before the children's, so that parents come first.
        found[row.slug] = CategoryRow(
            row.name_fr, row.name_en, row.pk, row.number, row.slug, row.parent_id, row.description_fr, row.description_en,
            row.icon, row.schema_type, tuple(row.aliases), row.created_at,
        )  # fmt: skip
        numbers = (row.number, *(number for child in children.get(pk, ()) for number in walk(child)))
        found[row.slug] = replace(found[row.slug], numbers=numbers)
        return numbers

    for pk in children.get(None, ()):
        walk(pk)
    return found
