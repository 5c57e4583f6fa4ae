"""Documents in and out, many in a constant number of statements; a version never goes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from apps.search.backends.postgres import terms
from apps.search.backends.postgres.bests import dropped, listed
from apps.search.documents import SearchDocument

# Name and type of each column. Arrays travel as text: one array of arrays would have to be as long in every row.
_COLUMNS = {
    "resource_id": "uuid", "published_at": "timestamptz", "quarter": "uuid", "version": "int", "schedule": "int", "category": "int2",
    "city": "int2", "plan_rank": "int2", "quality": "int2", "resource_type": "text", "verified": "bool",
}  # fmt: skip
_NAMES = ", ".join(_COLUMNS)
_COMPARED = [*_COLUMNS, "geo::text", "attributes", "terms"]
_HELD, _GIVEN = (f"({', '.join(f'{row}.{name}' for name in _COMPARED)})" for row in ("resource_search", "excluded"))
# The lists of the best follow with what has changed, and only with that.
_UPSERT = f"""
WITH held AS MATERIALIZED (SELECT resource_id, terms, quality FROM resource_search WHERE resource_id = ANY(%(resource_id)s::uuid[])),
changed AS (
INSERT INTO resource_search ({_NAMES}, geo, attributes, terms)
SELECT {_NAMES}, CASE WHEN latitude IS NULL THEN NULL ELSE point(longitude, latitude) END, attributes::varchar[], terms::int[]
FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())},
    %(latitude)s::float8[], %(longitude)s::float8[], %(attributes)s::text[], %(terms)s::text[])
    AS d({_NAMES}, latitude, longitude, attributes, terms)
ON CONFLICT (resource_id) DO UPDATE SET
    ({_NAMES}, geo, attributes, terms) = ({", ".join(f"excluded.{name}" for name in _COLUMNS)},
    excluded.geo, excluded.attributes, excluded.terms)
WHERE resource_search.version <= excluded.version AND {_HELD} IS DISTINCT FROM {_GIVEN}
RETURNING resource_id, terms, quality
),
was AS MATERIALIZED ({listed("(SELECT h.* FROM held h JOIN changed c USING (resource_id))")}),
now AS MATERIALIZED ({listed("changed")}),
left_lists AS ({dropped("SELECT * FROM was EXCEPT SELECT * FROM now")})
INSERT INTO search_best (term, rank, resource_id) SELECT * FROM now EXCEPT SELECT * FROM was
"""
# Rows that say what is held already are left alone: a row that is written again is written anew in all its indexes.
_NEWER = """
SELECT s.resource_id FROM resource_search s JOIN unnest(%(resource_id)s::uuid[], %(version)s::int[]) AS d(resource_id, version)
    ON s.resource_id = d.resource_id AND s.version > d.version
"""
_DOCUMENTS = """
INSERT INTO resource_search_document (resource_id, names, packed)
SELECT resource_id, names::text[], packed FROM unnest(%(resource_id)s::uuid[], %(names)s::text[], %(packed)s::bytea[])
    AS d(resource_id, names, packed)
ON CONFLICT (resource_id) DO UPDATE SET names = excluded.names, packed = excluded.packed
WHERE (resource_search_document.names, resource_search_document.packed) IS DISTINCT FROM (excluded.names, excluded.packed)
"""
_DELETE = f"""
WITH gone AS (
    DELETE FROM resource_search s USING unnest(%s::uuid[], %s::bigint[]) AS d(resource_id, version)
    WHERE s.resource_id = d.resource_id AND s.version <= d.version RETURNING s.resource_id, s.terms, s.quality
), left_lists AS ({dropped(listed("gone"))}), documents AS (
    DELETE FROM resource_search_document WHERE resource_id IN (SELECT resource_id FROM gone)
)
SELECT count(*) FROM gone
"""
# Every question reads what waits to be sorted into the GIN index.
_SORT_IN = """
SELECT gin_clean_pending_list(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = 'resource_search'::regclass AND a.amname = 'gin'
"""


@transaction.atomic
def index(documents: Sequence[SearchDocument]) -> int:
    """See `SearchBackend.index`."""
    newest: dict[uuid.UUID, SearchDocument] = {}
    for document in documents:
        if document.id not in newest or newest[document.id].version <= document.version:
            newest[document.id] = document
    # In one order, so that two writers cannot wait for each other.
    rows = [newest[pk] for pk in sorted(newest)]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        values = _values(rows)
        cursor.execute(_UPSERT, values)
        cursor.execute(_NEWER, values)
        newer = {row[0] for row in cursor.fetchall()}
        rows = [row for row in rows if row.id not in newer]
        cursor.execute(
            _DOCUMENTS,
            {
                "resource_id": [row.id for row in rows],
                "names": [_array(row.names) for row in rows],
                "packed": [row.packed for row in rows],
            },
        )
        cursor.execute(_SORT_IN)
    return len(rows)


def _values(rows: Sequence[SearchDocument]) -> dict[str, Any]:
    return {
        **{name: [getattr(row, name) for row in rows] for name in _COLUMNS if name != "resource_id"},
        "resource_id": [row.id for row in rows],
        "latitude": [row.latitude if row.longitude is not None else None for row in rows],
        "longitude": [row.longitude for row in rows],
        "attributes": [_array(row.attributes) for row in rows],
        "terms": [f"{{{','.join(map(str, terms.terms_of(row)))}}}" for row in rows],
    }


def _array(texts: Sequence[str]) -> str:
    """Texts as PostgreSQL's array literal."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


@transaction.atomic
def delete(versions: Mapping[uuid.UUID, int]) -> int:
    """See `SearchBackend.delete`."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [list(versions), list(versions.values())])
        return int(cursor.fetchone()[0])
