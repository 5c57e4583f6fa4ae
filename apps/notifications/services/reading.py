"""What was read in the inbox."""

from __future__ import annotations

import datetime as dt
import uuid

from apps.accounts.models import User
from apps.notifications.models import Notification


def mark_read(*, user: User, notification_id: uuid.UUID, at: dt.datetime) -> bool:
    """Note that somebody read a notice of his own; False when it is nobody's, another's, or was read before."""
    own = Notification.objects.filter(pk=notification_id, user=user, is_listed=True, read_at=None)
    return own.update(read_at=at) == 1


def mark_all_read(*, user: User, at: dt.datetime) -> int:
    """Note that somebody read everything up to now; returns how many notices were new. One that comes in later stays new."""
    return Notification.objects.filter(user=user, is_listed=True, read_at=None, created_at__lte=at).update(read_at=at)
