"""Fills a database of the benchmark with made-up places in minutes: what the import writes, cards included, by COPY into bare tables.

The import's own path (`import_rows`) keeps a live catalogue right, row by row; here the tables are empty and nobody reads them, so
their indexes and constraints are taken off and built at the end, when PostgreSQL checks every row at once. Cards are made by
the code that makes them in the product. `tests/test_bulk_places.py` holds this and the import together.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime as dt
import multiprocessing
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.text import slugify

from apps.catalog import cards
from apps.catalog.choices import HoursKind
from apps.catalog.services.bulk import GatheredEntry
from apps.catalog.services.reference import load_reference
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump
from apps.core.ids import uuid7
from apps.ingestion.choices import SourceKind
from apps.ingestion.models import Source
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.files import entry_of, own_source
from apps.ingestion.steps import Context
from benchmarks.directory import Directory, Standing

# When the youngest made-up place was published.
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
BATCH = 2_000
PROCESSES = 2
TABLES = {
    "api_resources": (
        "id", "resource_type", "name", "name_en", "slug", "description_fr", "description_en", "category_id", "address_line1",
        "address_line2", "quarter_id", "city_id", "po_box", "postal_code", "country", "latitude", "longitude", "accuracy_m",
        "landmark_fr", "landmark_en", "directions_fr", "directions_en", "hours_kind", "holiday_policy", "attributes", "metadata",
        "status", "operating_status", "plan", "verified", "livemode", "is_demo", "is_fictional", "meta_title", "meta_description",
        "source", "source_id", "content_hash", "version", "created_at", "updated_at", "published_at",
    ),
    "contact_points": ("id", "resource_id", "kind", "value", "is_whatsapp", "is_primary", "order_index"),
    "business_hours": ("id", "business_id", "day_of_week", "open_time", "close_time", "is_closed"),
    "field_provenance": ("resource_id", "field", "source", "source_url", "raw_value", "observed_at", "confidence", "locked_by_owner"),
    "resource_card": cards.COLUMNS,
}  # fmt: skip


def fill(count: int, *, seed: int = 7) -> bool:
    """Bring the database to exactly the first `count` places of a seed; False when it holds them already.

    :raises RuntimeError: a database that is not one of the benchmark's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = cursor.fetchone()[0]
    if not name.startswith("ecosysteme_bench"):
        raise RuntimeError(f"{name} is not a database of the benchmark: filling it would empty it first.")
    call_command("migrate", interactive=False, verbosity=0)
    load_reference()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM resource_card WHERE language = 'fr'")
        if cursor.fetchone()[0] == count:
            return False
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    with stripped([table for table in TABLES if table != "resource_card"]):
        in_parallel(_write_batch, [(seed, start, min(BATCH, count + 1 - start)) for start in range(1, count + 1, BATCH)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM api_resources ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
    with stripped(["resource_card"]):
        in_parallel(_write_cards, [(ids[start : start + BATCH],) for start in range(0, len(ids), BATCH)])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    bump(CATEGORIES)
    return True


def write_places(places: Sequence[tuple[GatheredEntry, Standing]]) -> list[uuid.UUID]:
    """Copy places and what belongs to them into the tables of the catalogue; returns their ids. Cards are not written."""
    _copy("api_resources", (_resource(*place) for place in places))
    _copy("contact_points", _contacts(places))
    _copy("business_hours", _hours(places))
    _copy("field_provenance", _provenance(places))
    return [entry.id for entry, _standing in places]


@transaction.atomic
def write_cards(ids: Sequence[uuid.UUID]) -> None:
    """Copy the cards of these entries, which have none."""
    _copy("resource_card", (row for source in cards.read_sources(ids) for row in cards.card_rows(source)))


Made = Sequence[tuple[GatheredEntry, Standing]]


def _published(standing: Standing) -> dt.datetime:
    return NOW - dt.timedelta(days=standing.age_days)


def _resource(entry: GatheredEntry, standing: Standing) -> tuple[Any, ...]:
    at = _published(standing)
    hours_kind = HoursKind.UNKNOWN
    if entry.hours:
        always = len(entry.hours) == 7 and all(list(spans) == [(dt.time(0), dt.time(0))] for spans in entry.hours.values())
        hours_kind = HoursKind.ALWAYS if always else HoursKind.WEEKLY
    return (
        entry.id, "business", entry.name, "", f"{slugify(entry.name)[:180].strip('-')}-{entry.id.hex[-8:]}", entry.description_fr,
        entry.description_en, entry.category_id, entry.address_line1, "", entry.quarter_id, entry.city_id, entry.po_box, "", "CM",
        entry.latitude, entry.longitude, None, entry.landmark_fr, "", "", "", hours_kind.value, "unknown",
        standing.attributes or entry.attributes, msgspec.json.encode(entry.metadata).decode(), "active", "open", standing.plan,
        standing.verified, True, False, False, "", "", entry.source, entry.source_id, entry.content_hash, 1, at, at, at,
    )  # fmt: skip


def _contacts(made: Made) -> Iterator[tuple[Any, ...]]:
    for entry, _standing in made:
        for kind, values in entry.contacts:
            for order, value in enumerate(values):
                yield uuid7(), entry.id, kind, value, value in entry.whatsapp, order == 0, order


def _hours(made: Made) -> Iterator[tuple[Any, ...]]:
    for entry, _standing in made:
        for day, spans in (entry.hours or {}).items():
            if not spans:
                yield uuid7(), entry.id, day, None, None, True
            for opens, closes in spans:
                yield uuid7(), entry.id, day, opens, closes, False


def _provenance(made: Made) -> Iterator[tuple[Any, ...]]:
    for entry, standing in made:
        for told in entry.provenance:
            yield entry.id, told.field, told.source, told.source_url, told.raw_value, _published(standing), told.confidence, False


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(TABLES[table])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@contextlib.contextmanager
def stripped(tables: Sequence[str]) -> Iterator[None]:
    """Without their indexes and constraints for the length of the block, also when it fails."""
    restore = _strip(tables)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for statement in restore:
                cursor.execute(statement)


def _strip(tables: Sequence[str]) -> list[str]:
    """Take indexes and constraints off, except keys that other tables point to; returns the statements that put them back."""
    statements = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), contype, pg_get_constraintdef(oid) FROM pg_constraint c"
            " WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'u', 'x', 'c', 'f')"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid AND f.confrelid = c.conrelid)"
            " ORDER BY contype IN ('c', 'f')",
            [list(tables)],
        )
        constraints = cursor.fetchall()
        for table, name, _kind, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = ANY(%s::regclass[])"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            [list(tables)],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            statements.append(definition)
    statements += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, _kind, definition in constraints]
    return statements


def in_parallel(work: Any, parts: Sequence[tuple[Any, ...]]) -> None:
    """Run the parts in a few processes of their own, each with its own connection; the first error ends all."""
    connection.close()
    forked = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(PROCESSES, mp_context=forked, initializer=_hurry) as pool:
        for done in concurrent.futures.as_completed([pool.submit(work, *part) for part in parts]):
            done.result()


def _hurry() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


_known: dict[int, tuple[Directory, Source, Context]] = {}


def _write_batch(seed: int, start: int, count: int) -> None:
    if seed not in _known:
        source = own_source(SourceKind.FILE)
        _known[seed] = Directory(seed), source, read_context(source)
    directory, source, context = _known[seed]
    numbers = range(start, start + count)
    with transaction.atomic():
        write_places(
            [(entry_of(directory.row(number), source=source, context=context, at=NOW), directory.standing(number)) for number in numbers]
        )


def _write_cards(ids: list[uuid.UUID]) -> None:
    write_cards(ids)
