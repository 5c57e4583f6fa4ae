"""A million places for search in minutes: ten of each of a hundred thousand, some hundred metres apart and of other days.

To make a million different places, their cards and their documents takes an hour of a processor. What the engines do with a word depends
on how many places hold it, and of ten times as many places ten times as many do. Each copy is a row of its own in every table and index
that search reads; only the catalogue's own tables keep their hundred thousand.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.catalog.models import Resource
from apps.search import services
from apps.search.backends.elasticsearch import ElasticsearchBackend
from apps.search.backends.postgres import grid, terms
from apps.search.documents import SearchDocument
from apps.search.services.catalogue import build_documents
from benchmarks.bulk import in_parallel, stripped
from benchmarks.peers import engines as peers

# Ids differ in their last digit, so that copies are told apart and stay near their place in the order of ids.
COPY_ID = "(left({id}::text, 35) || to_hex(('x' || right({id}::text, 1))::bit(4)::int # {copy}))::uuid"
# Where a copy is and since when follows from its id, so that every engine says the same of it: a number in the first four bytes of its
# digest for each of the two directions, and in the next for its days.
_NUMBER = "('x' || substr(md5({id}::text), {first}, 8))::bit(32)::int"
_MOVED = f"geo + point({_NUMBER} * {{step}}, {_NUMBER.replace('{first}', '{second}')} * {{step}})"
STEP = 0.01 / 2**32
_EARLIER = f"published_at - ({_NUMBER} & 8388607) * interval '1 second'"
# A copy lies in cells of its own.
_FINEST = f"floor(({{at}})[{{axis}}] * {grid.FINEST})::int"
_CELLS = f"(SELECT numbers FROM cell_terms WHERE east = {_FINEST.replace('{axis}', '0')} AND north = {_FINEST.replace('{axis}', '1')})"  # noqa: S608  constants
ORIGINALS_BATCH = 200
_PEERS = f"{peers.SCHEMA}.entry"


def multiply(times: int) -> None:
    """Make `times` of each place. Called once, in a copy of the database of the originals."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        # Lists of the best are made anew, with the statistics.
        cursor.execute("TRUNCATE search_best, search_best_list")
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'resource_card'::regclass AND contype = 'f'")
        for (name,) in cursor.fetchall():
            # Copies have no row in the catalogue.
            cursor.execute(f"ALTER TABLE resource_card DROP CONSTRAINT {name}")
    tables = ("resource_search", "resource_search_document", "resource_card", _PEERS)
    with stripped(tables), connection.cursor() as cursor:
        moved = _MOVED.format(id="{made}", first=1, second=9, step=repr(STEP) + "::float8")
        _number_cells(cursor)
        celled = f"CASE WHEN geo IS NULL THEN terms ELSE sort(terms - {_CELLS.format(at='geo')} + {_CELLS.format(at=moved)}) END"
        changed = {"geo": moved, "terms": celled, "published_at": _EARLIER.format(id="{made}", first=17)}
        _copy(cursor, "resource_search", "resource_id", changed, times)
        _copy(cursor, "resource_search_document", "resource_id", {}, times)
        cursor.execute("DELETE FROM resource_card WHERE language <> 'fr'")
        _copy(cursor, "resource_card", "resource_id", {}, times)
        # Where and when their copies are is what search says.
        _copy(cursor, _PEERS, "id", {}, times)
        cursor.execute(
            f"UPDATE {_PEERS} p SET geo = s.geo, lat = s.geo[1], lng = s.geo[0], published_at = s.published_at"  # noqa: S608  constants
            " FROM resource_search s WHERE s.resource_id = p.id AND s.published_at <> p.published_at"
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    services.refresh_statistics()


def _number_cells(cursor: CursorWrapper) -> None:
    """The terms of all cells in which an entry or a copy lies, as the product numbers them."""
    east_north = ", ".join(_FINEST.format(at="geo", axis=axis) for axis in (0, 1))
    cursor.execute(f"SELECT DISTINCT {east_north} FROM resource_search WHERE geo IS NOT NULL")  # noqa: S608  constants
    around = {(east + x, north + y) for east, north in cursor.fetchall() for x in (-1, 0, 1) for y in (-1, 0, 1)}
    rows = [
        (east, north, [terms.value("cell", cell) for cell in grid.cells(north / grid.FINEST, east / grid.FINEST)]) for east, north in around
    ]
    cursor.execute("CREATE TEMPORARY TABLE cell_terms (east int, north int, numbers int[], PRIMARY KEY (east, north))")
    cursor.executemany("INSERT INTO cell_terms VALUES (%s, %s, %s)", rows)


def fill_elasticsearch(elastic: ElasticsearchBackend, times: int) -> None:
    """A new index with `times` of each place, as PostgreSQL holds them; each document is made once and then said of its copies.

    A few processes write at once, which a rebuild does not: what it takes is told by CPU, not by the clock.
    """
    ids = list(Resource.objects.published().order_by("pk").values_list("pk", flat=True))
    with elastic.rebuilding():
        in_parallel(_write_copies, [(ids[start : start + ORIGINALS_BATCH], times) for start in range(0, len(ids), ORIGINALS_BATCH)])


@functools.cache
def _writer() -> ElasticsearchBackend:
    return ElasticsearchBackend(settings.ELASTICSEARCH, prefix=settings.ELASTICSEARCH_INDEX_PREFIX)


def _write_copies(ids: Sequence[uuid.UUID], times: int) -> None:
    documents = [one for built in build_documents(ids) for one in copies_of(built.document, times)]
    for start in range(0, len(documents), 1_000):
        _writer().index(documents[start : start + 1_000])


def copies_of(document: SearchDocument, times: int) -> Iterator[SearchDocument]:
    """A document and its copies, as `multiply` makes them."""
    yield document
    for copy in range(1, times):
        pk = uuid.UUID(int=document.id.int ^ copy)
        digest = hashlib.md5(str(pk).encode(), usedforsecurity=False).digest()
        east, north, earlier = (int.from_bytes(digest[at : at + 4], "big", signed=True) for at in (0, 4, 8))
        yield replace(
            document,
            id=pk,
            longitude=None if document.longitude is None else document.longitude + east * STEP,
            latitude=None if document.latitude is None else document.latitude + north * STEP,
            published_at=document.published_at - dt.timedelta(seconds=earlier & 0x7F_FFFF),
        )


def _copy(cursor: object, table: str, key: str, changed: dict[str, str], times: int) -> None:
    execute = cursor.execute  # type: ignore[attr-defined]
    execute(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        [table],
    )
    names = [row[0] for row in cursor.fetchall()]  # type: ignore[attr-defined]
    execute(f"CREATE TEMPORARY TABLE originals AS SELECT * FROM {table}")  # noqa: S608  our own tables
    for copy in range(1, times):
        made = {key: COPY_ID.format(id=key, copy=copy)}
        made |= {name: value.format(made=made[key]) for name, value in changed.items()}
        values = ", ".join(made.get(name, name) for name in names)
        execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM originals")  # noqa: S608  likewise
    execute("DROP TABLE originals")
