"""Endpoints and what was sent to them, as their owner sees them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from apps.accounts.callers import Caller
from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.core.api.pagination import Keyset
from apps.core.exceptions import NotFound
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from apps.notifications.selectors.webhook_subjects import moment

ATTEMPTS_SHOWN = 30


def own_endpoints(caller: Caller) -> QuerySet[WebhookEndpoint]:
    """Those of a caller, newest first; a key or an application sees those of its own mode.

    :raises AuthenticationRequired: nobody is logged in. :raises PermissionRefused: the credential lacks the scope.
    """
    found = endpoints_of(caller.require(Scope.WEBHOOKS_MANAGE))
    return found if caller.is_in_person else found.filter(livemode=caller.livemode)


def endpoints_of(user: User) -> QuerySet[WebhookEndpoint]:
    """Newest first, with their secrets; there are never many."""
    secrets = Prefetch("secrets", queryset=WebhookSecret.objects.order_by("-created_at", "-pk"))
    return WebhookEndpoint.objects.filter(user=user).prefetch_related(secrets).order_by("-pk")


def find_endpoint(found: QuerySet[WebhookEndpoint], endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """One of them. :raises NotFound: it is not among them."""
    endpoint = found.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def delivery_page(
    endpoint: WebhookEndpoint, *, states: Sequence[str] = (), types: Sequence[str] = (), since: dt.datetime | None = None,
    until: dt.datetime | None = None, place: Keyset | None, limit: int,
) -> tuple[list[WebhookDelivery], Keyset | None, Keyset | None]:  # fmt: skip
    """A page without the bodies, newest first, and the places of the next and the previous one. One statement.

    :param since: of the event, included. :param until: of the event, excluded.
    """
    found = endpoint.deliveries.defer("body")
    asked = {"state__in": states or None, "type__in": types or None, "occurred_at__gte": since, "occurred_at__lt": until}
    found = found.filter(**{name: value for name, value in asked.items() if value is not None})
    is_backward = place is not None and place.is_backward
    if place is not None:
        found = found.filter(Q(pk__gt=place.id) if is_backward else Q(pk__lt=place.id))
    rows = list(found.order_by("pk" if is_backward else "-pk")[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    if is_backward:
        rows.reverse()
    if not rows:
        return [], None, None
    has_next, has_previous = (True, has_more) if is_backward else (has_more, place is not None)
    return rows, _place(rows[-1]) if has_next else None, _place(rows[0], is_backward=True) if has_previous else None


def find_delivery(endpoint: WebhookEndpoint, delivery_id: uuid.UUID) -> WebhookDelivery:
    """One of them. :raises NotFound: there is none."""
    found = endpoint.deliveries.filter(pk=delivery_id).first()
    if found is None:
        raise NotFound
    return found


def attempts_of(delivery: WebhookDelivery) -> list[WebhookAttempt]:
    """The last tries, newest first."""
    return list(delivery.attempts.order_by("-pk")[:ATTEMPTS_SHOWN])


def endpoint_data(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """An endpoint as the API shows it, without its secrets. They are read already."""
    return {
        "id": str(endpoint.pk), "url": endpoint.url, "description": endpoint.description, "event_types": endpoint.event_types,
        "include_object": endpoint.include_object, "livemode": endpoint.livemode, "state": str(endpoint.state),
        "state_changed_at": moment(endpoint.state_changed_at), "consecutive_failures": endpoint.failures,
        "failing_since": moment(endpoint.failing_since), "throttled_until": moment(endpoint.throttled_until),
        "last_success_at": moment(endpoint.last_success_at), "last_failure_at": moment(endpoint.last_failure_at),
        "secrets": [
            {"created_at": moment(secret.created_at), "expires_at": moment(secret.expires_at)}
            for secret in sorted(endpoint.secrets.all(), key=lambda secret: -secret.pk)
        ],
        "created_at": moment(endpoint.created_at), "updated_at": moment(endpoint.updated_at),
    }  # fmt: skip


def delivery_data(row: WebhookDelivery) -> dict[str, Any]:
    """A delivery as a list shows it."""
    return {
        "id": str(row.pk), "endpoint_id": str(row.endpoint_id), "type": row.type, "state": str(row.state), "tries": row.tries,
        "next_attempt_at": moment(row.next_attempt_at), "last_status": row.last_status, "last_error": row.last_error or None,
        "delivered_at": moment(row.delivered_at), "occurred_at": moment(row.occurred_at), "created_at": moment(row.created_at),
    }  # fmt: skip


def delivery_detail(row: WebhookDelivery) -> dict[str, Any]:
    """A delivery with what was sent and what was answered. Two statements with the row's own."""
    attempts = [
        {
            "at": moment(one.at), "status": one.status, "error": one.error or None, "duration_ms": one.duration_ms, "answer": one.answer,
        }
        for one in attempts_of(row)
    ]  # fmt: skip
    return {**delivery_data(row), "payload": json.loads(row.body), "attempts": attempts}


def _place(row: WebhookDelivery, *, is_backward: bool = False) -> Keyset:
    return Keyset(0, row.created_at, row.pk, is_backward)
