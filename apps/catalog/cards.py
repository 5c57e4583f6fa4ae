"""Writes the read model: the finished JSON of what the public sees (see `ResourceCard`)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from apps.catalog.card_json import CardSource, card_bytes
from apps.catalog.constants import LANGUAGES

COLUMNS = (
    "resource_id", "language", "plan_rank", "published_at", "resource_type", "category_number", "city_number", "quarter_id",
    "verified", "attributes", "geo", "hours", "version", "body", "extra",
)  # fmt: skip

# The lock keeps an edit and a rebuild of the same entry in line, so that an older card never follows a newer one.
_LOCK = "SELECT id FROM api_resources WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
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
WHERE r.id = ANY(%s)
"""
_PUBLIC = " AND r.status = 'active' AND r.deleted_at IS NULL AND r.livemode"
_BESIDE = {
    "contacts": "SELECT resource_id, kind, value, is_whatsapp, is_primary FROM contact_points WHERE resource_id = ANY(%s)"
    " ORDER BY order_index, id",
    "hours": "SELECT business_id AS resource_id, day_of_week, open_time, close_time, is_closed FROM business_hours"
    " WHERE business_id = ANY(%s) ORDER BY day_of_week, open_time",
    "special_days": "SELECT resource_id, date, open_time, close_time, is_closed, note FROM special_days WHERE resource_id = ANY(%s)"
    " ORDER BY date, open_time",
    "images": "SELECT business_id AS resource_id, id, external_url, alt_text, alt_text_en, is_primary, order_index, width, height,"
    " renditions FROM business_images WHERE business_id = ANY(%s) ORDER BY order_index, id",
    "provenance": "SELECT resource_id, field, source, observed_at, confidence FROM field_provenance WHERE resource_id = ANY(%s)"
    " ORDER BY field",
}
_PROFILES = " UNION ALL ".join(
    f"SELECT resource_id, to_jsonb(p) AS profile FROM {table} p WHERE resource_id = ANY(%(ids)s)"  # noqa: S608  constants
    for table in ("business_profiles", "service_profiles", "dataset_profiles", "api_profiles")
)


def _read(cursor: Any, statement: str, parameters: object) -> list[dict[str, Any]]:
    cursor.execute(statement, parameters)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_sources(ids: Sequence[uuid.UUID], *, only_public: bool = True) -> list[CardSource]:
    """What the cards of these entries are made of, in a constant number of statements."""
    wanted = list(ids)
    with connection.cursor() as cursor:
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
    geo = None if row["latitude"] is None else f"({row['longitude']!r},{row['latitude']!r})"
    hours = source.schedule().pack()
    rows = []
    for language in LANGUAGES:
        body, extra = card_bytes(source, language)
        rows.append((
            row["id"], language, row["plan_rank"], row["published_at"], row["resource_type"], row["category_number"],
            row["city_number"], row["quarter_id"], row["verified"], row["attributes"], geo, hours, row["version"], body, extra,
        ))  # fmt: skip
    return rows


@transaction.atomic
def write_cards(ids: Iterable[uuid.UUID]) -> int:
    """Make, replace or remove the cards of these entries; returns how many entries have cards now.

    Every write of an entry ends with it, in the same transaction. A constant number of statements for any number of ids.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [wanted])
        sources = read_sources(wanted)
        cursor.execute("DELETE FROM resource_card WHERE resource_id = ANY(%s)", [wanted])
        with cursor.copy(f"COPY resource_card ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for source in sources:
                for row in card_rows(source):
                    copy.write_row(row)
    return len(sources)


def find_stale_cards(ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Entries among these whose cards are not what they should be: missing, left over, or of other bytes."""
    wanted = list(ids)
    expected = {(row[0], row[1]): (row[12], row[13], row[14]) for source in read_sources(wanted) for row in card_rows(source)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT resource_id, language, version, body, extra FROM resource_card WHERE resource_id = ANY(%s)", [wanted])
        found = {(row[0], row[1]): (row[2], bytes(row[3]), bytes(row[4])) for row in cursor.fetchall()}
    return sorted({key[0] for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)})
