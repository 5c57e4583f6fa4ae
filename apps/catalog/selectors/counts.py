"""How many entries there are: of the whole catalogue by category and place, and within a filter."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from django.conf import settings

from apps.catalog.choices import ResourceType
from apps.catalog.selectors.filters import CardFilter
from apps.catalog.selectors.reader import Value, encode, read
from apps.catalog.selectors.reference import CategoryRow, snapshot
from apps.catalog.selectors.statements import list_statement
from apps.core import cache_keys
from apps.core.caching import cached
from apps.core.process_cache import ProcessCache

# Totals within a filter look at this many cards at most; beyond it they say "at least".
COUNTED_MAX = 20_000

_trees: ProcessCache[CatalogueCounts] = ProcessCache(maxsize=4, ttl_s=lambda: settings.CARD_CACHE_S)


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with what it and its descendants hold."""

    id: uuid.UUID
    slug: str
    name: str
    description: str
    icon: str
    schema_type: str
    count: int
    parent_id: uuid.UUID | None
    parent: str | None
    created_at: dt.datetime
    children: tuple[CategoryNode, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A region or town with the number of its entries."""

    slug: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class CatalogueCounts:
    """What the whole catalogue holds. Regions and towns are ordered by number, most first."""

    total: int
    types: Mapping[str, int]
    categories: tuple[CategoryNode, ...]
    regions: tuple[PlaceCount, ...]
    cities: tuple[PlaceCount, ...]


# Another release's values have another name: its dataclasses may have other fields.
_FORM = hashlib.blake2b(
    repr([field.name for kind in (CatalogueCounts, CategoryNode, PlaceCount) for field in fields(kind)]).encode(), digest_size=6
).hexdigest()


def catalogue_counts(language: str) -> CatalogueCounts:
    """Counts of everything published. Kept for a day (`categories:all`) or until an entry or category changes."""
    return _trees.get(language) or _trees.set(
        language,
        cached(
            f"{cache_keys.CATEGORIES}:{language}:{_FORM}",
            cache_keys.CATEGORIES_TTL_S,
            lambda: _count(language),
            stamps=(cache_keys.CATEGORIES,),
        ),
    )


def category_tree(language: str) -> tuple[CategoryNode, ...]:
    """Root categories in their order, with descendants and counts."""
    return catalogue_counts(language).categories


def find_node(nodes: Sequence[CategoryNode], slug: str) -> CategoryNode | None:
    """The category of this slug in a tree."""
    for node in nodes:
        found = node if node.slug == slug else find_node(node.children, slug)
        if found is not None:
            return found
    return None


def place_counts(language: str) -> tuple[tuple[PlaceCount, ...], tuple[PlaceCount, ...]]:
    """Regions and towns with their numbers."""
    counts = catalogue_counts(language)
    return counts.regions, counts.cities


def count_cards(chosen: CardFilter, *, language: str, maximum: int = COUNTED_MAX) -> int:
    """How many cards meet the filter, at most `maximum`. `open_now` counts what has known hours: an upper bound."""
    if chosen.is_impossible:
        return 0
    sql, made = list_statement(chosen, language=language, columns="1", rows=maximum)
    return int.from_bytes(read(f"SELECT count(*) FROM ({sql}) m", made.values, is_frequent=False)[0][0] or b"", "big")


def _grouped(columns: str, language: Value) -> list[tuple[int, ...]]:
    rows = read(
        f"SELECT {columns}, count(*) FROM resource_card WHERE language = $1::text GROUP BY {columns}",
        [encode(language)],
        is_frequent=False,
    )
    return [tuple(-1 if value is None else int.from_bytes(value, "big", signed=True) for value in row) for row in rows]


def _count(language: str) -> CatalogueCounts:
    known = snapshot()
    by_category: Counter[int] = Counter()
    by_city: Counter[int] = Counter()
    # Both groupings follow an index whose first columns they are, so that no card is read.
    for city, category, count in _grouped("city_number, category_number", language):
        by_category[category] += count
        by_city[city] += count
    types = read(
        "SELECT resource_type, count(*) FROM resource_card WHERE language = $1::text GROUP BY resource_type",
        [encode(language)],
        is_frequent=False,
    )
    by_type = {(name or b"").decode(): int.from_bytes(count or b"", "big") for name, count in types}
    cities = [PlaceCount(row.slug, row.name_in(language), by_city[row.number]) for row in known.cities.values()]
    regions = [
        PlaceCount(row.slug, row.name_in(language), sum(by_city[number] for number in row.city_numbers)) for row in known.regions.values()
    ]

    def most_first(place: PlaceCount) -> tuple[int, str]:
        return -place.count, place.slug

    return CatalogueCounts(
        total=by_category.total(),
        types={kind: by_type.get(kind, 0) for kind in ResourceType.values},
        categories=_tree(list(known.categories.values()), by_category, language),
        regions=tuple(sorted(regions, key=most_first)),
        cities=tuple(sorted(cities, key=most_first)),
    )


def _tree(rows: Sequence[CategoryRow], counts: Counter[int], language: str) -> tuple[CategoryNode, ...]:
    slugs = {row.id: row.slug for row in rows}
    children: dict[object, list[CategoryRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)

    def node(row: CategoryRow) -> CategoryNode:
        return CategoryNode(
            id=row.id, parent_id=row.parent_id, created_at=row.created_at, slug=row.slug, name=row.name_in(language),
            description=row.description_en if language.startswith("en") else row.description_fr,
            icon=row.icon, schema_type=row.schema_type, count=sum(counts[number] for number in row.numbers),
            parent=slugs[row.parent_id] if row.parent_id else None,
            children=tuple(node(child) for child in children.get(row.id, ())),
        )  # fmt: skip

    return tuple(node(row) for row in children.get(None, ()))
