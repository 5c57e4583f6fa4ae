"""Raw records: found by identity, stored as received, with what became of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection
from psycopg.types.json import Jsonb

from apps.core.arrays import array_literal
from apps.core.copying import copy_rows
from apps.ingestion.choices import Outcome
from apps.ingestion.steps import RULES_VERSION, Cleaned, CleanRecord, Reason

_SETTLED = """
    a.id IS NULL AND r.clean <> '{}'::jsonb OR a.deleted_at IS NOT NULL OR a.status IN ('suspended', 'rejected')
        OR (a.status = 'archived' AND NOT coalesce((
            SELECT m.note = 'source_withdrawn' AND m.actor_id IS NULL FROM moderation_decisions m WHERE m.resource_id = a.id
            ORDER BY m.created_at DESC, m.id DESC LIMIT 1
        ), false))
        OR (a.status IN ('pending', 'draft') AND EXISTS (
            SELECT FROM moderation_decisions m
            WHERE m.resource_id = a.id AND (m.actor_id IS NOT NULL OR m.note NOT IN ('source_withdrawn', 'source_returned'))
        ))
"""
# A digest of each record of a chunk, with its place there. All are looked for by one walk of the index: a look-up of its own for each
# would cost twice as much.
_SENT = """
WITH sent AS MATERIALIZED (
    SELECT place, substring(%(digests)s::bytea FROM 16 * place + 1 FOR 16) AS digest FROM generate_series(0, %(last)s) AS place
)
"""
_SAME_BYTES = "r.payload_hash = sent.digest AND r.source_id = %(source)s AND r.livemode = %(livemode)s AND r.rules_version = %(rules)s"
# Those of which nothing is to be said, as three arrays: a row of the driver's and three values for each would cost more than finding it.
# Most entries are shown, which a small index tells; of whatever else may be, `_OTHERS` finds out what it is. `OFFSET 0` has the index asked
# for each: PostgreSQL takes the digests for ten, and would compare each record with every entry that is not shown.
_PLAIN = f"""
{_SENT}
SELECT count(*), array_agg(place)::text, array_agg(id)::text, array_agg(resource_id)::text, min(seen_at) FROM (
    SELECT DISTINCT ON (place) place, r.id, r.resource_id, r.seen_at
    FROM sent JOIN ingest_records r ON {_SAME_BYTES} AND r.payload_hash = ANY((SELECT array_agg(digest) FROM sent)::bytea[])
        AND r.outcome <> 'rejected' AND r.missed_refreshes = 0 AND r.resource_id IS NOT NULL
    WHERE NOT EXISTS (
        SELECT FROM api_resources a WHERE a.id = r.resource_id AND (a.deleted_at IS NOT NULL OR a.status <> 'active') AND (
            a.deleted_at IS NOT NULL OR a.status NOT IN ('pending', 'draft')
            OR EXISTS (SELECT FROM moderation_decisions m WHERE m.resource_id = a.id)
        ) OFFSET 0
    )
    ORDER BY place
) plain
"""  # noqa: S608  constants
# Here and below it has each record asked for by the whole of the key: in a table that a first import has just filled PostgreSQL does not
# know yet what a key finds, and would read all records of the source for every chunk.
_OTHERS = f"""
{_SENT}
SELECT DISTINCT ON (place) place, r.id, r.outcome, r.reasons::text, r.resource_id::text, r.seen_at, r.missed_refreshes, {_SETTLED}
FROM sent CROSS JOIN LATERAL (SELECT * FROM ingest_records r WHERE {_SAME_BYTES} OFFSET 0) r
LEFT JOIN api_resources a ON a.id = r.resource_id
ORDER BY place
"""  # noqa: S608  constants
_BY_PLACE = f"""
SELECT r.id, r.origin, r.identity, r.outcome, r.reasons::text, r.resource_id::text, r.seen_at, r.missed_refreshes, {_SETTLED}
FROM unnest(%s::text[], %s::text[]) AS w (origin, identity) CROSS JOIN LATERAL (
    SELECT * FROM ingest_records r
    WHERE r.source_id = %s AND r.livemode = %s AND r.origin = w.origin AND r.identity = w.identity OFFSET 0
) r
LEFT JOIN api_resources a ON a.id = r.resource_id
"""  # noqa: S608  constants
# What the identity of a record begins with that nobody could read: the rest is a digest of its bytes.
UNREAD = "sha:"
# What calling the enumeration would find, for a tenth.
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_reasons = msgspec.json.Decoder(list[Reason]).decode
_whole_numbers = msgspec.json.Decoder(list[int]).decode
_clean = msgspec.json.Decoder(CleanRecord).decode
COLUMNS = (
    "id", "source_id", "livemode", "origin", "identity", "payload", "payload_hash", "clean", "steps", "rules_version", "outcome", "reasons",
    "is_quarantined", "resource_id", "missed_refreshes", "first_seen_at", "seen_at", "changed_at",
)  # fmt: skip


@dataclass(slots=True)
class Known:
    """What is stored of a record. `is_settled`: a person decided what becomes of its entry."""

    id: int
    outcome: Outcome
    reasons: list[Reason]
    resource_id: uuid.UUID | None
    seen_at: dt.datetime
    missed_refreshes: int
    is_settled: bool


@dataclass(slots=True)
class Same:
    """Records of a chunk that are stored byte for byte and of which nothing is to be said, by their `places` there, in order.

    `records` and `resources`, their ids and those of their entries, stay in the form of `array_literal` until somebody asks;
    `seen_at` is when the first of them was noted last.
    """

    places: Sequence[int] = ()
    records: str = "{}"
    resources: str = "{}"
    seen_at: dt.datetime | None = None

    def record_ids(self) -> list[int]:
        """Their ids."""
        return _integers(self.records)

    def resource_ids(self) -> list[uuid.UUID]:
        """The entries that they speak of."""
        return [uuid.UUID(one) for one in self.resources[1:-1].split(",") if one]

    def without(self, record_ids: Set[int]) -> Same:
        """Others than these."""
        ids = self.record_ids()
        if record_ids.isdisjoint(ids):
            return self
        resources = self.resource_ids()
        kept = [rank for rank, record_id in enumerate(ids) if record_id not in record_ids]
        return Same(
            [self.places[rank] for rank in kept], array_literal(ids[rank] for rank in kept),
            array_literal(resources[rank] for rank in kept), self.seen_at,
        )  # fmt: skip


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


def look_up_bytes(digests: Sequence[bytes], *, source_id: uuid.UUID, livemode: bool) -> tuple[Same, dict[int, Known]]:
    """What is stored already, byte for byte, and was made of it by the rules of today.

    :returns: those of which nothing is to be said, and by their places the others: refused, settled, or away for a while.
    """
    if not digests:
        return Same(), {}
    asked: dict[str, Any] = {"source": source_id, "livemode": livemode, "rules": RULES_VERSION}
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, asked | {"digests": b"".join(digests), "last": len(digests) - 1})
        count, places, ids, resources, seen_at = cursor.fetchone()
        if count == len(digests):
            return Same(range(count), ids, resources, seen_at), {}
        same = Same(_integers(places), ids, resources, seen_at) if count else Same()
        held = set(same.places)
        left = [place for place in range(len(digests)) if place not in held]
        cursor.execute(_OTHERS, asked | {"digests": b"".join([digests[place] for place in left]), "last": len(left) - 1})
        return same, {left[rank]: _known(row) for rank, *row in cursor.fetchall()}


def _integers(literal: str) -> list[int]:
    return _whole_numbers(f"[{literal[1:-1]}]")


def look_up(places: Sequence[tuple[str, str]], *, source_id: uuid.UUID, livemode: bool) -> dict[tuple[str, str], Known]:
    """What is stored of these (origin, identity)."""
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_PLACE, [array_literal(place[0] for place in places), array_literal(place[1] for place in places), source_id, livemode]
        )
        return {(origin, identity): _known((pk, *row)) for pk, origin, identity, *row in cursor.fetchall()}


def _known(row: Sequence[Any]) -> Known:
    pk, outcome, reasons, resource_id, seen_at, missed, is_settled = row
    told = [] if reasons == "[]" else _reasons(reasons)
    return Known(pk, _OUTCOMES[outcome], told, uuid.UUID(resource_id) if resource_id else None, seen_at, missed, bool(is_settled))


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


def touch(ids: Sequence[int], *, before: dt.datetime, at: dt.datetime) -> None:
    """Note that a source still says the same, of what was noted last before a moment or was away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ingest_records SET seen_at = %s, missed_refreshes = 0"
            " WHERE id = ANY(%s::bigint[]) AND (seen_at < %s OR missed_refreshes > 0)",
            [at, array_literal(ids), before],
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
