"""What the owner of a webhook endpoint is told by another way than through it."""

from __future__ import annotations

import datetime as dt
import uuid

from apps.notifications.choices import EndpointState
from apps.notifications.models import WebhookEndpoint
from apps.notifications.services import notifying
from apps.notifications.services.webhooks.schedule import DISABLED_AT
from apps.notifications.telling import page_address

ADDRESS_SHOWN = 120


def tell_failing(*, endpoint_id: uuid.UUID, failures: int, since: str, at: dt.datetime) -> None:
    """Write that an endpoint fails, once for each number of failures; nobody, when it has answered or is gone meanwhile."""
    endpoint = _found(endpoint_id)
    if endpoint is None or endpoint.state != EndpointState.ENABLED or endpoint.failures < failures:
        return
    context = {"address": endpoint.url[:ADDRESS_SHOWN], "failures": failures, "since": since, "limit": DISABLED_AT}
    _tell("webhook_failing", endpoint, context, f"webhook:{endpoint_id}:{since}:{failures}", at=at)


def tell_disabled(*, endpoint_id: uuid.UUID, state: str, failures: int, since: str, at: dt.datetime) -> None:
    """Write that an endpoint is sent nothing any more, and how to mend that."""
    endpoint = _found(endpoint_id)
    if endpoint is None:
        return
    is_gone = state == EndpointState.GONE
    context = {"address": endpoint.url[:ADDRESS_SHOWN], "failures": failures, "since": since, "is_gone": is_gone}
    _tell("webhook_disabled", endpoint, context, f"webhook:{endpoint_id}:{since}:off", at=at)


def _found(endpoint_id: uuid.UUID) -> WebhookEndpoint | None:
    return WebhookEndpoint.objects.select_related("user").filter(pk=endpoint_id, user__deleted_at=None).first()


def _tell(name: str, endpoint: WebhookEndpoint, context: dict[str, object], dedup_key: str, *, at: dt.datetime) -> None:
    url = page_address(endpoint.user, "web:developer_webhook", str(endpoint.pk))
    notifying.notify(name, user=endpoint.user, context=context, url=url, dedup_key=dedup_key, at=at)
