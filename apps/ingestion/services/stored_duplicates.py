"""Looks for duplicates among the entries that are stored, a night's share at a time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from apps.ingestion.models import ComparedEntry, MatchKey
from apps.ingestion.selectors.stored_duplicates import due_entries, suspects_of, weights_digest
from apps.ingestion.services.match_keys import refresh_match_keys
from apps.ingestion.services.pairs import note_suspects

CHUNK = 500
# A night's share, of minutes (2,300 a second were measured among the 7,000 entries of a real file); the rest waits for the next night.
NIGHTLY_MAX = 200_000


@dataclass(slots=True)
class Searched:
    """How many entries were compared with all the others, and how many new pairs wait for a person."""

    compared: int = 0
    suspected: int = 0


def find_duplicates(
    *, at: dt.datetime, limit: int = NIGHTLY_MAX, is_again: bool = False, on_chunk: Callable[[int], object] = lambda _count: None
) -> Searched:
    """Compare entries that are new or changed since they were compared last with everything stored; doubtful pairs join the review.

    Nothing is merged here, however alike two are: a new record may join an entry, but two that people know already become one only
    when a person says so. Pairs that were decided are not asked again. Each `CHUNK` is a transaction: who is killed leaves what it
    did, and two at once do nothing twice but work.

    :param limit: entries compared at most. :param is_again: also those that did not change. :param on_chunk: told how many each had.
    """
    weights, after, done = weights_digest(), uuid.UUID(int=0), Searched()
    while done.compared < limit:
        due = due_entries(after=after, limit=min(CHUNK, limit - done.compared), weights=None if is_again else weights)
        if not due:
            break
        done.suspected += _compare(due, weights=weights, at=at)
        done.compared += len(due)
        after = due[-1][0]
        on_chunk(len(due))
    return done


@transaction.atomic
def _compare(due: list[tuple[uuid.UUID, int]], *, weights: int, at: dt.datetime) -> int:
    ids = [resource_id for resource_id, _version in due]
    # Entries from before there were keys, or of who wrote them beside the services, would be met by nobody.
    keyed = set(MatchKey.objects.filter(resource__in=ids).values_list("resource_id", flat=True).distinct())
    # With the weights the words may have changed, of which keys are made.
    former = set(ComparedEntry.objects.filter(resource__in=ids).exclude(weights=weights).values_list("resource_id", flat=True))
    if stale := (set(ids) - keyed) | former:
        refresh_match_keys(stale)
    found = suspects_of(ids)
    note_suspects(found, at=at)
    # The version that was read, not the one that stands now: what changed in between is due again.
    ComparedEntry.objects.bulk_create(
        [ComparedEntry(resource_id=resource_id, version=version, weights=weights) for resource_id, version in due],
        update_conflicts=True, unique_fields=["resource"], update_fields=["version", "weights"],
    )  # fmt: skip
    return len(found)
