"""Edits that staff makes in the admin, which validates their form itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from apps.catalog.models import Resource
from apps.catalog.services.records import announce, lock_resource


@transaction.atomic
def save_fields(*, resource: Resource, fields: Sequence[str], at: dt.datetime) -> None:
    """Save the fields that a form changed; `finish_edit` follows when the rows beside the entry are saved too."""
    stored = lock_resource(resource.pk)
    resource.version, resource.updated_at = stored.version + 1, at
    resource.save(update_fields=sorted({*fields, "version", "updated_at"}))


@transaction.atomic
def finish_edit(*, resource_id: uuid.UUID) -> None:
    """Write the cards and tell others, once an admin form and its inlines are saved."""
    resource = lock_resource(resource_id)
    announce(resource, was_public=resource.is_public)
