"""Search documents of entries, from what the catalogue says now: at most 1,000 in a constant number of statements."""

from __future__ import annotations

import functools
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import translation
from psycopg.types.datetime import TimestamptzLoader

from apps.catalog.choices import Attribute
from apps.search.documents import SearchDocument, Texts
from apps.search.services.completeness import completeness
from apps.search.services.schedules import schedule_keys

_ROWS = """
SELECT r.id, r.version, r.name, r.name_en, r.resource_type, r.published_at, r.plan_rank, r.verified, r.attributes,
    r.latitude::float8 AS latitude, r.longitude::float8 AS longitude, r.address_line1, r.address_line2, r.po_box, r.description_fr,
    r.description_en, r.landmark_fr, r.landmark_en, r.directions_fr, r.directions_en, r.category_id, r.quarter_id, k.hours,
    v.number AS city, c.number AS category, coalesce(k.attributes, r.attributes) AS offers,
    array_remove(ARRAY[v.name_fr, v.name_en, d.name_fr, d.name_en, g.name_fr, g.name_en, q.name] || q.aliases || v.aliases || d.aliases
        || g.aliases, NULL) AS areas,
    EXISTS (SELECT FROM business_images i WHERE i.business_id = r.id AND (i.external_url <> '' OR i.state = 'ready')) AS has_picture
FROM api_resources r
JOIN categories c ON c.id = r.category_id
LEFT JOIN cities v ON v.id = r.city_id
LEFT JOIN departments d ON d.id = v.department_id
LEFT JOIN regions g ON g.id = v.region_id
LEFT JOIN quarters q ON q.id = r.quarter_id
LEFT JOIN resource_card k ON k.resource_id = r.id AND k.language = 'fr'
WHERE r.id = ANY(%(ids)s) AND r.status = 'active' AND r.deleted_at IS NULL AND r.livemode
"""
# The names of a category and of all above it.
_CATEGORIES = """
WITH RECURSIVE up AS (
    SELECT id AS start, id, parent_id, name_fr, name_en, aliases FROM categories WHERE id = ANY(%(categories)s)
    UNION ALL
    SELECT u.start, c.id, c.parent_id, c.name_fr, c.name_en, c.aliases FROM categories c JOIN up u ON c.id = u.parent_id
)
SELECT start, name_fr, name_en, aliases FROM up
"""
_CONTACTS = "SELECT resource_id, kind, value FROM contact_points WHERE resource_id = ANY(%(ids)s) ORDER BY order_index, id"
# The members of profiles that hold words.
_PROFILE_WORDS = {
    "business_profiles": ("legal_form",),
    "service_profiles": ("provider", "delay_fr", "delay_en", "documents_fr", "documents_en"),
    "dataset_profiles": ("publisher", "licence", "formats", "spatial_coverage_fr", "spatial_coverage_en"),
    "api_profiles": ("provider", "formats", "quota_fr", "quota_en", "endpoints"),
}
_PROFILES = " UNION ALL ".join(
    f"SELECT resource_id, jsonb_build_array({', '.join(members)}) FROM {table} WHERE resource_id = ANY(%(ids)s)"  # noqa: S608  constants
    for table, members in _PROFILE_WORDS.items()
)
_TEXTS = (
    "description_fr", "description_en", "landmark_fr", "landmark_en", "directions_fr", "directions_en",
)  # fmt: skip
_AREA_TEXTS = ("address_line1", "address_line2", "po_box")
_ADDRESS = re.compile(r"^(https?://|/)")


@dataclass(slots=True)
class Built:
    """A document, and its words as people write them, by folded form: for the vocabulary."""

    document: SearchDocument
    spelled: Mapping[str, str]


@dataclass(slots=True)
class _Beside:
    contacts: list[tuple[str, str]] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)


def build_documents(ids: Sequence[uuid.UUID]) -> list[Built]:
    """Documents of those of these entries that are public."""
    with connection.cursor() as cursor:
        # The driver's own loader: Django's is written in Python.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(_ROWS, {"ids": list(ids)})
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        found = {"ids": [row["id"] for row in rows]}
        cursor.execute(_CATEGORIES, {"categories": list({row["category_id"] for row in rows})})
        categories: dict[uuid.UUID, list[str]] = {}
        for start, name_fr, name_en, aliases in cursor.fetchall():
            categories.setdefault(start, []).extend([name_fr, name_en, *aliases])
        beside = {row["id"]: _Beside() for row in rows}
        cursor.execute(_CONTACTS, found)
        for pk, kind, contact in cursor.fetchall():
            beside[pk].contacts.append((kind, contact))
        cursor.execute(_PROFILES, found)
        for pk, profile in cursor.fetchall():
            beside[pk].profile += _texts_of(json.loads(profile) if isinstance(profile, str) else profile)
    schedules = schedule_keys({bytes(row["hours"]) for row in rows if row["hours"] is not None})
    return [_built(row, beside[row["id"]], categories[row["category_id"]], schedules) for row in rows]


def _built(row: dict[str, Any], beside: _Beside, categories: Sequence[str], schedules: Mapping[bytes, int]) -> Built:
    hours = None if row["hours"] is None else bytes(row["hours"])
    kinds = {kind for kind, _value in beside.contacts}
    labels = [label for attribute in row["attributes"] for label in attribute_labels(attribute)]
    texts = Texts(
        names=[row["name"], row["name_en"]],
        categories=categories,
        areas=row["areas"],
        addresses=[row[name] for name in _AREA_TEXTS if row[name]],
        texts=[*(row[name] for name in _TEXTS if row[name]), *labels, *beside.profile],
        phones=[contact for kind, contact in beside.contacts if kind == "phone"],
    )
    told = {
        "description": row["description_fr"] or row["description_en"],
        "both_languages": row["description_fr"] and row["description_en"],
        "phone": "phone" in kinds, "website": "website" in kinds, "email": "email" in kinds, "hours": hours is not None,
        "position": row["latitude"] is not None, "picture": row["has_picture"], "quarter": row["quarter_id"],
        "address": row["address_line1"], "landmark": row["landmark_fr"] or row["landmark_en"], "attributes": row["attributes"],
    }  # fmt: skip
    document = SearchDocument(
        id=row["id"],
        version=row["version"],
        names=texts.folded_names(),
        name_terms=texts.name_terms(),
        terms=texts.all_terms(),
        resource_type=row["resource_type"],
        category=row["category"],
        published_at=row["published_at"],
        plan_rank=row["plan_rank"],
        quality=completeness(told),
        verified=row["verified"],
        city=row["city"],
        quarter=row["quarter_id"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        attributes=tuple(row["offers"]),
        schedule=None if hours is None else schedules[hours],
        packed=texts.packed(),
    )
    return Built(document, texts.spelled())


def _texts_of(value: object) -> list[str]:
    """Every text inside a JSON value that is not an address."""
    if isinstance(value, str):
        return [] if _ADDRESS.match(value) else [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts_of(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts_of(item)]
    return []


@functools.cache
def attribute_labels(attribute: str) -> tuple[str, ...]:
    """What an attribute is called in each language."""
    labels = []
    for language in ("fr", "en"):
        with translation.override(language):
            labels.append(str(Attribute(attribute).label))
    return tuple(labels)
