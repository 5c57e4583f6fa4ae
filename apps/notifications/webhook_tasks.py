"""Background work of webhooks. What asks others has a queue and a worker of its own: they may be slow."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from celery import shared_task
from django.db import DatabaseError

from apps.core.clock import now
from apps.notifications import telling_webhooks
from apps.notifications.services.webhooks import dispatching, endpoints, recording

QUEUE = "webhooks"


@shared_task(ignore_result=True, autoretry_for=(DatabaseError,), retry_backoff=True, max_retries=8)
def record_webhook_event(*, outbox_id: int, event: str, occurred_at: str, payload: dict[str, Any], **_: object) -> None:
    """Write down what happened for every endpoint that wants to know."""
    recording.record_event(event_id=outbox_id, name=event, occurred_at=dt.datetime.fromisoformat(occurred_at), payload=payload, at=now())


@shared_task(ignore_result=True, queue=QUEUE)
def dispatch_webhooks(**_: object) -> None:
    """Send what is due."""
    dispatching.dispatch(at=now())


@shared_task(ignore_result=True)
def prune_webhooks(**_: object) -> None:
    """Forget old messages and secrets."""
    at = now()
    recording.prune(at=at)
    endpoints.prune_secrets(at=at)


@shared_task(ignore_result=True)
def forget_webhooks(*, user_id: str, **_: object) -> None:
    """End the endpoints of a deleted account."""
    endpoints.forget_user(user_id=uuid.UUID(user_id))


@shared_task(ignore_result=True)
def tell_endpoint_failing(*, endpoint_id: str, failures: int, since: str, **_: object) -> None:
    """Write to an owner that his endpoint fails."""
    telling_webhooks.tell_failing(endpoint_id=uuid.UUID(endpoint_id), failures=failures, since=since, at=now())


@shared_task(ignore_result=True)
def tell_endpoint_disabled(*, endpoint_id: str, state: str, failures: int, since: str, **_: object) -> None:
    """Write to an owner that his endpoint is off."""
    telling_webhooks.tell_disabled(endpoint_id=uuid.UUID(endpoint_id), state=state, failures=failures, since=since, at=now())
