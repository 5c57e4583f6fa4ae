"""Batches, as their senders and staff see them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from apps.accounts.callers import Caller, CallerKind
from apps.core.exceptions import NotFound
from apps.ingestion.choices import Outcome
from apps.ingestion.exceptions import SourceRequired
from apps.ingestion.models import Batch, BatchItem, Source


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
    lines = BatchItem.objects.filter(batch=batch, index__gt=after)
    if outcome:
        lines = lines.filter(outcome=outcome)
    page = list(lines.order_by("index").values("index", "outcome", "reasons", "resource_id")[: limit + 1])
    shown = [item_data(line["index"], line["outcome"], line["resource_id"], line["reasons"]) for line in page[:limit]]
    return shown, shown[-1]["index"] if len(page) > limit else None


def item_data(index: int, outcome: str, resource_id: uuid.UUID | None, reasons: Iterable[Any]) -> dict[str, Any]:
    """One line of an answer.

    :param reasons: as they are stored, without what is empty.
    """
    told = [{"field": "", "code": "", "detail": "", **reason} for reason in reasons]
    return {"index": index, "outcome": outcome, "id": None if resource_id is None else str(resource_id), "reasons": told}


def counts_of(batch: Batch) -> dict[str, int]:
    """How many records met which end."""
    return {outcome.value: getattr(batch, outcome.value) for outcome in Outcome}
