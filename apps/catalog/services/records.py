"""What every change of an entry ends with, in the same transaction: a new version, the cards, the event."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from apps.catalog import events as catalog_events
from apps.catalog.cards import write_cards
from apps.catalog.models import Resource
from apps.core import events
from apps.core.api.conditional import PreconditionFailed


def lock_resource(resource_id: uuid.UUID, *, expected_versions: set[int] | None = None) -> Resource:
    """The entry, locked for the rest of the transaction.

    :param expected_versions: what `If-Match` allows; None allows any.
    :raises Resource.DoesNotExist: no such row.
    :raises PreconditionFailed: it has changed since.
    """
    resource: Resource = Resource.objects.select_for_update(no_key=True).get(pk=resource_id)
    if expected_versions is not None and resource.version not in expected_versions:
        raise PreconditionFailed
    return resource


def save_change(resource: Resource, fields: Sequence[str], *, at: dt.datetime, was_public: bool) -> None:
    """Save named fields of a locked entry with its next version, its cards and what others need to know.

    :param was_public: whether it had cards before the change.
    """
    resource.version += 1
    resource.updated_at = at
    resource.save(update_fields=sorted({*fields, "version", "updated_at"}))
    announce(resource, was_public=was_public)


def announce(resource: Resource, *, was_public: bool) -> None:
    """Write the cards and publish the event of an entry that was just saved."""
    write_cards([resource.pk])
    if resource.is_public and not was_public:
        event = catalog_events.resource_published
    elif resource.is_public:
        event = catalog_events.resource_updated
    elif was_public:
        event = catalog_events.resource_hidden
    else:
        return
    events.publish(event, key=resource.pk, resource_id=str(resource.pk))


def announce_standing(resource: Resource) -> None:
    """Tell who is concerned that its moderation, its deletion or its closing changed."""
    events.publish(catalog_events.resource_standing_changed, key=resource.pk, resource_id=str(resource.pk))
