"""Entries that are stored and may be one place: what no new record brought to light."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Sequence

from django.db import connection

from apps.catalog.choices import Status
from apps.catalog.models import Resource
from apps.ingestion.choices import Verdict
from apps.ingestion.matching import compare_unless_different, wanted_keys
from apps.ingestion.matching.model import WEIGHTS_FILE
from apps.ingestion.models import Pair
from apps.ingestion.selectors.duplicates import Match, stored_candidates
from apps.ingestion.selectors.profiles import stored_profiles

# Questions that one entry may raise: the likeliest are asked first, and a market of alike stalls fills no queue.
_PER_ENTRY = 3
# What people see or are about to. Hidden, archived (merged away, too) and deleted entries are nobody's duplicates.
_LIVING = (Status.ACTIVE.value, Status.PENDING.value)
_DUE = """
    SELECT r.id, r.version FROM api_resources r
    LEFT JOIN ingest_compared_entries c ON c.resource_id = r.id AND c.version = r.version AND c.weights = %s
    WHERE r.id > %s AND r.livemode AND r.deleted_at IS NULL AND r.status = ANY(%s) AND c.resource_id IS NULL
    ORDER BY r.id LIMIT %s
"""

Suspects = list[tuple[uuid.UUID, uuid.UUID, Match]]


def weights_digest() -> int:
    """A number that changes with the learned weights: what was compared by others is compared again."""
    return zlib.crc32(WEIGHTS_FILE.read_bytes())


def due_entries(*, after: uuid.UUID, limit: int, weights: int | None) -> list[tuple[uuid.UUID, int]]:
    """Id and version of living entries behind `after` that were not compared as they are now, by id.

    :param weights: what they are to be compared by; None: all, whatever was compared.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [weights, after, list(_LIVING), limit])
        return list(cursor.fetchall())


def count_due(*, weights: int) -> int:
    """How many entries wait to be compared; reads the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_DUE}) due",  # noqa: S608  a constant
            [weights, uuid.UUID(int=0), list(_LIVING), None],
        )
        return int(cursor.fetchone()[0])


def suspects_of(resource_ids: Sequence[uuid.UUID]) -> Suspects:
    """Living entries of the same type that may be the same place as one of these, at most a few for each, without known pairs.

    Four statements whatever the number of entries, at most 1,000. All of them have match keys.
    """
    profiles = stored_profiles(resource_ids)
    ids = [resource_id for resource_id in resource_ids if resource_id in profiles]
    candidates = stored_candidates([wanted_keys(profiles[resource_id]) for resource_id in ids])
    met = set(ids).union(*candidates.values())
    types = dict(Resource.objects.filter(pk__in=met, livemode=True, deleted_at=None, status__in=_LIVING).values_list("pk", "resource_type"))
    profiles |= stored_profiles(types.keys() - profiles.keys())
    found: dict[tuple[uuid.UUID, uuid.UUID], Match] = {}
    for place, one in enumerate(ids):
        alike = []
        for other in candidates.get(place, ()):
            if other == one or types.get(other) != types.get(one) or one not in types:
                continue
            compared = compare_unless_different(profiles[one], profiles[other])
            if compared is not None:
                alike.append((compared, other))
        alike.sort(key=lambda row: (-row[0].score, row[1]))
        for compared, other in alike[:_PER_ENTRY]:
            pair = (min(one, other), max(one, other))
            if pair not in found:
                found[pair] = Match(Verdict.ASK, compared.score, compared.reasons, resource_id=other)
    known = set(Pair.objects.filter(first__in={pair[0] for pair in found}).values_list("first_id", "second_id")) if found else set()
    return [(first, second, match) for (first, second), match in found.items() if (first, second) not in known]
