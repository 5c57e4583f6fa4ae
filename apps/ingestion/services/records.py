"""Raw records: found by identity, stored as received, with what became of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection
from psycopg.types.json import Jsonb

from apps.core.arrays import array_literal
from apps.core.copying import copy_rows
from apps.ingestion.choices import Outcome
from apps.ingestion.steps import RULES_VERSION, Cleaned, CleanRecord, Reason

_KNOWN = """
SELECT r.id, r.origin, r.identity, r.payload_hash, r.rules_version, r.outcome, r.reasons::text, r.resource_id, r.seen_at,
    r.missed_refreshes,
    a.id IS NULL AND r.clean <> '{{}}'::jsonb OR a.deleted_at IS NOT NULL OR a.status IN ('suspended', 'rejected')
        OR (a.status = 'archived' AND NOT coalesce((
            SELECT m.note = 'source_withdrawn' AND m.actor_id IS NULL FROM moderation_decisions m WHERE m.resource_id = a.id
            ORDER BY m.created_at DESC, m.id DESC LIMIT 1
        ), false))
        OR (a.status IN ('pending', 'draft') AND EXISTS (
            SELECT FROM moderation_decisions m
            WHERE m.resource_id = a.id AND (m.actor_id IS NOT NULL OR m.note NOT IN ('source_withdrawn', 'source_returned'))
        )) AS is_settled
FROM {wanted}
LEFT JOIN api_resources a ON a.id = r.resource_id
"""
_BY_BYTES = _KNOWN.format(wanted="ingest_records r") + " WHERE r.source_id = %s AND r.livemode = %s AND r.payload_hash = ANY(%s::bytea[])"
_BY_PLACE = _KNOWN.format(
    wanted="unnest(%s::text[], %s::text[]) AS w (origin, identity)"
    " JOIN ingest_records r ON r.source_id = %s AND r.livemode = %s AND r.origin = w.origin AND r.identity = w.identity"
)
# What the identity of a record begins with that nobody could read: the rest is a digest of its bytes.
UNREAD = "sha:"
# What calling the enumeration would find, for a tenth.
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_reasons = msgspec.json.Decoder(list[Reason]).decode
_clean = msgspec.json.Decoder(CleanRecord).decode
COLUMNS = (
    "id", "source_id", "livemode", "origin", "identity", "payload", "payload_hash", "clean", "steps", "rules_version", "outcome", "reasons",
    "is_quarantined", "resource_id", "missed_refreshes", "first_seen_at", "seen_at", "changed_at",
)  # fmt: skip


@dataclass(slots=True)
class Known:
    """What is stored of a record. `is_settled`: a person decided what becomes of its entry."""

    id: int
    digest: bytes
    rules_version: int
    outcome: Outcome
    reasons: list[Reason]
    resource_id: uuid.UUID | None
    seen_at: dt.datetime
    missed_refreshes: int
    is_settled: bool


@dataclass(slots=True)
class StoredRecord:
    """One record as it is to be stored. Without `cleaned` the refused bytes replace what was received, not what was understood."""

    id: int
    origin: str
    identity: str
    payload: bytes
    digest: bytes
    cleaned: Cleaned | None
    outcome: Outcome
    reasons: list[Reason]
    resource_id: uuid.UUID | None


def look_up_bytes(digests: Sequence[bytes], *, source_id: uuid.UUID, livemode: bool) -> dict[bytes, Known]:
    """What is stored already, byte for byte, and was made of it by the rules of today."""
    if not digests:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_BYTES, [source_id, livemode, array_literal(digests)])
        found = [_known(row) for row in cursor.fetchall()]
    return {one.digest: one for one in found if one.rules_version == RULES_VERSION}


def look_up(places: Sequence[tuple[str, str]], *, source_id: uuid.UUID, livemode: bool) -> dict[tuple[str, str], Known]:
    """What is stored of these (origin, identity)."""
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_PLACE, [array_literal(place[0] for place in places), array_literal(place[1] for place in places), source_id, livemode]
        )
        return {(row[1], row[2]): _known(row) for row in cursor.fetchall()}


def _known(row: Sequence[Any]) -> Known:
    pk, _origin, _identity, digest, version, outcome, reasons, resource_id, seen_at, missed, is_settled = row
    told = [] if reasons == "[]" else _reasons(reasons)
    return Known(pk, bytes(digest), version, _OUTCOMES[outcome], told, resource_id, seen_at, missed, bool(is_settled))


def read_clean(ids: Sequence[int]) -> dict[int, CleanRecord]:
    """What the steps made of these records when they last could."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, clean::text FROM ingest_records WHERE id = ANY(%s::bigint[]) AND clean <> '{}'::jsonb", [array_literal(ids)]
        )
        return {pk: _clean(text) for pk, text in cursor.fetchall()}


def reserve_ids(count: int) -> list[int]:
    """Ids for new records, so that what refers to them can be written in one pass."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH one AS MATERIALIZED (SELECT pg_get_serial_sequence('ingest_records', 'id')::regclass AS sequence)
            SELECT nextval(sequence) FROM one, generate_series(1, %s)
            """,
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(records: Sequence[StoredRecord], *, source_id: uuid.UUID, livemode: bool, at: dt.datetime) -> None:
    """Store records that are new."""
    copy_rows("ingest_records", COLUMNS, (_row(one, source_id=source_id, livemode=livemode, at=at) for one in records))


def replace(records: Sequence[StoredRecord], *, source_id: uuid.UUID, livemode: bool, at: dt.datetime) -> None:
    """Store new versions; the former ones are kept beside them when their bytes differ."""
    if not records:
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE arriving (LIKE ingest_records) ON COMMIT DROP")
    copy_rows("arriving", COLUMNS, (_row(one, source_id=source_id, livemode=livemode, at=at) for one in records))
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO ingest_former_records (record_id, payload, seen_at)
            SELECT r.id, r.payload, r.seen_at FROM ingest_records r JOIN arriving a ON a.id = r.id
            WHERE r.payload_hash <> a.payload_hash
        """)
        cursor.execute("""
            UPDATE ingest_records r SET payload = a.payload, payload_hash = a.payload_hash, rules_version = a.rules_version,
                clean = CASE WHEN a.clean = '{}'::jsonb THEN r.clean ELSE a.clean END,
                steps = a.steps, outcome = a.outcome, reasons = a.reasons, is_quarantined = a.is_quarantined,
                resource_id = a.resource_id, missed_refreshes = 0, seen_at = a.seen_at, changed_at = a.changed_at
            FROM arriving a WHERE a.id = r.id
        """)
        cursor.execute("DROP TABLE arriving")


def touch(ids: Sequence[int], *, at: dt.datetime) -> None:
    """Note that a source still says the same."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ingest_records SET seen_at = %s, missed_refreshes = 0 WHERE id = ANY(%s::bigint[])", [at, array_literal(ids)]
            )


def as_json(value: object) -> Jsonb:
    """A value for a column of JSON."""
    return Jsonb(value, dumps=msgspec.json.encode)


def _row(one: StoredRecord, *, source_id: uuid.UUID, livemode: bool, at: dt.datetime) -> tuple[Any, ...]:
    clean: object = one.cleaned.record if one.cleaned else {}
    steps = one.cleaned.steps if one.cleaned else []
    return (
        one.id, source_id, livemode, one.origin, one.identity, one.payload, one.digest, as_json(clean), as_json(steps), RULES_VERSION,
        one.outcome.value, as_json(one.reasons), one.outcome == Outcome.REJECTED, one.resource_id, 0, at, at, at,
    )  # fmt: skip
