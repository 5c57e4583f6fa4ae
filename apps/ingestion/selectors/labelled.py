"""Records of labelled pairs, as matching sees them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Mapping

from django.db.models import Q

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Department
from apps.catalog.services.reference import read_reference
from apps.ingestion.choices import Verdict
from apps.ingestion.matching import Profile, profile_of_raw
from apps.ingestion.models import Merge, Pair, RawRecord
from apps.ingestion.selectors.profiles import category_slugs, profile_of_clean
from apps.ingestion.steps import Areas, Context, Refused, clean

_CHUNK = 500


class RawProfiles:
    """Profiles of raw records by the way of the pipeline: cleaned first. One that cannot be cleaned is compared as it was sent."""

    def __init__(self) -> None:
        areas = Areas(dict(Department.objects.values_list("slug", "region__slug")))
        self._context = Context(gazetteer=Gazetteer(read_reference("osm_categories")), source="labelled", areas=areas)
        self._slugs = category_slugs()

    def of(self, raw: Mapping[str, object]) -> Profile:
        """The profile of one record."""
        try:
            return profile_of_clean(clean(raw, self._context).record, self._slugs)
        except Refused:
            return profile_of_raw(raw)


def stored_records(references: Collection[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """Stored raw records known as `source:source_id`, where the source is the record's own word or the slug of ours."""
    wanted = sorted(references)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        condition = Q(pk__in=[])
        for reference in chunk:
            source, _, identity = reference.partition(":")
            condition |= Q(identity=identity, origin=source) | Q(identity=identity, source__slug=source)
        rows = RawRecord.objects.filter(condition, livemode=True).values_list("origin", "source__slug", "identity", "payload")
        for origin, slug, identity, payload in rows:
            record = json.loads(bytes(payload))
            for source in {origin, slug}:
                if f"{source}:{identity}" in references and isinstance(record, dict):
                    yield f"{source}:{identity}", record


def decided_pairs() -> Iterator[tuple[str, str, bool]]:
    """Pairs that staff decided, each entry by the oldest record that spoke of it before a merge."""
    pairs = Pair.objects.filter(decided_by__isnull=False).exclude(verdict=Verdict.ASK).order_by("decided_at", "id")
    for pair in pairs.iterator(_CHUNK):
        records = dict(_spoken(pair.first_id, pair.second_id))
        if pair.first_id in records and pair.second_id in records:
            yield records[pair.first_id], records[pair.second_id], pair.verdict == Verdict.SAME


def _spoken(first_id: uuid.UUID, second_id: uuid.UUID) -> Iterator[tuple[uuid.UUID, str]]:
    """Entry and reference of records, as they were before both were merged if they are."""
    moved: dict[int, str] = {}
    merge = Merge.objects.filter(survivor__in=(first_id, second_id), absorbed__in=(first_id, second_id), undone_at__isnull=True).first()
    if merge is not None:
        moved = {row["id"]: row["resource_id"] for row in merge.before["before"]["ingest_records"]}
    rows = RawRecord.objects.filter(Q(resource__in=(first_id, second_id)) | Q(pk__in=list(moved))).order_by("-pk")
    for pk, resource_id, origin, slug, identity in rows.values_list("pk", "resource_id", "origin", "source__slug", "identity"):
        yield uuid.UUID(str(moved.get(pk, resource_id))), f"{origin or slug}:{identity}"
