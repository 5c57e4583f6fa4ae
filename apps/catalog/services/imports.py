"""Bulk import of places: cleaned rows in, entries with cards out, one short transaction a batch.

Idempotent by (source, source_id): a row that says what is stored already costs one look-up. What staff deleted
or moderated stays as they left it, and fields that an owner or staff fixed are not overwritten.
"""

from __future__ import annotations

import datetime as dt
import gc
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.text import slugify
from psycopg.types.json import Jsonb

from apps.catalog import events as catalog_events
from apps.catalog.cards import write_cards
from apps.catalog.choices import ContactKind, HoursKind, ResourceType, Status
from apps.catalog.constants import RESERVED_SLUGS
from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import FieldProvenance, ModerationDecision, Resource
from apps.catalog.place_rows import PlaceRow, RowRejected, parse_row
from apps.catalog.services.reference import read_reference
from apps.catalog.sources import UnreadableRow
from apps.core import events
from apps.core.copying import copy_rows
from apps.core.ids import uuid7

BATCH_SIZE = 1000
SHOWN_REJECTIONS = 1000
# Trust in what a file says of a place, against what its owner says (1.0).
FILE_CONFIDENCE, GUESS_CONFIDENCE = 0.5, 0.3

_COLUMNS = (
    "id", "resource_type", "name", "name_en", "slug", "description_fr", "description_en", "category_id", "address_line1",
    "address_line2", "quarter_id", "city_id", "po_box", "postal_code", "country", "latitude", "longitude", "accuracy_m",
    "landmark_fr", "landmark_en", "directions_fr", "directions_en", "hours_kind", "holiday_policy", "attributes", "metadata",
    "status", "operating_status", "plan", "verified", "livemode", "is_demo", "is_fictional", "meta_title", "meta_description",
    "source", "source_id", "content_hash", "version", "created_at", "updated_at", "published_at",
)  # fmt: skip
# What a newer row of the same source may change, by the field's name in the provenance table.
_REFRESHED = {
    "name": ("name",), "description": ("description_fr",), "category": ("category_id",), "address_line1": ("address_line1",),
    "city": ("city_id", "quarter_id"), "position": ("latitude", "longitude"), "hours": ("hours_kind",), "metadata": ("metadata",),
}  # fmt: skip


@dataclass
class ImportReport:
    """What happened to each input row, counted once; `reasons` counts rejections and dropped fields by word."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejections: list[tuple[int, str, str]] = field(default_factory=list)

    def reject(self, number: int, reason: str, detail: str) -> None:
        """Count a rejected row and keep the first ones to show."""
        self.rejected += 1
        self.reasons[reason] += 1
        if len(self.rejections) < SHOWN_REJECTIONS:
            self.rejections.append((number, reason, detail))


@dataclass(slots=True)
class _Stored:
    """What is stored of a row that was imported before."""

    id: uuid.UUID
    content_hash: bytes
    is_settled: bool
    locked: frozenset[str]


def import_rows(
    rows: Iterable[tuple[int, object]],
    *,
    country: str,
    at: dt.datetime,
    on_batch: Callable[[int], object] = lambda _count: None,
) -> ImportReport:
    """Import raw rows, numbered as in their file; never stops at a bad one.

    :param at: becomes `created_at`, `updated_at` and `published_at`.
    :param on_batch: told the number of input rows done since it was last told.
    """
    gazetteer = Gazetteer(read_reference("osm_categories"))
    report = ImportReport()
    # A batch makes enough objects for several full collections, each a walk through all that Django holds: a third of the time.
    gc.freeze()
    try:
        for batch in _batches(rows):
            _import_batch(batch, gazetteer=gazetteer, country=country, at=at, report=report)
            on_batch(len(batch))
    finally:
        gc.unfreeze()
    return report


def _batches(rows: Iterable[tuple[int, object]]) -> Iterator[list[tuple[int, object]]]:
    batch: list[tuple[int, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _import_batch(batch: list[tuple[int, object]], *, gazetteer: Gazetteer, country: str, at: dt.datetime, report: ImportReport) -> None:
    """Clean the rows and store them by identity: one statement may not touch an entry twice."""
    said: dict[tuple[str, str], list[tuple[int, PlaceRow]]] = {}
    for number, raw in batch:
        if isinstance(raw, UnreadableRow):
            report.reject(number, raw.reason, raw.detail)
            continue
        try:
            row = parse_row(raw, gazetteer=gazetteer, country=country)
        except RowRejected as error:
            report.reject(number, error.reason, error.detail)
            continue
        said.setdefault((row.source, row.source_id), []).append((number, row))
    if said:
        _store_or_split(list(said.values()), country=country, at=at, report=report)


def _store_or_split(said: list[list[tuple[int, PlaceRow]]], *, country: str, at: dt.datetime, report: ImportReport) -> None:
    """Store what is said of each entry; if the database refuses a row that the checks let through, that one alone is rejected."""
    try:
        created, updated = _store([[row for _number, row in rows] for rows in said], country=country, at=at)
    except (DataError, IntegrityError) as error:
        for part in _parts(said):
            _store_or_split(part, country=country, at=at, report=report)
        if len(said) == len(said[0]) == 1:
            report.reject(said[0][0][0], "refused_by_database", str(error).splitlines()[0][:120])
        return
    rows = [row for rows in said for _number, row in rows]
    report.created += created
    report.updated += updated
    report.unchanged += len(rows) - created - updated
    for row in rows:
        report.reasons.update(f"{name}_dropped" for name, _value in row.warnings)
        if not row.is_category_known:
            report.reasons["category_unmapped"] += 1


def _parts(said: list[list[tuple[int, PlaceRow]]]) -> list[list[list[tuple[int, PlaceRow]]]]:
    """Halves of several entries; of one entry what was said before its last row, then that; nothing of a single row."""
    if len(said) > 1:
        middle = len(said) // 2
        return [said[:middle], said[middle:]]
    rows = said[0]
    return [[rows[:-1]], [rows[-1:]]] if len(rows) > 1 else []


@transaction.atomic
def _store(said: list[list[PlaceRow]], *, country: str, at: dt.datetime) -> tuple[int, int]:
    """Write what is said of each entry. The last row wins; all are counted as if each had been written.

    :param said: for each entry its rows, in the order of the file.
    :returns: how many rows created an entry, and how many changed one.
    """
    stored = _look_up([rows[-1] for rows in said])
    created: list[tuple[uuid.UUID, PlaceRow]] = []
    updated: list[tuple[_Stored, PlaceRow]] = []
    changes = 0
    for rows in said:
        row = rows[-1]
        known = stored.get((row.source, row.source_id))
        if known is not None and known.is_settled:
            continue
        hashes = [one.content_hash() for one in rows]
        before = hashes[0] if known is None else known.content_hash
        changes += sum(one != former for former, one in itertools.pairwise([before, *hashes]))
        if known is None:
            created.append((uuid7(), row))
        elif hashes[-1] != before:
            updated.append((known, row))
    if not created and not updated:
        return 0, changes
    _insert(created, country=country, at=at)
    _refresh(updated, country=country, at=at)
    _copy_details(created + [(known.id, row) for known, row in updated], at=at, locked={k.id: k.locked for k, _row in updated})
    ids = [resource_id for resource_id, _row in created] + [known.id for known, _row in updated]
    write_cards(ids)
    events.publish(catalog_events.resources_changed, key="import", resource_ids=[str(i) for i in ids])
    return len(created), changes


def _look_up(rows: list[PlaceRow]) -> dict[tuple[str, str], _Stored]:
    """Lock and read what is stored of these rows, in id order so that two imports cannot block each other."""
    by_source: dict[str, list[str]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row.source_id)
    found: dict[tuple[str, str], _Stored] = {}
    for source, source_ids in sorted(by_source.items()):
        locked_fields: dict[uuid.UUID, set[str]] = {}
        resources = list(
            Resource.objects.filter(source=source, source_id__in=source_ids)
            .order_by("id")
            .select_for_update(no_key=True)
            .values_list("id", "source_id", "content_hash", "status", "deleted_at")
        )
        ids = [resource[0] for resource in resources]
        moderated = set(ModerationDecision.objects.filter(resource__in=ids).values_list("resource_id", flat=True)) if ids else set()
        if ids:
            for resource_id, name in FieldProvenance.objects.filter(resource__in=ids, locked_by_owner=True).values_list(
                "resource_id", "field"
            ):
                locked_fields.setdefault(resource_id, set()).add(name)
        for resource_id, source_id, content_hash, status, deleted_at in resources:
            is_settled = deleted_at is not None or (resource_id in moderated and status != Status.ACTIVE)
            found[source, source_id] = _Stored(
                resource_id, bytes(content_hash or b""), is_settled, frozenset(locked_fields.get(resource_id, ()))
            )
    return found


def _values(resource_id: uuid.UUID, row: PlaceRow, *, country: str, at: dt.datetime) -> tuple[Any, ...]:
    base = slugify(row.name)[:180].strip("-")
    # The random end of a UUIDv7 makes the address unique without a query; an unwritable name is only that.
    slug = f"{base}-{resource_id.hex[-8:]}" if base and base not in RESERVED_SLUGS else f"fiche-{resource_id.hex[-12:]}"
    metadata = {"import": row.extra} if row.extra else {}
    return (
        resource_id, ResourceType.BUSINESS.value, row.name, "", slug, row.description, "", row.category_id, row.address,
        "", row.quarter_id, row.city_id, "", "", country, _decimal(row.latitude), _decimal(row.longitude), None,
        "", "", "", "", _hours_kind(row), "unknown", [], Jsonb(metadata, dumps=msgspec.json.encode),
        (Status.ACTIVE if row.is_complete else Status.PENDING).value, "open", "free", False, True, False, False, "", "",
        row.source, row.source_id, row.content_hash(), 1, at, at, at if row.is_complete else None,
    )  # fmt: skip


def _decimal(degrees: float | None) -> Decimal | None:
    return None if degrees is None else Decimal(repr(degrees))


def _hours_kind(row: PlaceRow) -> str:
    if row.hours is None:
        return HoursKind.UNKNOWN.value
    whole_days = [(dt.time(0), dt.time(0))]
    is_always = len(row.hours) == 7 and all(intervals == whole_days for intervals in row.hours.values())
    return (HoursKind.ALWAYS if is_always else HoursKind.WEEKLY).value


def _insert(created: list[tuple[uuid.UUID, PlaceRow]], *, country: str, at: dt.datetime) -> None:
    copy_rows("api_resources", _COLUMNS, (_values(resource_id, row, country=country, at=at) for resource_id, row in created))


def _refresh(updated: list[tuple[_Stored, PlaceRow]], *, country: str, at: dt.datetime) -> None:
    """Bring stored entries to what their source now says, field by field, except what people fixed."""
    if not updated:
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
    copy_rows(
        "incoming",
        [*_COLUMNS, "locked"],
        ((*_values(known.id, row, country=country, at=at), sorted(known.locked)) for known, row in updated),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE api_resources r SET {assignments}, content_hash = i.content_hash, updated_at = i.updated_at,
                version = r.version + 1,
                status = CASE WHEN r.status = 'pending' THEN i.status ELSE r.status END,
                published_at = CASE WHEN r.status = 'pending' THEN i.published_at ELSE r.published_at END
            FROM incoming i WHERE r.id = i.id
            """  # noqa: S608  column names are constants of this module
        )
        cursor.execute("DROP TABLE incoming")
        cursor.execute("DELETE FROM field_provenance WHERE resource_id = ANY(%s) AND NOT locked_by_owner", [_ids(updated)])
        for table, column, name in (("contact_points", "resource_id", "contacts"), ("business_hours", "business_id", "hours")):
            free = [known.id for known, _row in updated if name not in known.locked]
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [free])  # noqa: S608  constants


def _ids(updated: list[tuple[_Stored, PlaceRow]]) -> list[uuid.UUID]:
    return [known.id for known, _row in updated]


def _copy_details(rows: list[tuple[uuid.UUID, PlaceRow]], *, at: dt.datetime, locked: dict[uuid.UUID, frozenset[str]]) -> None:
    """Contacts, hours and provenance of new and refreshed entries."""
    nothing: frozenset[str] = frozenset()
    copy_rows(
        "contact_points",
        ("id", "resource_id", "kind", "value", "is_whatsapp", "is_primary", "order_index"),
        (
            (uuid7(), resource_id, kind, value, False, order == 0, order)
            for resource_id, row in rows
            if "contacts" not in locked.get(resource_id, nothing)
            for kind, values in _contacts(row)
            for order, value in enumerate(values)
        ),
    )
    copy_rows(
        "business_hours",
        ("id", "business_id", "day_of_week", "open_time", "close_time", "is_closed"),
        (
            (uuid7(), resource_id, day, opens, closes, opens is None)
            for resource_id, row in rows
            if row.hours and "hours" not in locked.get(resource_id, nothing)
            for day, intervals in row.hours.items()
            for opens, closes in (intervals or _CLOSED_DAY)
        ),
    )
    copy_rows(
        "field_provenance",
        ("resource_id", "field", "source", "source_url", "raw_value", "observed_at", "confidence", "locked_by_owner"),
        (
            (resource_id, name, row.source, row.source_url, raw, at, confidence, False)
            for resource_id, row in rows
            for name, raw, confidence in _provenance(row)
            if name not in locked.get(resource_id, nothing)
        ),
    )


# A listed day without interval is one row without times.
_CLOSED_DAY: list[tuple[Any, Any]] = [(None, None)]


def _contacts(row: PlaceRow) -> Iterator[tuple[str, list[str]]]:
    yield ContactKind.PHONE.value, row.phones
    yield ContactKind.EMAIL.value, [row.email] if row.email else []
    yield ContactKind.WEBSITE.value, [row.website] if row.website else []


def _provenance(row: PlaceRow) -> Iterator[tuple[str, str, float]]:
    """One line for the row itself and one for each field whose stored value differs from what the file said."""
    yield "name", "", FILE_CONFIDENCE
    yield "category", row.raw_category, FILE_CONFIDENCE if row.is_category_known else GUESS_CONFIDENCE
    if row.city_id:
        yield "city", row.raw_place, GUESS_CONFIDENCE if row.is_city_guessed else FILE_CONFIDENCE
    elif row.raw_place:
        yield "city", row.raw_place, 0.0
    dropped: dict[str, list[str]] = {}
    for name, value in row.warnings:
        dropped.setdefault(name, []).append(value)
    for name, values in dropped.items():
        yield name, " / ".join(values), 0.0
