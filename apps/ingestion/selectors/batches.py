"""Batches, as their senders and staff see them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from apps.accounts.callers import Caller, CallerKind
from apps.core.exceptions import NotFound
from apps.ingestion.choices import Outcome
from apps.ingestion.exceptions import SourceRequired
from apps.ingestion.models import Batch, Source

_AT_ONCE = 2000
# What `BatchLine` shows, from any place on: of the runs no more is unfolded than is wanted.
_LINES = """
SELECT * FROM (
    (
        SELECT index, outcome, resource_id, reasons::text FROM ingest_batch_items
        WHERE batch_id = %(batch)s AND index > %(after)s AND (%(outcome)s = '' OR outcome = %(outcome)s)
        ORDER BY index LIMIT %(limit)s
    ) UNION ALL (
        SELECT one.index, 'unchanged', one.resource_id, '[]'
        FROM ingest_batch_runs r, unnest(r.indexes, r.resources) AS one (index, resource_id)
        WHERE r.batch_id = %(batch)s AND r.last > %(after)s AND one.index > %(after)s AND %(outcome)s IN ('', 'unchanged')
        ORDER BY r.first, one.index LIMIT %(limit)s
    )
) line ORDER BY index LIMIT %(limit)s
"""


def source_of(caller: Caller) -> Source:
    """The source that a key speaks for.

    :raises SourceRequired: no key, or one that is bound to none.
    """
    found = Source.objects.filter(keys=caller.key_id).first() if caller.kind == CallerKind.API_KEY else None
    if found is None:
        raise SourceRequired
    return found


def find_batch(caller: Caller, batch_id: uuid.UUID) -> Batch:
    """A batch of the key's source and mode, or any for staff.

    :raises NotFound: there is none, or not for this caller.
    """
    batches = Batch.objects.select_related("source")
    if not caller.is_staff:
        batches = batches.filter(source__keys=caller.key_id, livemode=caller.livemode) if caller.key_id else batches.none()
    found = batches.filter(pk=batch_id).first()
    if found is None:
        raise NotFound
    return found


def item_page(batch: Batch, *, after: int, limit: int, outcome: str | None) -> tuple[list[dict[str, Any]], int | None]:
    """Lines after a place of the batch, and the last place shown when there are more."""
    page = lines_after(batch, after=after, limit=limit + 1, outcome=outcome or "")
    shown = [item_data(*line) for line in page[:limit]]
    return shown, shown[-1]["index"] if len(page) > limit else None


def lines_after(batch: Batch, *, after: int, limit: int, outcome: str = "") -> list[tuple[int, str, uuid.UUID | None, list[Any]]]:
    """Lines after a place of a batch, in its order: index, outcome, entry and reasons."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"batch": batch.pk, "after": after, "outcome": outcome, "limit": limit})
        return [(index, said, entry, [] if told == "[]" else json.loads(told)) for index, said, entry, told in cursor.fetchall()]


def every_line(batch: Batch) -> Iterator[tuple[int, str, uuid.UUID | None, list[Any]]]:
    """All lines of a batch, some thousands at a time."""
    after = -1
    while page := lines_after(batch, after=after, limit=_AT_ONCE):
        yield from page
        after = page[-1][0]


def item_data(index: int, outcome: str, resource_id: uuid.UUID | None, reasons: Iterable[Any]) -> dict[str, Any]:
    """One line of an answer.

    :param reasons: as they are stored, without what is empty.
    """
    told = [{"field": "", "code": "", "detail": "", **reason} for reason in reasons]
    return {"index": index, "outcome": outcome, "id": None if resource_id is None else str(resource_id), "reasons": told}


def counts_of(batch: Batch) -> dict[str, int]:
    """How many records met which end."""
    return {outcome.value: getattr(batch, outcome.value) for outcome in Outcome}
