"""Edits that staff makes in the admin, which validates their form itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import models, transaction

from apps.catalog.events import resource_verified
from apps.catalog.models import ContactPoint, OpeningInterval, Resource, ResourceImage
from apps.catalog.services import images
from apps.catalog.services.provenance import lock_fields
from apps.catalog.services.records import announce, announce_standing, lock_resource
from apps.core import events

# Rows that imports write too, by the name of what they are.
_BESIDE: dict[type[models.Model], str] = {ContactPoint: "contacts", OpeningInterval: "hours"}


@transaction.atomic
def save_fields(*, resource: Resource, fields: Sequence[str], at: dt.datetime) -> None:
    """Save the fields that a form changed; `finish_edit` follows when the rows beside the entry are saved too. No import undoes them."""
    stored = lock_resource(resource.pk)
    resource.version, resource.updated_at = stored.version + 1, at
    resource.save(update_fields=sorted({*fields, "version", "updated_at"}))
    lock_fields(resource, fields, by="staff", at=at)
    if "operating_status" in fields:
        announce_standing(resource)
    if "verified" in fields and resource.verified:
        events.publish(resource_verified, key=resource.pk, resource_id=str(resource.pk))


@transaction.atomic
def save_rows(*, resource_id: uuid.UUID, saved: Sequence[models.Model], deleted: Sequence[models.Model], at: dt.datetime) -> None:
    """Save the rows beside an entry that a form changed: contacts, hours, pictures, its profile.

    All of them give way before any is written, so that two can trade places (which one is primary, which hours).
    """
    touched = {name for row in (*saved, *deleted) if (name := _BESIDE.get(type(row)))}
    if touched:
        lock_fields(lock_resource(resource_id), touched, by="staff", at=at)
    for row in deleted:
        if isinstance(row, ResourceImage):
            images.remove_image(resource_id=resource_id, image_id=row.pk, at=at)
        else:
            row.delete()
    for row in saved:
        if isinstance(row, ResourceImage):
            if row.is_primary:
                ResourceImage.objects.filter(resource=resource_id).update(is_primary=False)
        else:
            type(row)._default_manager.filter(pk=row.pk).delete()  # noqa: SLF001  Django's way to a model's manager
    for row in saved:
        row.save()
    images.keep_one_primary(resource_id)


@transaction.atomic
def finish_edit(*, resource_id: uuid.UUID) -> None:
    """Write the cards and tell others, once an admin form and its inlines are saved."""
    resource = lock_resource(resource_id)
    announce(resource, was_public=resource.is_public)
