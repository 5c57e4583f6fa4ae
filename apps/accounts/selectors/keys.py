"""Keys of a user."""

from __future__ import annotations

import uuid

from apps.accounts.models import ApiKey, User
from apps.core.exceptions import NotFound

SHOWN_MAX = 200


def keys_of(user: User) -> list[ApiKey]:
    """Living keys first, then newest; at most `SHOWN_MAX`."""
    return list(ApiKey.objects.filter(user=user).order_by("-is_active", "-created_at")[:SHOWN_MAX])


def find_key(user: User, key_id: uuid.UUID) -> ApiKey:
    """:raises NotFound: there is none, or it is somebody else's."""
    found = ApiKey.objects.filter(pk=key_id, user=user).first()
    if found is None:
        raise NotFound
    return found


def find_key_of(*, user_id: uuid.UUID, key_id: uuid.UUID) -> ApiKey:
    """The key with its owner, for who holds a link to end it. :raises NotFound: there is none of this user."""
    found = ApiKey.objects.select_related("user").filter(pk=key_id, user=user_id).first()
    if found is None:
        raise NotFound
    return found
