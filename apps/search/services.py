"""Writes the search rows of entries, set-based, from what the catalogue says now."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from apps.catalog.models import Resource

BATCH = 1000

# Name first, then what and where it is, then what is said of it.
_INDEX = """
INSERT INTO resource_search (resource_id, vector)
SELECT r.id,
    setweight(to_tsvector('fr_u', concat_ws(' ', r.name, r.name_en)), 'A')
    || setweight(to_tsvector('fr_u', concat_ws(' ', c.name_fr, c.name_en, array_to_string(c.aliases, ' '), p.name_fr, p.name_en)), 'B')
    || setweight(to_tsvector('fr_u', concat_ws(' ', q.name, array_to_string(q.aliases, ' '), v.name_fr, v.name_en,
        array_to_string(v.aliases, ' '), g.name_fr, g.name_en)), 'B')
    || setweight(to_tsvector('fr_u', concat_ws(' ', r.landmark_fr, r.landmark_en, r.address_line1, r.description_fr,
        r.description_en)), 'D')
FROM api_resources r
LEFT JOIN categories c ON c.id = r.category_id
LEFT JOIN categories p ON p.id = c.parent_id
LEFT JOIN quarters q ON q.id = r.quarter_id
LEFT JOIN cities v ON v.id = r.city_id
LEFT JOIN regions g ON g.id = v.region_id
WHERE r.id = ANY(%(ids)s) AND r.status = 'active' AND r.deleted_at IS NULL AND r.livemode
ON CONFLICT (resource_id) DO UPDATE SET vector = excluded.vector
"""
_REMOVE = """
DELETE FROM resource_search s USING api_resources r
WHERE s.resource_id = r.id AND r.id = ANY(%(ids)s) AND NOT (r.status = 'active' AND r.deleted_at IS NULL AND r.livemode)
"""


@transaction.atomic
def index_resources(*, resource_ids: Sequence[uuid.UUID]) -> int:
    """Bring the search rows of these entries up to date; harmless when repeated or late. Returns rows written."""
    parameters = {"ids": list(resource_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, parameters)
        cursor.execute(_INDEX, parameters)
        return int(cursor.rowcount)


def index_category(*, category_id: uuid.UUID) -> int:
    """Bring the search rows of a category's entries up to date, and of the categories below it. Returns rows written."""
    below = (
        "WITH RECURSIVE below AS (SELECT id FROM categories WHERE id = %s"
        " UNION ALL SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id)"
        " SELECT r.id FROM api_resources r JOIN below b ON b.id = r.category_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(below, [category_id])
        ids = [row[0] for row in cursor.fetchall()]
    return sum(index_resources(resource_ids=ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def rebuild(*, progress: Callable[[int], object] = lambda _count: None) -> int:
    """Write every search row anew, in batches that each commit, and drop those of hidden entries. Returns rows written.

    :param progress: told the number of entries of each batch.
    """
    written = 0
    last = uuid.UUID(int=0)
    while True:
        ids = list(Resource.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return written
        written += index_resources(resource_ids=ids)
        progress(len(ids))
        last = ids[-1]
