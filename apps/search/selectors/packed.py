"""What the ranking reads of the candidates of a page, for whichever engine found them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

_READ = """
SELECT s.resource_id, d.packed, s.plan_rank, s.quality, s.published_at, s.geo[1], s.geo[0], s.category, s.city, s.quarter
FROM resource_search s JOIN resource_search_document d USING (resource_id) WHERE s.resource_id = ANY(%s::uuid[])
"""


class PackedRow(NamedTuple):
    """One entry: `packed` is `packing.Packed` as bytes; the rest is as in `documents.SearchDocument`."""

    packed: bytes
    plan_rank: int
    quality: int
    published_at: dt.datetime
    latitude: float | None
    longitude: float | None
    category: int
    city: int | None
    quarter: uuid.UUID | None


def packed_documents(ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, PackedRow]:
    """Those of these entries that are held, by id."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        # The driver's own loader of times, and ids as one text: two hundred of each in Python take longer than the statement.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(_READ, [f"{{{','.join([pk.hex for pk in ids])}}}"])
        return {row[0]: PackedRow._make(row[1:]) for row in cursor.fetchall()}
