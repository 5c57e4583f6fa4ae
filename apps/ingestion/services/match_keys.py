"""Keeps the keys by which new records find entries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Resource
from apps.catalog.services.bulk import GatheredEntry
from apps.core.arrays import array_literal
from apps.ingestion.matching import Profile, stored_keys
from apps.ingestion.models import Merge
from apps.ingestion.selectors.profiles import profile_of_gathered, stored_profiles


@transaction.atomic
def refresh_match_keys(resource_ids: Iterable[uuid.UUID]) -> int:
    """Write the keys of these entries anew from what is stored of them; returns how many entries have keys now.

    Whoever writes entries in bulk calls it in the same transaction, once for a batch; edits of single entries are heard by event.
    Entries of the test mode and those merged into another have none. Harmless when repeated.
    """
    ids = sorted(set(resource_ids))
    if not ids:
        return 0
    absorbed = set(Merge.objects.filter(absorbed__in=ids, undone_at__isnull=True).values_list("absorbed_id", flat=True))
    live = set(Resource.objects.filter(pk__in=ids, livemode=True).values_list("pk", flat=True)) - absorbed
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ingest_match_keys WHERE resource_id = ANY(%s::uuid[])", [array_literal(ids)])
    profiles = stored_profiles(live)
    _write(profiles.items())
    return len(profiles)


def write_first_keys(entries: Sequence[GatheredEntry], gazetteer: Gazetteer) -> None:
    """Keys of live entries that were just made of one record each: what `refresh_match_keys` would write, without reading them back."""
    if entries:
        _write((entry.id, profile_of_gathered(entry, gazetteer)) for entry in entries)


def _write(profiles: Iterable[tuple[uuid.UUID, Profile]]) -> None:
    """One statement with three arrays: rows so short cost the driver more by COPY."""
    keys = [(resource_id, stored_keys(profile)) for resource_id, profile in profiles]
    ids = array_literal(resource_id for resource_id, _own in keys)
    places = array_literal(place for place, (_id, own) in enumerate(keys, start=1) for _key in own)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ingest_match_keys (resource_id, key)"
            " SELECT (%s::uuid[])[w.place], w.key FROM unnest(%s::int[], %s::bigint[]) AS w (place, key)",
            [ids, places, array_literal(key for _id, own in keys for key in own)],
        )
