"""An entry becomes what its records say together; what a person fixed stays, and becomes a proposal where they differ."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection, transaction

from apps.catalog.choices import ContactKind, ModerationReason, Status
from apps.catalog.models import FieldProvenance, Resource
from apps.catalog.services.bulk import GatheredEntry, ToldField, announce_entries, refresh_entries
from apps.catalog.services.moderation import return_resource
from apps.core.arrays import array_literal
from apps.ingestion.choices import Policy
from apps.ingestion.constants import RETURNED_NOTE
from apps.ingestion.models import Proposal
from apps.ingestion.selectors.settled import settled_among
from apps.ingestion.services.folding import RULES, Folded, Rule, Voice, fold
from apps.ingestion.steps.areas import is_outside
from apps.ingestion.steps.record import CleanRecord, Reason

REFOLD_BATCH = 500
_RULES = {rule.name: rule for rule in RULES}
_CLEAN = msgspec.json.Decoder(CleanRecord)
_REASONS = msgspec.json.Decoder(list[Reason])
_VOICES = """
SELECT r.resource_id, r.id, r.clean::text, r.reasons::text, CASE WHEN r.origin = '' THEN s.slug ELSE r.origin END, s.trust, r.seen_at,
    s.allowed_fields, r.missed_refreshes, s.policy, s.kind
FROM ingest_records r JOIN ingest_sources s ON s.id = r.source_id
WHERE r.resource_id = ANY(%s::uuid[]) AND s.withdrawn_at IS NULL AND r.clean <> '{}'::jsonb
ORDER BY r.id
"""


@dataclass(slots=True)
class Speakers:
    """The records of one entry, and what their sources allow."""

    voices: list[Voice] = field(default_factory=list)
    policies: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    @property
    def may_publish(self) -> bool:
        """Whether one of the sources publishes without a reader."""
        return Policy.AUTO.value in self.policies


def missing_of(values: CleanRecord, kinds: Collection[str], *, country: str) -> list[Reason]:
    """What an entry lacks to be published (contracts, section 6): a category, and a position or a quarter.

    For files that staff loads by hand a town will do. A position outside the country's outline is none until somebody looked.
    """
    missing: list[Reason] = []
    if values.category_id is None and not values.raw_category:
        missing.append(Reason("category", "category_missing"))
    is_placed = values.latitude is not None or values.quarter_id is not None
    if not is_placed and not (values.city_id is not None and {"file", "osm"} & set(kinds)):
        missing.append(Reason("position", "place_missing"))
    if values.latitude is not None and values.longitude is not None and is_outside(values.latitude, values.longitude, country):
        missing.append(Reason("position", "position_to_confirm"))
    return missing


@transaction.atomic
def refold(resource_ids: Iterable[uuid.UUID], *, at: dt.datetime, other_category: uuid.UUID, key: str = "ingest") -> set[uuid.UUID]:
    """Bring these entries to what their records say now, with cards and one event. Settled entries are left alone.

    Who changes the set of an entry's records (a merge, its undoing, a withdrawn source) ends with it.

    :returns: the entries that changed.
    """
    changed = refold_quietly(resource_ids, at=at, other_category=other_category)
    announce_entries(sorted(changed), key=key)
    return changed


def refold_many(resource_ids: Iterable[uuid.UUID], *, at: dt.datetime, other_category: uuid.UUID, key: str) -> int:
    """`refold` for any number of entries, some hundreds a transaction; returns how many changed."""
    wanted = sorted(set(resource_ids))
    parts = (wanted[start : start + REFOLD_BATCH] for start in range(0, len(wanted), REFOLD_BATCH))
    return sum(len(refold(part, at=at, other_category=other_category, key=key)) for part in parts)


def refold_quietly(resource_ids: Iterable[uuid.UUID], *, at: dt.datetime, other_category: uuid.UUID) -> set[uuid.UUID]:
    """`refold` without cards and event, for a caller that has more of both."""
    wanted = sorted(set(resource_ids))
    if not wanted:
        return set()
    resources = {row.pk: row for row in Resource.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)}
    settled = settled_among(resources.values())
    speakers = read_speakers(list(resources))
    provenance: dict[uuid.UUID, dict[str, bool]] = defaultdict(dict)
    for resource_id, name, is_locked in FieldProvenance.objects.filter(resource__in=resources).values_list(
        "resource_id", "field", "locked_by_owner"
    ):
        provenance[resource_id][name] = is_locked
    contacts: dict[uuid.UUID, dict[str, list[str]]] = defaultdict(dict)
    for resource in Resource.objects.filter(pk__in=resources).prefetch_related("contacts"):
        for contact in resource.contacts.all():
            contacts[resource.pk].setdefault(contact.kind, []).append(contact.value)
    entries: list[GatheredEntry] = []
    for resource_id, resource in resources.items():
        said = speakers.get(resource_id)
        if resource_id in settled or said is None:
            continue
        folded = fold(said.voices, at=at)
        if resource.status == Status.ARCHIVED:
            # Its only source was withdrawn, and another speaks of it: it waits or is shown as that one's policy says.
            return_resource(resource_id=resource_id, to=Status.PENDING, reason=ModerationReason.OTHER, note=RETURNED_NOTE, at=at)
        elif folded.content_hash() == bytes(resource.content_hash or b""):
            continue
        locked = _locked(resource, provenance[resource_id], contacts[resource_id])
        _propose(resource, folded, locked, contacts[resource_id], at=at)
        entry = gather(
            resource_id, folded, said, other_category=other_category, country=str(resource.country_id), livemode=resource.livemode,
            # An owner's entry that a source speaks of is from then on locked field by field, as those that came from sources are.
            source=resource.source or said.voices[0].source[:60], source_id=resource.source_id, user_id=resource.user_id,
        )  # fmt: skip
        entry.locked = locked
        entry.provenance = [one for one in entry.provenance if _lock_of(one.field) not in locked]
        entries.append(entry)
    refresh_entries(entries, at=at)
    return {entry.id for entry in entries}


def read_speakers(resource_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Speakers]:
    """The records of these entries, of sources that are not withdrawn."""
    found: dict[uuid.UUID, Speakers] = defaultdict(Speakers)
    with connection.cursor() as cursor:
        cursor.execute(_VOICES, [array_literal(resource_ids)])
        for resource_id, pk, clean, reasons, source, trust, seen_at, allowed, missed, policy, kind in cursor.fetchall():
            speakers = found[resource_id]
            speakers.voices.append(
                Voice(pk, _CLEAN.decode(clean), source, trust, seen_at, _REASONS.decode(reasons), frozenset(allowed), missed)
            )
            speakers.policies.add(policy)
            speakers.kinds.add(kind)
    return found


def gather(
    resource_id: uuid.UUID, folded: Folded, said: Speakers, *, other_category: uuid.UUID, country: str, livemode: bool, source: str,
    source_id: str, user_id: uuid.UUID | None,
) -> GatheredEntry:  # fmt: skip
    """All that is written of an entry that its records say."""
    values = folded.values
    is_complete = said.may_publish and not missing_of(values, said.kinds, country=country)
    metadata: dict[str, Any] = {"import": values.extra} if values.extra else {}
    if folded.is_absent:
        metadata["unconfirmed"] = True
    return GatheredEntry(
        id=resource_id, source=source, source_id=source_id, name=values.name, resource_type=values.resource_type,
        category_id=_uuid(values.category_id) or other_category,
        status=Status.ACTIVE if is_complete else Status.PENDING, content_hash=folded.content_hash(), country=country, user_id=user_id,
        livemode=livemode, name_en=values.name_en, description_fr=values.description_fr, description_en=values.description_en,
        address_line1=values.address_line1, po_box=values.po_box, landmark_fr=values.landmark, city_id=_uuid(values.city_id),
        quarter_id=_uuid(values.quarter_id) if values.city_id else None, latitude=values.latitude, longitude=values.longitude,
        attributes=list(values.attributes), operating_status=values.operating_status, metadata=metadata,
        hours=_week(values), contacts=_contacts(values), whatsapp=values.whatsapp,
        provenance=[
            ToldField(one.field, one.source[:60], one.source_url[:500], one.raw_value, one.observed_at, one.confidence)
            for one in folded.told.values()
        ],
    )  # fmt: skip


# Some hundred places and categories stand in thousands of records.
@functools.lru_cache(maxsize=4096)
def _uuid(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None


def _week(values: CleanRecord) -> dict[int, tuple[tuple[dt.time, dt.time], ...]] | None:
    if values.hours is None:
        return None
    time = dt.time.fromisoformat
    return {day: tuple((time(opens), time(closes)) for opens, closes in intervals) for day, intervals in values.hours.items()}


def _contacts(values: CleanRecord) -> list[tuple[str, Sequence[str]]]:
    return [
        (ContactKind.PHONE.value, values.phones),
        (ContactKind.EMAIL.value, [values.email] if values.email else []),
        (ContactKind.WEBSITE.value, [values.website] if values.website else []),
    ]


def _lock_of(name: str) -> str:
    """The lock that guards a line of the provenance table."""
    rule = _RULES.get(name)
    return rule.locked_by if rule else {"opening_hours": "hours"}.get(name, name)


# What an entry shows now under each rule, and the column that says it.
_CURRENT = {
    "name": "name", "name_en": "name_en", "description": "description_fr", "description_en": "description_en", "category": "category_id",
    "address_line1": "address_line1", "po_box": "po_box", "landmark": "landmark_fr", "city": "city_id", "position": "latitude",
    "hours": "hours_kind", "attributes": "attributes", "operating_status": "operating_status", "metadata": "metadata",
}  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", [], {}, set(), "unknown", "open")
# Members of an entry's metadata that only records write.
_OWN_METADATA = ("import", "unconfirmed")


def _locked(resource: Resource, provenance: dict[str, bool], contacts: dict[str, list[str]]) -> frozenset[str]:
    """What a person fixed: said so, or a value that no record is known to have brought."""
    locked = {name for name, is_locked in provenance.items() if is_locked}
    known = {_lock_of(name) for name in provenance}
    for name, column in _CURRENT.items():
        lock = _lock_of(name)
        value = {key for key in resource.metadata if key not in _OWN_METADATA} if column == "metadata" else getattr(resource, column)
        if lock not in known and value not in _EMPTY:
            locked.add(lock)
    if contacts and "contacts" not in known:
        locked.add("contacts")
    return frozenset(locked)


def _propose(resource: Resource, folded: Folded, locked: frozenset[str], contacts: dict[str, list[str]], *, at: dt.datetime) -> None:
    """A value that a fixed field might have instead, once for a field and value."""
    fresh = []
    for rule in RULES:
        told = folded.told.get(rule.name)
        if rule.locked_by not in locked or told is None or rule.name == "metadata":
            continue
        value = proposed_value(folded.values, rule)
        if value in _EMPTY or value == _current_value(resource, rule, contacts):
            continue
        digest = hashlib.blake2b(msgspec.json.encode(value), digest_size=16).digest()
        fresh.append(Proposal(resource=resource, field=rule.name, value=value, value_hash=digest, record_id=told.record_id, created_at=at))
    if fresh:
        Proposal.objects.bulk_create(fresh, ignore_conflicts=True)


def proposed_value(values: CleanRecord, rule: Rule) -> Any:
    """What a record says under a rule, as JSON: a text, a list, or an object of several members."""
    if rule.name == "category":
        return values.category_id
    if rule.name == "city":
        return {"city_id": values.city_id, "quarter_id": values.quarter_id} if values.city_id else None
    if rule.name == "position":
        return {"latitude": values.latitude, "longitude": values.longitude} if values.latitude is not None else None
    if rule.name == "hours":
        return None if values.hours is None else {str(day): [list(pair) for pair in spans] for day, spans in sorted(values.hours.items())}
    value = getattr(values, rule.members[0])
    return list(value) if isinstance(value, tuple) else value


def _current_value(resource: Resource, rule: Rule, contacts: dict[str, list[str]]) -> Any:
    """What an entry shows under a rule, in the form of `proposed_value`."""
    if rule.locked_by == "contacts":
        found = contacts.get(rule.name, [])
        return found if rule.name == "phone" else (found or [""])[0]
    special = {"category": _category_of, "city": _city_of, "position": _position_of, "hours": _hours_of}.get(rule.name)
    return special(resource) if special else getattr(resource, _CURRENT[rule.name])


def _category_of(resource: Resource) -> str | None:
    return str(resource.category_id) if resource.category_id else None


def _city_of(resource: Resource) -> dict[str, str | None] | None:
    quarter = str(resource.quarter_id) if resource.quarter_id else None
    return {"city_id": str(resource.city_id), "quarter_id": quarter} if resource.city_id else None


def _position_of(resource: Resource) -> dict[str, float] | None:
    if resource.latitude is None or resource.longitude is None:
        return None
    return {"latitude": float(resource.latitude), "longitude": float(resource.longitude)}


def _hours_of(resource: Resource) -> dict[str, list[list[str]]]:
    week: dict[str, list[list[str]]] = {}
    for one in resource.hours.all():
        spans = week.setdefault(str(one.day_of_week), [])
        if one.open_time is not None and one.close_time is not None:
            spans.append([one.open_time.strftime("%H:%M"), one.close_time.strftime("%H:%M")])
    return week
