"""Soft deletion: hidden at once, restorable by staff for 30 days."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.catalog.exceptions import RestoreTooLate
from apps.catalog.models import Resource
from apps.catalog.services.records import announce_standing, lock_resource, save_change

RESTORABLE_FOR = dt.timedelta(days=30)


@transaction.atomic
def delete_resource(*, resource_id: uuid.UUID, at: dt.datetime, expected_versions: set[int] | None = None) -> Resource:
    """Hide an entry; harmless when repeated.

    :raises PreconditionFailed: it has changed since the version that was read.
    """
    resource = lock_resource(resource_id, expected_versions=expected_versions)
    if resource.deleted_at is None:
        was_public = resource.is_public
        resource.deleted_at = at
        save_change(resource, ["deleted_at"], at=at, was_public=was_public)
        announce_standing(resource)
    return resource


@transaction.atomic
def restore_resource(*, resource_id: uuid.UUID, at: dt.datetime) -> Resource:
    """Undo a deletion; the entry returns in the status it had. Harmless when it is not deleted.

    :raises RestoreTooLate: deleted more than `RESTORABLE_FOR` ago.
    """
    resource = lock_resource(resource_id)
    if resource.deleted_at is None:
        return resource
    if at - resource.deleted_at > RESTORABLE_FOR:
        raise RestoreTooLate
    resource.deleted_at = None
    save_change(resource, ["deleted_at"], at=at, was_public=False)
    announce_standing(resource)
    return resource
