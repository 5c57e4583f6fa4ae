"""Keeps the keys by which new records find entries."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Resource
from apps.catalog.services.bulk import GatheredEntry
from apps.core.arrays import array_literal
from apps.core.copying import copy_packed
from apps.ingestion.matching import stored_keys
from apps.ingestion.models import Merge
from apps.ingestion.selectors.profiles import Sought, is_keyed_alike, profile_of_gathered, stored_profiles
from apps.ingestion.steps.record import CleanRecord

# A row of COPY's binary form: two columns, a UUID and a bigint, each behind its length.
_PACKED = struct.Struct(">hi16siq").pack


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
    _write((resource_id, stored_keys(profile)) for resource_id, profile in profiles.items())
    return len(profiles)


def write_first_keys(made: Sequence[tuple[GatheredEntry, CleanRecord, Sought]], gazetteer: Gazetteer) -> None:
    """Keys of live entries that were just made of one record each: what `refresh_match_keys` would write, without reading them back."""
    _write(
        (entry.id, sought.stored if is_keyed_alike(record, entry, gazetteer) else stored_keys(profile_of_gathered(entry, gazetteer)))
        for entry, record, sought in made
    )


def _write(keys: Iterable[tuple[uuid.UUID, Sequence[int]]]) -> None:
    """A dozen rows of 24 bytes to an entry: the driver would spend more on each than the database does."""
    copy_packed(
        "ingest_match_keys",
        ("resource_id", "key"),
        [_PACKED(2, 16, packed, 8, key) for resource_id, own in keys for packed in (resource_id.bytes,) for key in own],
    )
