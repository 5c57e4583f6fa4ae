"""Events that programs of others are told of, and those about their endpoints. Receivers only enqueue."""

from __future__ import annotations

from typing import Any

from apps.accounts import events as accounts
from apps.core.background import enqueue
from apps.core.events import receiver
from apps.notifications import events as notifications
from apps.notifications.selectors.webhook_subjects import HEARD


@receiver(*HEARD, uid="notifications.record_webhook_event", is_told_which=True)
def record_webhook_event(*, key: str, outbox_id: int, outbox_name: str, outbox_at: str, **payload: Any) -> None:  # noqa: ARG001  every receiver takes the key
    """Something happened to an object of somebody's."""
    enqueue(
        "apps.notifications.webhook_tasks.record_webhook_event",
        outbox_id=outbox_id,
        event=outbox_name,
        occurred_at=outbox_at,
        payload=payload,
    )


@receiver(notifications.endpoint_failing, uid="notifications.tell_endpoint_failing")
def tell_endpoint_failing(*, key: str, endpoint_id: str, failures: int, since: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Its owner may still mend it."""
    enqueue("apps.notifications.webhook_tasks.tell_endpoint_failing", endpoint_id=endpoint_id, failures=failures, since=since)


@receiver(notifications.endpoint_disabled, uid="notifications.tell_endpoint_disabled")
def tell_endpoint_disabled(*, key: str, endpoint_id: str, state: str, failures: int, since: str, **_: object) -> None:  # noqa: ARG001  likewise
    """It is sent nothing any more."""
    enqueue("apps.notifications.webhook_tasks.tell_endpoint_disabled", endpoint_id=endpoint_id, state=state, failures=failures, since=since)


@receiver(accounts.account_deleted, uid="notifications.forget_webhooks")
def forget_webhooks(*, key: str, user_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Nobody is left to be told."""
    enqueue("apps.notifications.webhook_tasks.forget_webhooks", user_id=user_id)
