"""Background work of the foundation."""

from __future__ import annotations

from celery import shared_task

from apps.core import events, idempotency
from apps.core.clock import now


@shared_task(ignore_result=True)
def sweep_outbox(**_: object) -> None:
    """Deliver events that a crash or a dead broker left behind."""
    events.sweep(at=now())


@shared_task(ignore_result=True)
def prune(**_: object) -> None:
    """Remove what is no longer needed."""
    at = now()
    events.prune(at=at)
    idempotency.prune(at=at)
