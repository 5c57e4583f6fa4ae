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
from apps.catalog.services.records import announce_standing, lock_resource, save_change
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
def _move(
    *, resource_id: uuid.UUID, to: Status, actor: User | None, reason: str, note: str, at: dt.datetime, is_return: bool = False
) -> Resource:
    """Move an entry; harmless when it is already there.

    :param is_return: out of the archive, to where it came from.

    :raises TransitionRefused: not from its present status, or it is deleted.
    :raises ResourceIncomplete: publication of an entry that lacks what it needs; `missing` names it.
    """
    resource = lock_resource(resource_id)
    if resource.status == to:
        return resource
    if resource.deleted_at is not None or resource.status not in ({Status.ARCHIVED} if is_return else _ALLOWED[to]):
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
    announce_standing(resource)
    if to == Status.REJECTED:
        events.publish(catalog_events.resource_rejected, key=resource.pk, resource_id=str(resource.pk), reason=reason, note=note)
    return resource


def publish_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Make an entry visible to everyone. `published_at` keeps its first value. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.ACTIVE, actor=actor, reason=reason, note=note, at=at)


def return_resource(*, resource_id: uuid.UUID, to: Status, reason: str, at: dt.datetime, note: str) -> Resource:
    """Give an archived entry its former status back, when what archived it is undone. `published_at` keeps its first value.

    :param to: active or pending. :raises TransitionRefused: it is not archived, or it is deleted.
    """
    return _move(resource_id=resource_id, to=to, actor=None, reason=reason, note=note, at=at, is_return=True)


def reject_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Refuse a pending entry; its owner can mend it and ask again. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.REJECTED, actor=actor, reason=reason, note=note, at=at)


def suspend_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Hide an entry for a cause. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.SUSPENDED, actor=actor, reason=reason, note=note, at=at)


def archive_resource(*, resource_id: uuid.UUID, actor: User | None, reason: str, at: dt.datetime, note: str = "") -> Resource:
    """Put an entry away without deleting it. See `_move` for errors."""
    return _move(resource_id=resource_id, to=Status.ARCHIVED, actor=actor, reason=reason, note=note, at=at)
