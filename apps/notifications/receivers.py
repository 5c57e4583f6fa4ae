"""Events that somebody has to be told of. Receivers only enqueue."""

from __future__ import annotations

from apps.accounts import events as accounts
from apps.core.background import enqueue
from apps.core.events import receiver


@receiver(accounts.security_event_recorded, uid="notifications.tell_security_event")
def tell_security_event(*, event_id: str, **_: object) -> None:
    """Somebody's safety is touched."""
    enqueue("apps.notifications.tasks.tell_security_event", event_id=event_id)


@receiver(accounts.quota_reached, uid="notifications.tell_quota")
def tell_quota(*, key: str, **payload: object) -> None:  # noqa: ARG001  the user is in the payload, too
    """A share of a quota is used."""
    enqueue("apps.notifications.tasks.tell_quota", **payload)
