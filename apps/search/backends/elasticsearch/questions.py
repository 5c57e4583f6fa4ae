"""Questions in Elasticsearch's words. Nothing of it needs a script, or a module that the server alone does not have."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from apps.search.backends.base import EngineQuery, Filters, Group, Order, Place, Tier
from apps.search.backends.elasticsearch.mapping import EPOCH, START_LENGTH_MAX, microseconds, plan_order

Clause = dict[str, Any]

# The index rounds positions to a centimetre: what lies on an edge stays inside.
EDGE_DEGREES, EDGE_M = 1e-7, 0.02
FIELD_OF_FACET = {
    "category": "category", "city": "city", "quarter": "quarter", "type": "resource_type", "plan": "plan_rank",
    "verified": "verified", "has": "attributes",
}  # fmt: skip
_FILTER_OF_FACET = {
    "category": "categories", "city": "cities", "quarter": "quarters", "type": "resource_types", "plan": "plan_ranks",
    "verified": "verified",
}  # fmt: skip
# Nothing longer is indexed, and Elasticsearch refuses to look for what is longer still.
TERM_LENGTH_MAX = 8_000
# More than there are towns, quarters or categories.
FACET_VALUES_MAX = 10_000


def hits(query: EngineQuery) -> Clause:
    """What answers a query. The score of a hit is its tier."""
    return {"bool": {"must": [_words(query)], "filter": [*_conditions(query.filters), *_measurable(query)]}}


def _words(query: EngineQuery) -> Clause:
    if not query.groups:
        return _tier({"match_all": {}}, Tier.ANYWHERE)
    anywhere = [_holds(group, "terms") for group in query.groups]
    in_name = [_holds(group, "name_terms") for group in query.groups]
    tiers = [_tier({"bool": {"filter": anywhere}}, Tier.ANYWHERE), _tier({"bool": {"filter": in_name}}, Tier.IN_NAME)]
    if query.whole_name:
        tiers.append(_tier(_any_of("names", [query.whole_name]), Tier.WHOLE_NAME))
    if query.minimum is not None:
        some = {"bool": {"should": anywhere, "minimum_should_match": query.minimum}} if query.minimum > 0 else {"match_all": {}}
        tiers.append(_tier(some, Tier.PARTLY))
    return {"dis_max": {"queries": tiers}}


def _tier(clause: Clause, tier: Tier) -> Clause:
    return {"constant_score": {"filter": clause, "boost": int(tier)}}


def _holds(group: Group, field: str) -> Clause:
    ways: dict[str, Sequence[object]] = {field: group.terms, "category": group.categories, "city": group.cities, "quarter": group.quarters}
    clauses = [_any_of(name, values) for name, values in ways.items() if values]
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses}} if clauses else {"match_none": {}}


def _any_of(field: str, values: Sequence[object]) -> Clause:
    return {"terms": {field: [text for text in map(str, values) if len(text) <= TERM_LENGTH_MAX]}}


def _conditions(filters: Filters) -> list[Clause]:
    alternatives = {
        "category": filters.categories, "city": filters.cities, "quarter": filters.quarters, "resource_type": filters.resource_types,
        "plan_rank": filters.plan_ranks, "schedule": filters.schedules,
    }  # fmt: skip
    clauses = [_any_of(field, values) for field, values in alternatives.items() if values is not None]
    clauses += [_any_of("attributes", group) for group in filters.has]
    if filters.verified is not None:
        clauses.append({"term": {"verified": filters.verified}})
    if filters.bbox is not None:
        west, south, east, north = filters.bbox
        corners = {
            "left": max(west - EDGE_DEGREES, -180.0), "bottom": max(south - EDGE_DEGREES, -90.0),
            "right": min(east + EDGE_DEGREES, 180.0), "top": min(north + EDGE_DEGREES, 90.0),
        }  # fmt: skip
        clauses.append({"geo_bounding_box": {"geo": corners}})
    if (circle := filters.circle) is not None:
        centre = {"lat": circle.latitude, "lon": circle.longitude}
        clauses.append({"geo_distance": {"distance": circle.radius_m + EDGE_M, "geo": centre}})
    return clauses


def _measurable(query: EngineQuery) -> list[Clause]:
    if query.order is not Order.DISTANCE:
        return []
    return [{"exists": {"field": "geo"}} if query.point else {"match_none": {}}]


def order(query: EngineQuery) -> list[Clause]:
    """By what hits are sorted; the id settles ties."""
    near: list[Clause] = []
    if query.point is not None:
        near = [{"_geo_distance": {"geo": {"lat": query.point[0], "lon": query.point[1]}, "order": "asc", "unit": "m"}}]
    keys: dict[Order, list[Clause]] = {
        Order.RELEVANCE: [{"_score": "desc"}, *(near or [{"quality": "desc"}])],
        Order.PLAN: [{"plan_order": "desc"}],
        Order.NEWEST: [{"published": "desc"}],
        Order.DISTANCE: near,
    }
    return [*keys[query.order], {"id": "desc"}]


def behind(query: EngineQuery, after: Place, distance_m: float) -> list[object]:
    """Values of `order` for the last hit before a page.

    :param distance_m: as the index measures it.
    """
    published_at = after.published_at or EPOCH
    # JSON has no infinity; this is how Elasticsearch writes it.
    distance = "Infinity" if math.isinf(distance_m) else distance_m
    keys: dict[Order, list[object]] = {
        Order.RELEVANCE: [after.tier, distance if query.point else after.quality],
        Order.PLAN: [plan_order(after.plan_rank, published_at)],
        Order.NEWEST: [microseconds(published_at)],
        Order.DISTANCE: [distance],
    }
    return [*keys[query.order], str(after.id)]


def facets(query: EngineQuery, names: Sequence[str]) -> dict[str, Clause]:
    """An aggregation for each facet: among the hits without that facet's own filter."""
    wanted = {}
    for name in names:
        own: dict[str, Any] = {} if name == "has" else {_FILTER_OF_FACET[name]: None}
        others = dataclasses.replace(query.filters, **own)
        values = {"terms": {"field": FIELD_OF_FACET[name], "size": FACET_VALUES_MAX}}
        within = {"match_none": {}} if others.is_impossible else {"bool": {"filter": _conditions(others)}}
        wanted[name] = {"filter": within, "aggs": {"values": values}}
    return wanted


def unfiltered(query: EngineQuery) -> Clause:
    """The words of a query alone, and what all of its facets share."""
    return hits(dataclasses.replace(query, filters=Filters()))


def beginnings(prefix: str) -> Clause:
    """Entries of which some word begins a prefix; those score whose name does."""
    prefix = prefix[:START_LENGTH_MAX]
    named = {"constant_score": {"filter": {"prefix": {"names": prefix}}}}
    return {"bool": {"filter": [{"prefix": {"starts": prefix}}], "should": [named]}}
