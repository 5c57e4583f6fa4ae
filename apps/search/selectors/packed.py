"""What the ranking reads of the candidates of a page, for whichever engine found them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

_READ = """
SELECT s.resource_id, d.packed, s.plan_rank, s.quality, s.published_at, s.geo[1], s.geo[0], s.category, s.city, s.quarter
FROM resource_search s JOIN resource_search_document d USING (resource_id) WHERE s.resource_id = ANY(%s)
"""


class PackedRow(NamedTuple):
    """One entry: `packed` is `documents.Packed` as bytes; the rest is as in `documents.SearchDocument`."""

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
        cursor.execute(_READ, [list(ids)])
        return {row[0]: PackedRow(bytes(row[1]), *row[2:]) for row in cursor.fetchall()}
