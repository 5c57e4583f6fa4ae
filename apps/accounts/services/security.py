"""The memory of what happened to the safety of accounts."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from apps.accounts.choices import SecurityEventKind
from apps.accounts.events import security_event_recorded
from apps.accounts.models import SecurityEvent
from apps.accounts.origins import NOWHERE, Origin
from apps.core import events


@transaction.atomic
def record_security_event(
    *, user_id: uuid.UUID, kind: SecurityEventKind, origin: Origin = NOWHERE, actor_id: uuid.UUID | None = None, **details: Any
) -> SecurityEvent:
    """Write what happened and tell the parts above, which may warn the user. `details` are plain values, never secrets."""
    row = SecurityEvent.objects.create(
        user_id=user_id, actor_id=actor_id, kind=kind, ip_prefix=origin.ip_prefix, device=origin.device, details=details
    )
    events.publish(security_event_recorded, key=user_id, event_id=str(row.pk), user_id=str(user_id), kind=str(kind))
    return row
