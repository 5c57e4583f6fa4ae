"""`SearchBackend` on Elasticsearch."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from elasticsearch import Elasticsearch

from apps.search.backends.base import Circle, EngineQuery, EngineUnavailable, FacetCounts, FacetValue, Filters, Health, Hits, Order, Place
from apps.search.backends.elasticsearch import questions
from apps.search.backends.elasticsearch.failures import answering
from apps.search.backends.elasticsearch.indices import Indices
from apps.search.backends.elasticsearch.mapping import EPOCH
from apps.search.distances import great_circle_m
from apps.search.documents import SearchDocument

# A search that takes longer is PostgreSQL's: to ask a second time would use up the time that PostgreSQL needs.
SEARCH_TIMEOUT_S = 0.3
# What a hit tells of itself, from columns: documents are not kept.
_TOLD = ["id", "quality", "plan_rank", "published", "latitude", "longitude"]


class ElasticsearchBackend:
    """Reads and writes what `Indices` holds."""

    name = "elasticsearch"

    def __init__(self, options: Mapping[str, Any], *, prefix: str, refresh: bool = False, timeout_s: float = SEARCH_TIMEOUT_S) -> None:
        """:param options: of the client. :param refresh: see `Indices`."""
        self._options = options
        client = Elasticsearch(**options)
        self.indices = Indices(client, prefix=prefix, refresh=refresh)
        self._client = client.options(request_timeout=timeout_s, max_retries=0)
        # The server gives up a little earlier than the client, so that it does not go on working for nobody.
        self._server_timeout = f"{timeout_s * 800:.0f}ms"

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents."""
        return self.indices.index(documents)

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents."""
        return self.indices.delete(versions)

    def rebuilding(self) -> AbstractContextManager[Callable[[Sequence[SearchDocument]], int]]:
        """Fill a new index with the function it gives; it takes the place of the former one when the block ends."""
        return self.indices.rebuilding()

    def is_current(self) -> bool:
        """Whether there is an index of today's mapping."""
        return self.indices.is_current()

    @contextlib.contextmanager
    def aside(self) -> Iterator[ElasticsearchBackend]:
        """An engine on the same server with an empty index of its own, removed after the block; what it is given is seen at once."""
        other = ElasticsearchBackend(self._options, prefix=f"aside-{secrets.token_hex(6)}", refresh=True)
        with other.rebuilding():
            pass
        try:
            yield other
        finally:
            other.indices.remove()

    def search(self, query: EngineQuery) -> Hits:
        """The hits of a query."""
        if query.filters.is_impossible:
            return Hits([])
        more: dict[str, Any] = {"from_": query.offset}
        if query.after is not None:
            more = {"search_after": questions.behind(query, query.after, self._indexed_distance_m(query, query.after))}
        found = self._ask(
            query=questions.hits(query),
            sort=questions.order(query),
            size=query.limit + 1,
            # One more tells whether there are more than were to be counted.
            track_total_hits=query.counted_max + 1,
            track_scores=True,
            docvalue_fields=_TOLD,
            **more,
        )["hits"]
        total = found["total"]["value"]
        places = [_place(hit, query) for hit in found["hits"][: query.limit]]
        return Hits(places, min(total, query.counted_max), total <= query.counted_max, len(found["hits"]) > query.limit)

    def nearby(self, circle: Circle, *, filters: Filters, limit: int, after: Place | None = None) -> Hits:
        """What lies in a circle, nearest first."""
        point = (circle.latitude, circle.longitude)
        within = replace(filters, circle=circle)
        return self.search(EngineQuery(filters=within, order=Order.DISTANCE, point=point, limit=limit, after=after))

    def facets(self, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
        """Counts of each named facet."""
        counted = self._ask(query=questions.unfiltered(query), aggs=questions.facets(query, names), size=0, track_total_hits=False)
        counts: dict[str, Sequence[tuple[FacetValue, int]]] = {}
        for name in names:
            buckets = counted["aggregations"][name]["values"]["buckets"]
            values = [(_facet_value(name, bucket), bucket["doc_count"]) for bucket in buckets]
            counts[name] = sorted(values, key=lambda pair: (-pair[1], str(pair[0])))
        return FacetCounts(counts)

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """Entries of which some word begins the prefix."""
        found = self._ask(
            query=questions.beginnings(prefix), sort=[{"_score": "desc"}, {"weight": "desc"}, {"id": "desc"}], size=limit,
            docvalue_fields=["id"], track_total_hits=False,
        )  # fmt: skip
        return [uuid.UUID(hit["fields"]["id"][0]) for hit in found["hits"]["hits"]]

    def health(self) -> Health:
        """Whether it answers."""
        try:
            with answering():
                count = self._client.count(index=self.indices.alias)["count"]
        except EngineUnavailable as error:
            return Health(is_up=False, detail=str(error))
        return Health(is_up=True, documents=count)

    def versions(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        """Versions of what is held."""
        if not ids:
            return {}
        with answering():
            found = self.indices.client.mget(index=self.indices.alias, ids=[str(pk) for pk in ids])["docs"]
        return {uuid.UUID(one["_id"]): one["_version"] for one in found if one.get("found")}

    def ids_after(self, last: uuid.UUID | None, *, limit: int) -> Sequence[uuid.UUID]:
        """Ids of what is held."""
        more: dict[str, Any] = {"search_after": [str(last)]} if last is not None else {}
        with answering():
            # For upkeep, which can wait: a visitor's time limit would end a rebuild on a busy server.
            found = self.indices.client.search(
                index=self.indices.alias, allow_partial_search_results=False, stored_fields="_none_", docvalue_fields=[{"field": "id"}],
                sort=[{"id": "asc"}], size=limit, track_total_hits=False, **more,
            )  # fmt: skip
        return [uuid.UUID(hit["fields"]["id"][0]) for hit in found["hits"]["hits"]]

    def _ask(self, **question: Any) -> Mapping[str, Any]:
        with answering():
            # Half of an answer is none: PostgreSQL has the whole one.
            found: Mapping[str, Any] = self._client.search(
                index=self.indices.alias,
                timeout=self._server_timeout,
                allow_partial_search_results=False,
                stored_fields="_none_",
                **question,
            ).body
        return found

    def _indexed_distance_m(self, query: EngineQuery, place: Place) -> float:
        """How far a place is in the index, where positions are rounded: a page begins behind exactly that."""
        if query.point is None or place.distance_m is None:
            return math.inf
        one = self._ask(query={"term": {"id": str(place.id)}}, sort=questions.order(replace(query, order=Order.DISTANCE)), size=1)
        found = one["hits"]["hits"]
        return float(found[0]["sort"][0]) if found else place.distance_m


def _place(hit: Mapping[str, Any], query: EngineQuery) -> Place:
    fields = {name: values[0] for name, values in hit["fields"].items()}
    distance = None
    if query.point is not None and "latitude" in fields and "longitude" in fields:
        distance = great_circle_m(fields["latitude"], fields["longitude"], query.point)
    return Place(
        id=uuid.UUID(fields["id"]),
        tier=int(hit["_score"]),
        quality=fields["quality"],
        plan_rank=int(fields["plan_rank"]),
        published_at=EPOCH + dt.timedelta(microseconds=fields["published"]),
        distance_m=distance,
    )


def _facet_value(name: str, bucket: Mapping[str, Any]) -> FacetValue:
    key = bucket["key"]
    if name in {"category", "city", "plan"}:
        return int(key)
    if name == "quarter":
        return uuid.UUID(key)
    return bool(key) if name == "verified" else str(key)
