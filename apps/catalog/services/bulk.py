"""Entries by the thousand: written set-based by who gathers them from elsewhere, with their cards and one event.

What a person fixed is named in `locked` and stays; what staff deleted or moderated is for the caller to leave out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection
from django.utils.text import slugify
from psycopg.types.json import Jsonb

from apps.catalog import events as catalog_events
from apps.catalog.card_json import CardSource
from apps.catalog.cards import write_cards, write_first_cards
from apps.catalog.choices import HoursKind, OperatingStatus, ResourceType, Status
from apps.catalog.constants import RESERVED_SLUGS
from apps.core import events
from apps.core.arrays import array_literal
from apps.core.copying import copy_rows
from apps.core.ids import uuid7

# At most so many ids in one event (contracts, section 1).
EVENT_MAX = 1000

_COLUMNS = (
    "id", "user_id", "resource_type", "name", "name_en", "slug", "description_fr", "description_en", "category_id", "address_line1",
    "address_line2", "quarter_id", "city_id", "po_box", "postal_code", "country", "latitude", "longitude", "accuracy_m",
    "landmark_fr", "landmark_en", "directions_fr", "directions_en", "hours_kind", "holiday_policy", "attributes", "metadata",
    "status", "operating_status", "plan", "verified", "livemode", "is_demo", "is_fictional", "meta_title", "meta_description",
    "source", "source_id", "content_hash", "version", "created_at", "updated_at", "published_at",
)  # fmt: skip
# What a later telling may change, by the name under which a person fixes it.
_REFRESHED = {
    "name": ("name", "name_en"), "description": ("description_fr", "description_en"), "category": ("category_id",),
    "address_line1": ("address_line1", "po_box"), "landmark": ("landmark_fr",), "city": ("city_id", "quarter_id"),
    "position": ("latitude", "longitude"), "hours": ("hours_kind",), "attributes": ("attributes",),
    "operating_status": ("operating_status",), "metadata": ("metadata",),
}  # fmt: skip

Week = dict[int, tuple[tuple[dt.time, dt.time], ...]]


class ToldField(msgspec.Struct, frozen=True):
    """Where one field's value came from; a row of the provenance table."""

    field: str
    source: str
    source_url: str
    raw_value: str
    observed_at: dt.datetime
    confidence: float


@dataclass(slots=True, kw_only=True)
class GatheredEntry:
    """All that is written of one entry. `locked` names what a person fixed; it is read when the entry exists already."""

    id: uuid.UUID
    source: str
    source_id: str
    name: str
    category_id: uuid.UUID | None
    status: Status
    content_hash: bytes
    country: str = "CM"
    user_id: uuid.UUID | None = None
    livemode: bool = True
    resource_type: str = ResourceType.BUSINESS.value
    name_en: str = ""
    description_fr: str = ""
    description_en: str = ""
    address_line1: str = ""
    po_box: str = ""
    landmark_fr: str = ""
    city_id: uuid.UUID | None = None
    quarter_id: uuid.UUID | None = None
    latitude: float | None = None
    longitude: float | None = None
    attributes: list[str] = field(default_factory=list)
    operating_status: str = OperatingStatus.OPEN.value
    metadata: dict[str, Any] = field(default_factory=dict)
    hours: Week | None = None
    contacts: Sequence[tuple[str, Sequence[str]]] = ()
    whatsapp: Sequence[str] = ()
    provenance: Sequence[ToldField] = ()
    locked: frozenset[str] = frozenset()


def create_entries(entries: Sequence[GatheredEntry], *, at: dt.datetime) -> list[CardSource]:
    """Insert new entries with contacts, hours and provenance. `announce_entries` follows, in the same transaction.

    :returns: what their cards are made of, for `announce_entries`.
    :raises django.db.DataError: a value that its column cannot hold. :raises django.db.IntegrityError: one that breaks a rule.
    """
    rows = [_values(entry, at=at.astimezone(dt.UTC)) for entry in entries]
    details = [_details(entry) for entry in entries]
    copy_rows("api_resources", _COLUMNS, rows)
    _copy_details(details)
    return [_source(*written) for written in zip(entries, rows, details, strict=True)]


def refresh_entries(entries: Sequence[GatheredEntry], *, at: dt.datetime) -> None:
    """Bring entries, locked by the caller, to what is now said of them. A pending one that nobody owns takes the new status.

    `announce_entries` follows, in the same transaction. Raises as `create_entries`.
    """
    if not entries:
        return
    assignments = ", ".join(
        f"{column} = CASE WHEN '{name}' = ANY(i.locked) THEN r.{column} ELSE i.{column} END"
        for name, columns in _REFRESHED.items()
        for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE incoming (LIKE api_resources, locked text[]) ON COMMIT DROP")
        # `number` draws no value here and `plan_rank` is generated: neither is read from this table.
        cursor.execute("ALTER TABLE incoming ALTER number DROP NOT NULL")
    copy_rows("incoming", [*_COLUMNS, "locked"], ((*_values(entry, at=at), sorted(entry.locked)) for entry in entries))
    ids = array_literal(entry.id for entry in entries)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE api_resources r SET {assignments}, content_hash = i.content_hash, updated_at = i.updated_at,
                version = r.version + 1,
                source = CASE WHEN r.source = '' THEN i.source ELSE r.source END,
                source_id = CASE WHEN r.source = '' THEN i.source_id ELSE r.source_id END,
                status = CASE WHEN r.status = 'pending' AND (r.user_id IS NULL OR NOT r.livemode) THEN i.status ELSE r.status END,
                published_at = CASE WHEN r.status = 'pending' AND (r.user_id IS NULL OR NOT r.livemode)
                    THEN coalesce(r.published_at, i.published_at) ELSE r.published_at END
            FROM incoming i WHERE r.id = i.id
            """  # noqa: S608  column names are constants of this module
        )
        cursor.execute("DROP TABLE incoming")
        cursor.execute("DELETE FROM field_provenance WHERE resource_id = ANY(%s::uuid[]) AND NOT locked_by_owner", [ids])
        for table, column, name in (("contact_points", "resource_id", "contacts"), ("business_hours", "business_id", "hours")):
            free = array_literal(entry.id for entry in entries if name not in entry.locked)
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s::uuid[])", [free])  # noqa: S608  constants
    _copy_details([_details(entry) for entry in entries])


def announce_entries(ids: Iterable[uuid.UUID], *, key: str, created: Sequence[CardSource] = ()) -> None:
    """Cards of entries that were just written, and one event for at most `EVENT_MAX` of them.

    :param key: whose entries they are; events of one key keep their order. :param created: what `create_entries` gave for some of them.
    """
    wanted = list(ids)
    if not wanted:
        return
    write_cards(set(wanted) - {source.row["id"] for source in created})
    write_first_cards(created)
    for start in range(0, len(wanted), EVENT_MAX):
        told = [str(resource_id) for resource_id in wanted[start : start + EVENT_MAX]]
        events.publish(catalog_events.resources_changed, key=key, resource_ids=told)


def _values(entry: GatheredEntry, *, at: dt.datetime) -> tuple[Any, ...]:
    base = slugify(entry.name)[:180].strip("-")
    # The random end of a UUIDv7 makes the address unique without a query; an unwritable name is only that.
    slug = f"{base}-{entry.id.hex[-8:]}" if base and base not in RESERVED_SLUGS else f"fiche-{entry.id.hex[-12:]}"
    return (
        entry.id, entry.user_id, entry.resource_type, entry.name, entry.name_en, slug, entry.description_fr, entry.description_en,
        entry.category_id, entry.address_line1, "", entry.quarter_id, entry.city_id, entry.po_box, "", entry.country,
        _decimal(entry.latitude), _decimal(entry.longitude), None, entry.landmark_fr, "", "", "", _hours_kind(entry.hours), "unknown",
        entry.attributes, Jsonb(entry.metadata, dumps=msgspec.json.encode), entry.status.value, entry.operating_status, "free", False,
        entry.livemode, False, False, "", "", entry.source, entry.source_id, entry.content_hash, 1, at, at,
        at if entry.status == Status.ACTIVE else None,
    )  # fmt: skip


def _decimal(degrees: float | None) -> Decimal | None:
    return None if degrees is None else Decimal(repr(degrees))


def _hours_kind(hours: Week | None) -> str:
    if hours is None:
        return HoursKind.UNKNOWN.value
    whole_days = ((dt.time(0), dt.time(0)),)
    is_always = len(hours) == 7 and all(tuple(intervals) == whole_days for intervals in hours.values())
    return (HoursKind.ALWAYS if is_always else HoursKind.WEEKLY).value


_CONTACTS = ("id", "resource_id", "kind", "value", "is_whatsapp", "is_primary", "order_index")
_HOURS = ("id", "business_id", "day_of_week", "open_time", "close_time", "is_closed")
_PROVENANCE = ("resource_id", "field", "source", "source_url", "raw_value", "observed_at", "confidence", "locked_by_owner")
# A listed day without interval is one row without times.
_CLOSED_DAY: tuple[tuple[Any, Any], ...] = ((None, None),)


@dataclass(slots=True)
class _Details:
    """Rows of the tables beside one entry."""

    contacts: list[tuple[Any, ...]]
    hours: list[tuple[Any, ...]]
    provenance: list[tuple[Any, ...]]


def _details(entry: GatheredEntry) -> _Details:
    """Of what is not locked."""
    contacts = [
        (uuid7(), entry.id, kind, value, value in entry.whatsapp, order == 0, order)
        for kind, values in (() if "contacts" in entry.locked else entry.contacts)
        for order, value in enumerate(values)
    ]
    hours = [
        (uuid7(), entry.id, day, opens, closes, opens is None)
        for day, intervals in ({} if "hours" in entry.locked else entry.hours or {}).items()
        for opens, closes in (intervals or _CLOSED_DAY)
    ]
    provenance = [
        (entry.id, told.field, told.source, told.source_url, told.raw_value, told.observed_at.astimezone(dt.UTC), told.confidence, False)
        for told in entry.provenance
        if told.field not in entry.locked
    ]
    return _Details(contacts, hours, provenance)


def _copy_details(details: Sequence[_Details]) -> None:
    """Contacts, hours and provenance of new and refreshed entries."""
    copy_rows("contact_points", _CONTACTS, (row for own in details for row in own.contacts))
    copy_rows("business_hours", _HOURS, (row for own in details for row in own.hours))
    copy_rows("field_provenance", _PROVENANCE, (row for own in details for row in own.provenance))


def _source(entry: GatheredEntry, values: tuple[Any, ...], details: _Details) -> CardSource:
    """What was written of a new entry as `cards.read_sources` would read it, but for names."""
    row = dict(zip(_COLUMNS, values, strict=True))
    row |= {"latitude": entry.latitude, "longitude": entry.longitude, "metadata": entry.metadata, "plan_rank": 0}
    return CardSource(
        row,
        contacts=[
            {"kind": kind, "value": value, "is_whatsapp": is_whatsapp, "is_primary": is_primary}
            for _id, _entry, kind, value, is_whatsapp, is_primary, _order in sorted(details.contacts, key=lambda one: (one[-1], one[0]))
        ],
        hours=[
            {"day_of_week": day, "open_time": opens, "close_time": closes, "is_closed": is_closed}
            for _id, _entry, day, opens, closes, is_closed in sorted(details.hours, key=lambda one: (one[2], one[3] or dt.time.max))
        ],
        provenance=[
            {"field": name, "source": source, "observed_at": observed_at, "confidence": confidence}
            for _entry, name, source, _url, _raw, observed_at, confidence, _locked in sorted(details.provenance)
        ],
    )
