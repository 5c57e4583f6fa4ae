"""`SearchBackend` on PostgreSQL."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from apps.search.backends.base import (
    Circle,
    EngineQuery,
    EngineUnavailable,
    FacetCounts,
    Filters,
    Health,
    Hits,
    Order,
    Place,
)
from apps.search.backends.postgres import writing
from apps.search.backends.postgres.facets import count_facets
from apps.search.backends.postgres.pages import find_page
from apps.search.backends.postgres.reading import reading
from apps.search.backends.postgres.suggestions import suggest
from apps.search.documents import SearchDocument

# Small tables are counted, large ones estimated by PostgreSQL.
_COUNTED_BELOW = 50_000


class PostgresBackend:
    """Reads `resource_search`."""

    name = "postgres"

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents."""
        return writing.index(documents)

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents."""
        return writing.delete(versions)

    def rebuilding(self) -> AbstractContextManager[Callable[[Sequence[SearchDocument]], int]]:
        """Rows are replaced in place: an empty table never serves."""
        return contextlib.nullcontext(self.index)

    def is_current(self) -> bool:
        """Migrations see to it."""
        return True

    def search(self, query: EngineQuery) -> Hits:
        """The hits of a query."""
        with reading() as reader:
            return find_page(reader, query)

    def nearby(self, circle: Circle, *, filters: Filters, limit: int, after: Place | None = None) -> Hits:
        """What lies in a circle, nearest first."""
        point = (circle.latitude, circle.longitude)
        return self.search(
            EngineQuery(filters=replace(filters, circle=circle), order=Order.DISTANCE, point=point, limit=limit, after=after)
        )

    def facets(self, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
        """Counts of each named facet."""
        with reading() as reader:
            return count_facets(reader, query, names)

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """Entries of which some word begins the prefix."""
        with reading() as reader:
            return suggest(reader, prefix, limit=limit)

    def health(self) -> Health:
        """Whether it answers."""
        try:
            with reading() as reader:
                documents = reader.number("SELECT reltuples::bigint FROM pg_class WHERE oid = 'resource_search'::regclass", {})
                if documents < _COUNTED_BELOW:
                    documents = reader.number(f"SELECT count(*) FROM (SELECT 1 FROM resource_search LIMIT {_COUNTED_BELOW}) s", {})
        except EngineUnavailable as error:
            return Health(is_up=False, detail=str(error))
        return Health(is_up=True, documents=documents)

    def versions(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        """Versions of what is held."""
        with reading() as reader:
            rows = reader.rows("SELECT resource_id, version FROM resource_search WHERE resource_id = ANY(%(ids)s)", {"ids": list(ids)})
        return {row[0]: row[1] for row in rows}

    def ids_after(self, last: uuid.UUID | None, *, limit: int) -> Sequence[uuid.UUID]:
        """Ids of what is held."""
        sql = "SELECT resource_id FROM resource_search WHERE resource_id > %(last)s ORDER BY resource_id LIMIT %(limit)s"
        start = "SELECT resource_id FROM resource_search ORDER BY resource_id LIMIT %(limit)s"
        with reading() as reader:
            rows = reader.rows(start if last is None else sql, {"last": last, "limit": limit})
        return [row[0] for row in rows]
