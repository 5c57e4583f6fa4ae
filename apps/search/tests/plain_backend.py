"""The plainest engine there can be: a dictionary and loops. It says what the interface means; the real ones must agree."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from apps.search.backends.base import Circle, EngineQuery, FacetCounts, FacetValue, Filters, Group, Health, Hits, Order, Place, Tier
from apps.search.documents import SearchDocument

EARTH_RADIUS_M = 6_371_008.8
_FILTER_OF_FACET = {
    "category": "categories", "city": "cities", "quarter": "quarters", "type": "resource_types", "plan": "plan_ranks",
    "verified": "verified",
}  # fmt: skip


def distance_m(latitude: float, longitude: float, point: tuple[float, float]) -> float:
    """Great-circle distance (haversine)."""
    phi1, phi2 = math.radians(latitude), math.radians(point[0])
    half = math.sin((phi2 - phi1) / 2) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(point[1] - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


class PlainBackend:
    """Everything in memory, every question answered by looking at everything."""

    name = "plain"

    def __init__(self) -> None:
        self.documents: dict[uuid.UUID, SearchDocument] = {}

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents."""
        written = 0
        for document in documents:
            held = self.documents.get(document.id)
            if held is None or held.version <= document.version:
                self.documents[document.id] = document
                written += 1
        return written

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents."""
        gone = [pk for pk, version in versions.items() if pk in self.documents and self.documents[pk].version <= version]
        for pk in gone:
            del self.documents[pk]
        return len(gone)

    def rebuilding(self) -> AbstractContextManager[Callable[[Sequence[SearchDocument]], int]]:
        """Documents are replaced in place."""
        return nullcontext(self.index)

    def is_current(self) -> bool:
        """It has but one form."""
        return True

    def search(self, query: EngineQuery) -> Hits:
        """The hits of a query."""
        if query.filters.is_impossible:
            return Hits([])
        found = sorted((place for place in (_place(one, query) for one in self.documents.values()) if place), key=_order(query))
        total = len(found)
        if query.after is not None:
            key = _order(query)
            found = [place for place in found if key(place) > key(query.after)]
        page = found[query.offset : query.offset + query.limit]
        is_exact = total <= query.counted_max
        return Hits(page, min(total, query.counted_max), is_exact, len(found) > query.offset + query.limit)

    def nearby(self, circle: Circle, *, filters: Filters, limit: int, after: Place | None = None) -> Hits:
        """What lies in a circle, nearest first."""
        point = (circle.latitude, circle.longitude)
        return self.search(
            EngineQuery(filters=replace(filters, circle=circle), order=Order.DISTANCE, point=point, limit=limit, after=after)
        )

    def facets(self, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
        """Counts of each named facet."""
        counts: dict[str, list[tuple[FacetValue, int]]] = {}
        for name in names:
            # `has` is a conjunction: another box narrows what the ticked ones leave, so that its counts keep them.
            own: dict[str, Any] = {} if name == "has" else {_FILTER_OF_FACET[name]: None}
            wide = replace(query, filters=replace(query.filters, **own))
            counted: Counter[FacetValue] = Counter()
            if not wide.filters.is_impossible:
                for document in self.documents.values():
                    if _place(document, wide):
                        counted.update(_values(document, name))
            counts[name] = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
        return FacetCounts(counts)

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """Entries of which some word begins the prefix."""
        found = []
        for document in self.documents.values():
            if any(f" {name}".find(f" {prefix}") >= 0 for name in document.names):
                begins = any(name.startswith(prefix) for name in document.names)
                found.append((not begins, -document.plan_rank, -document.quality, -document.id.int, document.id))
        return [row[-1] for row in sorted(found)[:limit]]

    def health(self) -> Health:
        """Always up."""
        return Health(is_up=True, documents=len(self.documents))

    def versions(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        """Versions of what is held."""
        return {pk: self.documents[pk].version for pk in ids if pk in self.documents}

    def ids_after(self, last: uuid.UUID | None, *, limit: int) -> Sequence[uuid.UUID]:
        """Ids of what is held."""
        return sorted(pk for pk in self.documents if last is None or pk > last)[:limit]


def _place(document: SearchDocument, query: EngineQuery) -> Place | None:
    """Where a document stands, None when it does not answer."""
    if not _meets(document, query.filters):
        return None
    tier = _tier(document, query)
    if tier is None:
        return None
    distance = None
    if query.point is not None and document.latitude is not None and document.longitude is not None:
        distance = distance_m(document.latitude, document.longitude, query.point)
    if query.order is Order.DISTANCE and distance is None:
        return None
    return Place(document.id, tier, document.quality, document.plan_rank, document.published_at, distance)


def _tier(document: SearchDocument, query: EngineQuery) -> Tier | None:
    if not query.groups:
        return Tier.ANYWHERE
    held = [_holds(document, document.terms, group) for group in query.groups]
    if query.whole_name and query.whole_name in document.names:
        return Tier.WHOLE_NAME
    if all(held):
        is_in_name = all(_holds(document, document.name_terms, group) for group in query.groups)
        return Tier.IN_NAME if is_in_name else Tier.ANYWHERE
    enough = query.minimum is not None and sum(held) >= query.minimum
    return Tier.PARTLY if enough else None


def _holds(document: SearchDocument, terms: frozenset[str], group: Group) -> bool:
    return (
        not terms.isdisjoint(group.terms)
        or document.category in group.categories
        or document.city in group.cities
        or document.quarter in group.quarters
    )


def _meets(document: SearchDocument, filters: Filters) -> bool:
    return _meets_values(document, filters) and _lies_within(document, filters)


def _meets_values(document: SearchDocument, filters: Filters) -> bool:
    if any(
        wanted is not None and value not in wanted
        for wanted, value in (
            (filters.categories, document.category), (filters.cities, document.city), (filters.quarters, document.quarter),
            (filters.resource_types, document.resource_type), (filters.plan_ranks, document.plan_rank),
            (filters.schedules, document.schedule),
        )
    ):  # fmt: skip
        return False
    if filters.verified is not None and filters.verified != document.verified:
        return False
    return not any(set(group).isdisjoint(document.attributes) for group in filters.has)


def _lies_within(document: SearchDocument, filters: Filters) -> bool:
    if filters.bbox is None and filters.circle is None:
        return True
    if document.latitude is None or document.longitude is None:
        return False
    if filters.bbox is not None:
        west, south, east, north = filters.bbox
        if not (west <= document.longitude <= east and south <= document.latitude <= north):
            return False
    circle = filters.circle
    return circle is None or distance_m(document.latitude, document.longitude, (circle.latitude, circle.longitude)) <= circle.radius_m


def _order(query: EngineQuery) -> Any:
    far = math.inf

    def key(place: Place) -> tuple[Any, ...]:
        distance = far if place.distance_m is None else place.distance_m
        published = -place.published_at.timestamp() if place.published_at else 0.0
        last = -place.id.int
        if query.order is Order.DISTANCE:
            return (distance, last)
        if query.order is Order.NEWEST:
            return (published, last)
        if query.order is Order.PLAN:
            return (-place.plan_rank, published, last)
        return (-place.tier, distance if query.point else -place.quality, last)

    return key


def _values(document: SearchDocument, facet: str) -> Sequence[FacetValue]:
    single: dict[str, FacetValue | None] = {
        "category": document.category, "city": document.city, "quarter": document.quarter, "type": document.resource_type,
        "plan": document.plan_rank, "verified": document.verified,
    }  # fmt: skip
    if facet == "has":
        return document.attributes
    value = single[facet]
    return () if value is None else (value,)
