"""Which entries a person decided on, so that sources have no say in whether they are shown."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from apps.catalog.choices import Status
from apps.catalog.models import ModerationDecision, Resource
from apps.ingestion.constants import RETURNED_NOTE, WITHDRAWN_NOTE

_HIDDEN = {Status.SUSPENDED, Status.REJECTED, Status.ARCHIVED}
_OWN = {"actor": None, "note__in": (WITHDRAWN_NOTE, RETURNED_NOTE)}


def settled_among(resources: Iterable[Resource]) -> set[uuid.UUID]:
    """Those that staff or an owner decided on: deleted, hidden, or put back to wait. What a withdrawal hid is not among them."""
    rows = list(resources)
    waiting = [row.pk for row in rows if row.status in {Status.PENDING, Status.DRAFT}]
    decided = set(
        ModerationDecision.objects.filter(resource__in=waiting).exclude(**_OWN).values_list("resource_id", flat=True) if waiting else ()
    )
    asleep = hidden_by_withdrawal([row.pk for row in rows if row.status == Status.ARCHIVED])
    return {
        row.pk
        for row in rows
        if row.deleted_at is not None or (row.status in _HIDDEN and row.pk not in asleep) or row.pk in decided
    }  # fmt: skip


def hidden_by_withdrawal(archived: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Of archived entries those that only the end of their source hid, with the status that they had."""
    if not archived:
        return {}
    last = (
        ModerationDecision.objects.filter(resource__in=archived)
        .order_by("resource_id", "-created_at", "-pk")
        .distinct("resource_id")
        .values_list("resource_id", "actor_id", "to_status", "note", "from_status")
    )
    return {
        resource_id: from_status
        for resource_id, actor_id, to_status, note, from_status in last
        if actor_id is None and to_status == Status.ARCHIVED and note == WITHDRAWN_NOTE
    }
