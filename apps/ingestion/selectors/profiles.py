"""Profiles for matching: of cleaned records, and of what is stored."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from django.db import connection

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Category
from apps.catalog.services.bulk import GatheredEntry
from apps.core.arrays import array_literal
from apps.ingestion.matching import Profile, kind_of_category, make_profile, other_names, stored_and_wanted_keys
from apps.ingestion.steps.record import CleanRecord

# An entry is compared under the names that its records give it, too.
_STORED = """
    SELECT r.id, r.name, r.name_en, coalesce(c.slug, ''), r.latitude::float8, r.longitude::float8,
           coalesce(r.city_id::text, ''), coalesce(r.quarter_id::text, ''),
           (SELECT array_agg(p.kind || ' ' || p.value ORDER BY p.order_index) FROM contact_points p WHERE p.resource_id = r.id),
           (SELECT array_agg(DISTINCT n.name)
            FROM (SELECT i.clean ->> 'name' AS name FROM ingest_records i WHERE i.resource_id = r.id ORDER BY i.id DESC LIMIT 6) n
            WHERE n.name IS NOT NULL),
           coalesce(g.slug, '')
    FROM api_resources r
    LEFT JOIN categories c ON c.id = r.category_id
    LEFT JOIN cities t ON t.id = r.city_id
    LEFT JOIN regions g ON g.id = t.region_id
    WHERE r.id = ANY(%s::uuid[])
"""


def category_slugs() -> dict[str, str]:
    """Slug of each category by its id as text."""
    return {str(pk): slug for pk, slug in Category.objects.values_list("pk", "slug")}


def profile_of_clean(record: CleanRecord, slugs: Mapping[str, str]) -> Profile:
    """The profile of a cleaned record.

    :param slugs: what `category_slugs` gives.
    """
    return make_profile(
        name=record.name,
        other_names=[record.name_en, *other_names(record.extra)],
        category=record.raw_category or slugs.get(record.category_id or "", ""),
        phones=record.phones,
        email=record.email,
        website=record.website,
        latitude=record.latitude,
        longitude=record.longitude,
        city=record.city_id or "",
        quarter="" if record.is_quarter_guessed else record.quarter_id or "",
        region=record.region,
    )


class Sought(msgspec.Struct, frozen=True):
    """A cleaned record as matching sees it: keys under which an entry like it is stored, and those that find what it may be."""

    profile: Profile
    stored: list[int]
    wanted: list[int]


def seek(record: CleanRecord, slugs: Mapping[str, str]) -> Sought:
    """What a record is looked for by. Pure.

    :param slugs: what `category_slugs` gives.
    """
    profile = profile_of_clean(record, slugs)
    return Sought(profile, *stored_and_wanted_keys(profile))


def is_keyed_alike(record: CleanRecord, entry: GatheredEntry, gazetteer: Gazetteer) -> bool:
    """Whether an entry made of this record alone has the keys of the record (`Sought.stored`), so that they need not be made again.

    Its profile may differ in three things of which keys are made: other names among the attributes, the sort that its category
    means, and the region of its town instead of that of its position.
    """
    city = gazetteer.cities_by_id.get(record.city_id) if record.city_id else None
    if record.region != (city.region if city else "") or (record.extra and other_names(record.extra)):
        return False
    slug = gazetteer.category_slugs.get(record.category_id or str(entry.category_id), "")
    said = record.raw_category or gazetteer.category_slugs.get(record.category_id or "", "")
    return said == slug or kind_of_category(said) == kind_of_category(slug)


def profile_of_gathered(entry: GatheredEntry, gazetteer: Gazetteer) -> Profile:
    """What `stored_profiles` will give for an entry of one record once it is stored."""
    contacts = dict(entry.contacts)
    city = gazetteer.cities_by_id.get(str(entry.city_id)) if entry.city_id else None
    return make_profile(
        name=entry.name,
        other_names=[entry.name_en],
        category=gazetteer.category_slugs.get(str(entry.category_id), ""),
        phones=contacts.get("phone", ()),
        email=next(iter(contacts.get("email", ())), ""),
        website=next(iter(contacts.get("website", ())), ""),
        latitude=entry.latitude,
        longitude=entry.longitude,
        city=str(entry.city_id or ""),
        quarter=str(entry.quarter_id or ""),
        region=city.region if city else "",
    )


def stored_profiles(resource_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Profile]:
    """Profiles of entries by their id; an id that is not stored is left out. One statement."""
    found: dict[uuid.UUID, Profile] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [array_literal(resource_ids)])
        for resource_id, name, name_en, slug, *where, contacts, names, region in cursor.fetchall():
            found[resource_id] = _stored_profile(name, name_en, slug, *where, region, tuple(contacts or ()), tuple(names or ()))
    return found


# Neighbours of what is imported are met in chunk after chunk. What is remembered goes by all that was read, so that it is never stale.
@functools.lru_cache(maxsize=8192)
def _stored_profile(
    name: str, name_en: str, slug: str, latitude: float | None, longitude: float | None, city: str, quarter: str, region: str,
    contacts: Sequence[str], names: Sequence[str],
) -> Profile:  # fmt: skip
    values: dict[str, list[str]] = {"phone": [], "email": [], "website": []}
    for contact in contacts:
        kind, _, value = contact.partition(" ")
        values.setdefault(kind, []).append(value)
    return make_profile(
        name=name,
        other_names=[name_en, *(other for other in names if other != name)],
        category=slug,
        phones=values["phone"],
        email=next(iter(values["email"]), ""),
        website=next(iter(values["website"]), ""),
        latitude=latitude,
        longitude=longitude,
        city=city,
        quarter=quarter,
        region=region,
    )
