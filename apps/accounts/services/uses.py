"""When a key was last used, to the minute."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Q
from django.http import HttpRequest

from apps.accounts.models import ApiKey
from apps.accounts.origins import origin_of
from apps.core.process_cache import ProcessCache

# A process writes the use of a key once in this time, and only when no other process did.
GRAIN = dt.timedelta(minutes=1)
_noted: ProcessCache[bool] = ProcessCache(maxsize=10_000, ttl_s=GRAIN.total_seconds)


def note_use(key_id: uuid.UUID, request: HttpRequest, *, at: dt.datetime) -> None:
    """Remember that a key was used now, from this network and program."""
    if _noted.get(key_id):
        return
    _noted.set(key_id, True)
    origin = origin_of(request)
    words = ", ".join(part for part in (origin.device, origin.ip_prefix) if part)
    ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=at - GRAIN), pk=key_id).update(last_used_at=at, last_used_from=words)
