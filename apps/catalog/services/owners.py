"""Whose an entry is."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.catalog.models import Resource
from apps.catalog.services.records import lock_resource, save_change

BATCH = 500


def detach_listings(*, user_id: uuid.UUID, at: dt.datetime) -> int:
    """Leave the entries of a deleted account in the directory without an owner; returns how many. Harmless when repeated."""
    count = 0
    while ids := list(Resource.objects.filter(user=user_id).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        for resource_id in ids:
            count += _detach(resource_id, user_id=user_id, at=at)
    return count


@transaction.atomic
def _detach(resource_id: uuid.UUID, *, user_id: uuid.UUID, at: dt.datetime) -> bool:
    resource = lock_resource(resource_id)
    if resource.user_id != user_id:
        return False
    resource.user = None
    save_change(resource, ["user"], at=at, was_public=resource.is_public)
    return True
