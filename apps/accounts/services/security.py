"""The memory of what happened to the safety of accounts."""

from __future__ import annotations

import ipaddress
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.accounts.choices import SecurityEventKind
from apps.accounts.events import security_event_recorded
from apps.accounts.models import SecurityEvent
from apps.core import events


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as far as we keep it: the network, not the address; the family of the browser, not its version."""

    ip_prefix: str = ""
    device: str = ""


NOWHERE = Origin()


def network_of(address: str) -> str:
    """The /24 (or /48) of an address; empty when it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


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
