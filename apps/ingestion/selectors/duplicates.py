"""Which entries new records speak of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from apps.core.arrays import array_literal
from apps.ingestion.choices import Verdict
from apps.ingestion.matching import Comparison, MatchReason, Profile, compare_unless_different
from apps.ingestion.selectors.profiles import Sought, category_slugs, seek, stored_profiles
from apps.ingestion.steps.record import CleanRecord

# Entries looked at for one key, the oldest of them, and compared for one record: a market has thousands under one key.
_PER_KEY, _PER_RECORD = 80, 24

# Each place by itself: sorted all together, the hundreds that share something with each of a thousand records would not fit in memory.
_CANDIDATES = """
    SELECT w.place, c.resource_id
    FROM (SELECT u.place, array_agg(u.key) AS keys FROM unnest(%s::int[], %s::bigint[]) AS u (place, key) GROUP BY u.place) w
    CROSS JOIN LATERAL (
        SELECT k.resource_id
        FROM unnest(w.keys) AS a (key)
        CROSS JOIN LATERAL (SELECT m.resource_id FROM ingest_match_keys m WHERE m.key = a.key ORDER BY m.resource_id LIMIT %s) k
        GROUP BY k.resource_id ORDER BY count(*) DESC, k.resource_id LIMIT %s
    ) c
"""


@dataclass(frozen=True, slots=True)
class Match:
    """What a new record is, or may be: `verdict` is `same` or `ask`, `score` from 0 to 1, `reasons` heaviest first.

    Exactly one of `resource_id` (a stored entry) and `batch_index` (an earlier record of the same call, which is not itself
    the same as a stored entry) is given.
    """

    verdict: Verdict
    score: float
    reasons: tuple[MatchReason, ...]
    resource_id: uuid.UUID | None = None
    batch_index: int | None = None


def verdicts(records: Sequence[CleanRecord], *, livemode: bool, exclude: Iterable[uuid.UUID] = ()) -> list[Match | None]:
    """For each new record the entry that it speaks of or may speak of, None when it is a place of its own.

    Compared with stored live entries (also hidden and deleted ones: what was removed stays so, and the caller decides) and with
    the records before it in the same call: where it is `same` as one of them, the answer names what that one is. Test records
    match nothing. An entry that was merged away is not found; its survivor is, under its names, too.

    Three statements whatever the number of records, at most 1,000. Call `services.match_keys.refresh_match_keys` for the entries
    that follow from it, in the same transaction, so that the next call finds them.

    :param exclude: entries that must not be found.
    """
    if not livemode or not records:
        return [None] * len(records)
    slugs = category_slugs()
    return verdicts_of([seek(record, slugs) for record in records], exclude=exclude)


def verdicts_of(sought: Sequence[Sought], *, exclude: Iterable[uuid.UUID] = ()) -> list[Match | None]:
    """`verdicts` of live records that are at hand as matching sees them. Two statements."""
    if not sought:
        return []
    candidates = stored_candidates([one.wanted for one in sought], frozenset(exclude))
    stored = stored_profiles({resource_id for ids in candidates.values() for resource_id in ids})
    earlier: dict[int, list[int]] = {}
    found: list[Match | None] = []
    for index, one in enumerate(sought):
        met = [(resource_id, stored[resource_id]) for resource_id in candidates.get(index, ()) if resource_id in stored]
        best = _best(_compared(one.profile, met))
        inside = _best(_compared(one.profile, [(other, sought[other].profile) for other in _earlier_candidates(earlier, one.wanted)]))
        for key in one.stored:
            earlier.setdefault(key, []).append(index)
        found.append(_choose(best, inside, found))
    return found


Found = tuple[uuid.UUID, Comparison] | tuple[int, Comparison]


def stored_candidates(wanted: Sequence[Sequence[int]], exclude: frozenset[uuid.UUID] = frozenset()) -> dict[int, list[uuid.UUID]]:
    """Entries worth comparing with each of several profiles, by the place of the profile; those that share most keys first.

    :param wanted: for each profile what `wanted_keys` gives.
    """
    places = array_literal(index for index, keys in enumerate(wanted) for _key in keys)
    found: dict[int, list[uuid.UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [places, array_literal(key for keys in wanted for key in keys), _PER_KEY, _PER_RECORD])
        for place, resource_id in cursor.fetchall():
            if resource_id not in exclude:
                found.setdefault(place, []).append(resource_id)
    return found


def _earlier_candidates(earlier: dict[int, list[int]], keys: Sequence[int]) -> list[int]:
    shared: dict[int, int] = {}
    for key in keys:
        if key in earlier:
            for index in earlier[key][-_PER_KEY:]:
                shared[index] = shared.get(index, 0) + 1
    if len(shared) < 2:
        return list(shared)
    return sorted(shared, key=lambda index: (-shared[index], index))[:_PER_RECORD]


def _compared(profile: Profile, others: Iterable[tuple[uuid.UUID | int, Profile]]) -> Iterator[tuple[uuid.UUID | int, Comparison]]:
    for name, other in others:
        compared = compare_unless_different(profile, other)
        if compared is not None:
            yield name, compared


def _best(compared: Iterable[tuple[uuid.UUID | int, Comparison]]) -> tuple[uuid.UUID | int, Comparison] | None:
    return max(compared, key=lambda one: one[1].score, default=None)


def _choose(
    stored: tuple[uuid.UUID | int, Comparison] | None, inside: tuple[uuid.UUID | int, Comparison] | None, found: Sequence[Match | None]
) -> Match | None:
    """The likelier of both, the stored entry where they are equal."""
    if inside is not None and (stored is None or inside[1].score > stored[1].score):
        index, compared = inside
        former = found[int(index)] if isinstance(index, int) else None
        if compared.verdict == Verdict.SAME and former is not None and former.verdict == Verdict.SAME:
            return Match(Verdict.SAME, compared.score, compared.reasons, former.resource_id, former.batch_index)
        if isinstance(index, int):
            return Match(compared.verdict, compared.score, compared.reasons, batch_index=index)
    if stored is None or not isinstance(stored[0], uuid.UUID):
        return None
    return Match(stored[1].verdict, stored[1].score, stored[1].reasons, resource_id=stored[0])
