"""A million places for search in minutes: ten of each of a hundred thousand, some hundred metres apart and of other days.

To make a million different places, their cards and their documents takes an hour of a processor. What the engines do with a word depends
on how many places hold it, and of ten times as many places ten times as many do. Each copy is a row of its own in every table and index
that search reads; only the catalogue's own tables keep their hundred thousand.
"""

from __future__ import annotations

from django.db import connection

from apps.search import services
from benchmarks.bulk import stripped
from benchmarks.peers import engines as peers

# Ids differ in their last digit, so that copies are told apart and stay near their place in the order of ids.
COPY_ID = "(left({id}::text, 35) || to_hex(('x' || right({id}::text, 1))::bit(4)::int # {copy}))::uuid"
_MOVED = "geo + point((random() - 0.5) * 0.01, (random() - 0.5) * 0.01)"
_EARLIER = "published_at - random() * interval '90 days'"
_PEERS = f"{peers.SCHEMA}.entry"


def multiply(times: int) -> None:
    """Make `times` of each place. Called once, in a copy of the database of the originals."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'resource_card'::regclass AND contype = 'f'")
        for (name,) in cursor.fetchall():
            # Copies have no row in the catalogue.
            cursor.execute(f"ALTER TABLE resource_card DROP CONSTRAINT {name}")
    tables = ("resource_search", "resource_search_document", "resource_card", _PEERS)
    with stripped(tables), connection.cursor() as cursor:
        _copy(cursor, "resource_search", "resource_id", {"geo": _MOVED, "published_at": _EARLIER}, times)
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
        made = {key: COPY_ID.format(id=key, copy=copy), **changed}
        values = ", ".join(made.get(name, name) for name in names)
        execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM originals")  # noqa: S608  likewise
    execute("DROP TABLE originals")
