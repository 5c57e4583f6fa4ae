"""Writes the read model: the finished JSON of what the public sees (see `ResourceCard`)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg.types.datetime import TimestamptzLoader

from apps.catalog.card_json import CardSource, card_bytes
from apps.catalog.choices import WHATSAPP, Status
from apps.catalog.constants import LANGUAGES
from apps.core.arrays import array_literal
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump
from apps.core.copying import copy_rows

COLUMNS = (
    "resource_id", "language", "plan_rank", "published_at", "created_at", "resource_type", "category_number", "city_number",
    "quarter_id", "verified", "attributes", "geo", "hours", "version", "body", "extra",
)  # fmt: skip

# What counts of the catalogue are made of.
_COUNTED = ("resource_id", "category_number", "city_number", "quarter_id", "resource_type")
_COUNTED_PLACES = [COLUMNS.index(name) for name in _COUNTED]

# The lock keeps an edit and a rebuild of the same entry in line, so that an older card never follows a newer one.
# It is a statement of its own: rows that are read in the same statement would be those from before the wait.
_LOCK = "SELECT id FROM api_resources WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
# Names that the cards show may not change before they are written: whoever renames a category or place waits here, and
# rewrites the cards afterwards. Always after the entries, so that no two writers wait for each other.
_LOCK_NAMES = """
WITH touched AS MATERIALIZED (SELECT category_id, city_id, quarter_id FROM api_resources WHERE id = ANY(%s::uuid[])),
    c AS (SELECT id FROM categories WHERE id IN (SELECT category_id FROM touched) ORDER BY id FOR SHARE),
    v AS (SELECT id FROM cities WHERE id IN (SELECT city_id FROM touched) ORDER BY id FOR SHARE),
    q AS (SELECT id FROM quarters WHERE id IN (SELECT quarter_id FROM touched) ORDER BY id FOR SHARE)
SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM v), (SELECT count(*) FROM q)
"""
_ROWS = """
SELECT r.id, r.slug, r.name, r.name_en, r.resource_type, r.country, r.latitude::float8 AS latitude, r.longitude::float8 AS longitude,
    r.address_line1, r.address_line2, r.po_box, r.postal_code, r.accuracy_m, r.plan, r.plan_rank, r.verified, r.status,
    r.operating_status, r.attributes, r.is_demo, r.is_fictional, r.version, r.created_at, r.updated_at, r.published_at, r.user_id,
    r.category_id, r.quarter_id, r.description_fr, r.description_en, r.landmark_fr, r.landmark_en, r.directions_fr, r.directions_en,
    r.hours_kind, r.holiday_policy, r.metadata, r.meta_title, r.meta_description,
    c.number AS category_number, c.slug AS category_slug, c.name_fr AS category_name_fr, c.name_en AS category_name_en,
    c.icon AS category_icon, v.number AS city_number, v.slug AS city_slug, v.name_fr AS city_name_fr, v.name_en AS city_name_en,
    g.slug AS region_slug, g.name_fr AS region_name_fr, g.name_en AS region_name_en, q.slug AS quarter_slug, q.name AS quarter_name
FROM api_resources r
LEFT JOIN categories c ON c.id = r.category_id
LEFT JOIN cities v ON v.id = r.city_id
LEFT JOIN regions g ON g.id = v.region_id
LEFT JOIN quarters q ON q.id = r.quarter_id
WHERE r.id = ANY(%s::uuid[])
"""
_PUBLIC = " AND r.status = 'active' AND r.deleted_at IS NULL AND r.livemode"
_BESIDE = {
    "contacts": "SELECT resource_id, kind, value, is_whatsapp, is_primary FROM contact_points WHERE resource_id = ANY(%s::uuid[])"
    " ORDER BY order_index, id",
    "hours": "SELECT business_id AS resource_id, day_of_week, open_time, close_time, is_closed FROM business_hours"
    " WHERE business_id = ANY(%s::uuid[]) ORDER BY day_of_week, open_time",
    "special_days": "SELECT resource_id, date, open_time, close_time, is_closed, note FROM special_days WHERE resource_id = ANY(%s::uuid[])"
    " ORDER BY date, open_time",
    "images": "SELECT business_id AS resource_id, id, external_url, alt_text, alt_text_en, is_primary, order_index, width, height,"
    " renditions FROM business_images WHERE business_id = ANY(%s::uuid[]) ORDER BY order_index, id",
    "provenance": "SELECT resource_id, field, source, observed_at, confidence FROM field_provenance WHERE resource_id = ANY(%s::uuid[])"
    ' ORDER BY field COLLATE "C"',
}
# Names that the cards show, by the column of the entry that refers to them.
_NAMES = {
    "category_id": "SELECT id, number AS category_number, slug AS category_slug, name_fr AS category_name_fr,"
    " name_en AS category_name_en, icon AS category_icon FROM categories WHERE id = ANY(%s::uuid[])",
    "city_id": "SELECT v.id, v.number AS city_number, v.slug AS city_slug, v.name_fr AS city_name_fr, v.name_en AS city_name_en,"
    " g.slug AS region_slug, g.name_fr AS region_name_fr, g.name_en AS region_name_en"
    " FROM cities v LEFT JOIN regions g ON g.id = v.region_id WHERE v.id = ANY(%s::uuid[])",
    "quarter_id": "SELECT id, slug AS quarter_slug, name AS quarter_name FROM quarters WHERE id = ANY(%s::uuid[])",
}
_NO_NAMES: dict[str, None] = dict.fromkeys((
    "category_number", "category_slug", "category_name_fr", "category_name_en", "category_icon", "city_number", "city_slug", "city_name_fr",
    "city_name_en", "region_slug", "region_name_fr", "region_name_en", "quarter_slug", "quarter_name",
))  # fmt: skip
_PROFILES = " UNION ALL ".join(
    f"SELECT resource_id, to_jsonb(p) AS profile FROM {table} p WHERE resource_id = ANY(%(ids)s::uuid[])"  # noqa: S608  constants
    for table in ("business_profiles", "service_profiles", "dataset_profiles", "api_profiles")
)


def _read(cursor: Any, statement: str, parameters: object) -> list[dict[str, Any]]:
    cursor.execute(statement, parameters)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_sources(ids: Sequence[uuid.UUID], *, only_public: bool = True) -> list[CardSource]:
    """What the cards of these entries are made of, in a constant number of statements."""
    wanted = array_literal(ids)
    with connection.cursor() as cursor:
        # The driver's own loader: Django's, written in Python, takes half of the reading. Both give UTC.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        rows = _read(cursor, _ROWS + (_PUBLIC if only_public else ""), [wanted])
        sources = {row["id"]: CardSource(row) for row in rows}
        for row in rows:
            if isinstance(row["metadata"], str):
                row["metadata"] = json.loads(row["metadata"])
        for name, statement in _BESIDE.items():
            for beside in _read(cursor, statement, [wanted]):
                source = sources.get(beside.pop("resource_id"))
                if source is not None:
                    if isinstance(beside.get("renditions"), str):
                        beside["renditions"] = json.loads(beside["renditions"])
                    getattr(source, name).append(beside)
        for beside in _read(cursor, _PROFILES, {"ids": wanted}):
            source = sources.get(beside["resource_id"])
            if source is not None:
                source.profile = json.loads(beside["profile"]) if isinstance(beside["profile"], str) else beside["profile"]
    return list(sources.values())


def card_rows(source: CardSource) -> list[tuple[Any, ...]]:
    """The rows of `resource_card` of one entry, in the order of `COLUMNS`."""
    row = source.row
    geo = None if row["latitude"] is None else (row["longitude"], row["latitude"])
    hours = source.schedule().pack()
    offers = [*row["attributes"], WHATSAPP] if any(contact["is_whatsapp"] for contact in source.contacts) else row["attributes"]
    rows = []
    for language in LANGUAGES:
        body, extra = card_bytes(source, language)
        rows.append((
            row["id"], language, row["plan_rank"], row["published_at"], row["created_at"], row["resource_type"],
            row["category_number"], row["city_number"], row["quarter_id"], row["verified"], offers, geo, hours,
            row["version"], body, extra,
        ))  # fmt: skip
    return rows


@transaction.atomic
def write_cards(ids: Iterable[uuid.UUID]) -> int:
    """Make, replace or remove the cards of these entries; returns how many entries have cards now.

    Every write of an entry ends with it, in the same transaction. A constant number of statements for any number of ids.
    Counts of the catalogue are renewed when an entry appeared, disappeared or changed its category, place or type.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    literal = array_literal(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [literal])
        cursor.execute(_LOCK_NAMES, [literal])
        sources = read_sources(wanted)
        cursor.execute(f"DELETE FROM resource_card WHERE resource_id = ANY(%s::uuid[]) RETURNING {', '.join(_COUNTED)}", [literal])  # noqa: S608  constants
        counted_before = set(cursor.fetchall())
    rows = [row for source in sources for row in card_rows(source)]
    copy_rows("resource_card", COLUMNS, rows)
    counted = {tuple(row[place] for place in _COUNTED_PLACES) for row in rows}
    if counted != counted_before:
        bump(CATEGORIES)
    return len(sources)


def write_first_cards(sources: Iterable[CardSource]) -> int:
    """Make the cards of entries that this transaction made, of what it wrote; returns how many entries have cards.

    What `write_cards` would write for a third of the work: only names are read, and of JSON the form in which the database keeps it.

    :param sources: without names, in the form of `read_sources`.
    """
    public = [source for source in sources if source.row["status"] == Status.ACTIVE and source.row["livemode"]]
    if not public:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_NAMES, [array_literal(source.row["id"] for source in public)])
        for source in public:
            source.row |= _NO_NAMES
        for column, statement in _NAMES.items():
            wanted = {source.row[column] for source in public} - {None}
            named = {names.pop("id"): names for names in _read(cursor, statement, [array_literal(wanted)])} if wanted else {}
            for source in public:
                source.row |= named.get(source.row[column], {})
        with_json = {source.row["id"]: source for source in public if source.row["metadata"]}
        if with_json:
            cursor.execute("SELECT id, metadata::text FROM api_resources WHERE id = ANY(%s::uuid[])", [array_literal(with_json)])
            for resource_id, text in cursor.fetchall():
                with_json[resource_id].row["metadata"] = json.loads(text)
    copy_rows("resource_card", COLUMNS, [row for source in public for row in card_rows(source)])
    bump(CATEGORIES)
    return len(public)


@transaction.atomic
def refresh_cards(ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Write the cards of those of these entries whose cards are not what they should be; returns these entries.

    Safe beside edits: an entry that is being edited is waited for.
    """
    wanted = sorted(set(ids))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [array_literal(wanted)])
    stale = find_stale_cards(wanted)
    write_cards(stale)
    return stale


def expected_cards(ids: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], tuple[Any, ...]]:
    """The rows that these entries should have, by (id, language), in the order of `COLUMNS`."""
    return {(row[0], row[1]): row for source in read_sources(list(ids)) for row in card_rows(source)}


def find_stale_cards(ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Entries among these whose cards are not what they should be: missing, left over, or different in any column."""
    expected = {key: _comparable(row) for key, row in expected_cards(ids).items()}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM resource_card WHERE resource_id = ANY(%s::uuid[])", [array_literal(ids)])  # noqa: S608  constants
        found = {(row[0], row[1]): _comparable(row) for row in cursor.fetchall()}
    return sorted({key[0] for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)})


def _comparable(row: Sequence[Any]) -> tuple[Any, ...]:
    """A row whose bytes and position have one form, whether it was made or read."""
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    if isinstance(values["geo"], str):
        values["geo"] = tuple(float(part) for part in values["geo"].strip("()").split(","))
    for name in ("hours", "body", "extra"):
        if values[name] is not None:
            values[name] = bytes(values[name])
    return tuple(values.values())
