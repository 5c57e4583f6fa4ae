"""What is to be sent: one row for an event and an endpoint, whatever is delivered twice to us."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.core.background import BrokerAway, enqueue
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.selectors.webhook_subjects import Happening, happenings, moment

DISPATCH_TASK = "apps.notifications.webhook_tasks.dispatch_webhooks"
BODY_MAX = 20_000
# So long events are kept, to be looked at and replayed; also those of an endpoint that is off.
KEPT_FOR = dt.timedelta(days=30)
INSERTED_AT_ONCE = 1000


@transaction.atomic
def record_event(*, event_id: int, name: str, occurred_at: dt.datetime, payload: Mapping[str, Any], at: dt.datetime) -> int:
    """Write down an event for the endpoints of whoever it belongs to, once each; returns for how many. Harmless when repeated."""
    found = happenings(name, payload)
    if not found:
        return 0
    # Locked, so that none is deleted before its row is there; in a fixed order.
    candidates = WebhookEndpoint.objects.filter(
        Q(state=EndpointState.ENABLED) | Q(state_changed_at__gt=at - KEPT_FOR),
        user__in={one.user_id for one in found}, user__suspended_at=None, user__deleted_at=None,
        event_types__overlap=sorted({one.type for one in found}),
    )  # fmt: skip
    endpoints = list(candidates.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    rows = [
        _row(endpoint, happening, event_key=f"{event_id}:{happening.object_id}"[:120], occurred_at=occurred_at, at=at)
        for happening in found
        for endpoint in endpoints
        if _is_for(endpoint, happening)
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=INSERTED_AT_ONCE, ignore_conflicts=True)
    if rows:
        send_soon()
    return len(rows)


def message_body(kind: str, *, livemode: bool, occurred_at: dt.datetime, data: Mapping[str, Any], shown: Mapping[str, Any] | None) -> str:
    """The JSON that is signed and sent. A snapshot that would make it too large is left out, and the body says so."""
    message = {"type": kind, "timestamp": moment(occurred_at), "livemode": livemode, "data": dict(data)}
    if shown is None:
        return _json(message)
    full = _json({**message, "data": {**data, "object": shown}})
    return full if len(full.encode()) <= BODY_MAX else _json({**message, "data": {**data, "object_omitted": True}})


def send_soon() -> None:
    """Have a worker look after the commit; without a broker the sweep does."""

    def send() -> None:
        with suppress(BrokerAway):
            enqueue(DISPATCH_TASK)

    transaction.on_commit(send)


def prune(*, at: dt.datetime) -> int:
    """Forget what was sent, and what was not, after 30 days; returns how many deliveries."""
    gone = 0
    old = WebhookDelivery.objects.filter(created_at__lt=at - KEPT_FOR).order_by("created_at")
    while ids := list(old.values_list("pk", flat=True)[:INSERTED_AT_ONCE]):
        WebhookDelivery.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone


def _is_for(endpoint: WebhookEndpoint, happening: Happening) -> bool:
    is_its_own = happening.object_id == str(endpoint.pk)
    return (
        endpoint.user_id == happening.user_id
        and endpoint.livemode == happening.livemode
        and happening.type in endpoint.event_types
        and not is_its_own
    )


def _row(endpoint: WebhookEndpoint, happening: Happening, *, event_key: str, occurred_at: dt.datetime, at: dt.datetime) -> WebhookDelivery:
    is_on = endpoint.state == EndpointState.ENABLED
    return WebhookDelivery(
        endpoint=endpoint, type=happening.type, event_key=event_key,
        body=message_body(
            happening.type, livemode=happening.livemode, occurred_at=occurred_at, data=happening.data,
            shown=happening.object if endpoint.include_object else None,
        ),
        state=WebhookState.PENDING if is_on else WebhookState.HELD, next_attempt_at=at if is_on else None,
        occurred_at=occurred_at, created_at=at,
    )  # fmt: skip


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
