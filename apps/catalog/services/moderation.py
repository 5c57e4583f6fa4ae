"""Moves of an entry's moderation status, each with its reason on record."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.accounts.models import User
from apps.catalog import events as catalog_events
from apps.catalog.choices import ResourceType, Status
from apps.catalog.exceptions import ResourceIncomplete, TransitionRefused
from apps.catalog.models import ModerationDecision, Resource
from apps.catalog.services.records import lock_resource, save_change
from apps.core import events

# From which states staff may move an entry to another.
_ALLOWED = {
    Status.ACTIVE: {Status.DRAFT, Status.PENDING, Status.SUSPENDED, Status.REJECTED, Status.ARCHIVED},
    Status.REJECTED: {Status.PENDING},
    Status.SUSPENDED: {Status.ACTIVE, Status.PENDING},
    Status.ARCHIVED: {Status.DRAFT, Status.PENDING, Status.ACTIVE, Status.SUSPENDED, Status.REJECTED},
}


def _check_complete(resource: Resource) -> None:
    missing = [] if resource.category_id else ["category"]
    is_placed = resource.city_id or resource.quarter_id or resource.latitude is not None
    if resource.resource_type == ResourceType.BUSINESS and not is_placed:
        missing.append("city")
    if missing:
        raise ResourceIncomplete(missing=missing)


@transaction.atomic
def _move(*, resource_id: uuid.UUID, to: Status, actor: User | None, reason: str, note: str, at: dt.datetime) -> Resource:
    """Move an entry; harmless when it is already there.

    :raises TransitionRefused: not from its present status, or it is deleted.
    :raises ResourceIncomplete: publication of an entry that lacks what it needs; `missing` names it.
    """
    resource = lock_resource(resource_id)
    if resource.status == to:
        return resource
    if resource.deleted_at is not None or resource.status not in _ALLOWED[to]:
        raise TransitionRefused
    if to == Status.ACTIVE:
        _check_complete(resource)
        resource.published_at = resource.published_at or at
    was_public = resource.is_public
    ModerationDecision.objects.create(
        resource=resource, actor=actor, from_status=resource.status, to_status=to, reason=reason, note=note, created_at=at
    )
    resource.status = to
    save_change(resource, ["status", "published_at"], at=at, was_public=was_public)
    if to == Status.REJECTED:
        events.publish(catalog_events.resource_rejected, key=resource.pk, resource_id=str(resource.pk), reason=reason, note=note)
    return resource


def publish_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Make an entry visible to everyone. `published_at` keeps its first value. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.ACTIVE, actor=actor, reason=reason, note=note, at=at)


def reject_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Refuse a pending entry; its owner can mend it and ask again. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.REJECTED, actor=actor, reason=reason, note=note, at=at)


def suspend_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Hide an entry for a cause. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.SUSPENDED, actor=actor, reason=reason, note=note, at=at)


def archive_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Put an entry away without deleting it. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.ARCHIVED, actor=actor, reason=reason, note=note, at=at)
