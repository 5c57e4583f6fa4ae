"""What the OpenAPI document says of webhooks: of the endpoints of the API, and of the requests that we send."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, OpenApiWebhook, inline_serializer
from rest_framework import serializers

from apps.core.api.openapi import IDEMPOTENCY_KEY, problem, problems, query
from apps.core.api.serializers import Moment
from apps.notifications.api.serializers import (
    WebhookDeliveryDetailSerializer,
    WebhookDeliverySerializer,
    WebhookEndpointInputSerializer,
    WebhookEndpointPatchSerializer,
    WebhookEndpointSerializer,
    WebhookNewEndpointSerializer,
    WebhookReplaySerializer,
    WebhookRotateSecretSerializer,
)
from apps.notifications.choices import WebhookState
from apps.notifications.webhook_types import WEBHOOK_TYPES, WebhookType, sample_message

_TAGS = ["webhooks"]
_READ = problems(400, 401, 403, 406)
_WRITE = {**_READ, **problems(411, 413, 415, 422)}
_MISSING = problems(404)
_ID = OpenApiParameter("endpoint_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the list.")
_ENDPOINT: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d44", "url": "https://exemple.cm/webhooks", "description": "Caisse",
    "event_types": ["payment.succeeded", "payment.failed"], "include_object": False, "livemode": True, "state": "enabled",
    "state_changed_at": "2026-11-26T16:00:00.000Z", "consecutive_failures": 0, "failing_since": None, "throttled_until": None,
    "last_success_at": "2026-11-26T17:00:41.000Z", "last_failure_at": None,
    "secrets": [{"created_at": "2026-11-26T16:00:00.000Z", "expires_at": None}], "created_at": "2026-11-26T16:00:00.000Z",
    "updated_at": "2026-11-26T16:00:00.000Z",
}  # fmt: skip
_DELIVERY: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d99", "endpoint_id": _ENDPOINT["id"], "type": "payment.succeeded", "state": "delivered",
    "tries": 1, "next_attempt_at": None, "last_status": 204, "last_error": None, "delivered_at": "2026-11-26T17:00:41.000Z",
    "occurred_at": "2026-11-26T17:00:40.000Z", "created_at": "2026-11-26T17:00:40.100Z",
}  # fmt: skip


def _shown(name: str, value: object, *status: str) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, response_only=True, status_codes=list(status))]


def _asked(name: str, value: object) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, request_only=True)]


def _page(name: str, one: Any) -> Any:
    return inline_serializer(
        name,
        {
            "data": one(many=True), "has_more": serializers.BooleanField(), "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )  # fmt: skip


_NEW = OpenApiResponse(WebhookNewEndpointSerializer, description="With its secret, shown this once. A repeated request has null instead.")
_WITH_SECRET = {**_ENDPOINT, "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_webhook_endpoints", "summary": "List webhook endpoints", "tags": _TAGS,
    "description": "The caller's own, newest first; a key sees those of its own mode. At most ten of each mode.",
    "responses": {200: _page("WebhookEndpointPage", WebhookEndpointSerializer), **_READ},
    "examples": _shown("page", {"data": [_ENDPOINT], "has_more": False, "next": None, "previous": None}, "200"),
}  # fmt: skip
CREATE: Final[dict[str, Any]] = {
    "operation_id": "create_webhook_endpoint", "summary": "Make a webhook endpoint", "tags": _TAGS, "parameters": [IDEMPOTENCY_KEY],
    "description": "Of the open internet and https. Its secret is in this answer alone. What is sent there is described under Webhooks.",
    "request": {"application/json": WebhookEndpointInputSerializer},
    "responses": {
        201: _NEW, **_WRITE, **problem(409, "There are as many as there may be, or the same request still runs.", "endpoint_limit_reached"),
    },
    "examples": [
        *_asked("Of payments", {"url": _ENDPOINT["url"], "event_types": _ENDPOINT["event_types"], "description": "Caisse"}),
        *_shown("The endpoint", _WITH_SECRET, "201"),
    ],
}  # fmt: skip
READ: Final[dict[str, Any]] = {
    "operation_id": "get_webhook_endpoint", "summary": "Read a webhook endpoint", "tags": _TAGS, "parameters": [_ID],
    "responses": {200: WebhookEndpointSerializer, **_READ, **_MISSING}, "examples": _shown("The endpoint", _ENDPOINT, "200"),
}  # fmt: skip
CHANGE: Final[dict[str, Any]] = {
    "operation_id": "change_webhook_endpoint", "summary": "Change a webhook endpoint", "tags": _TAGS, "parameters": [_ID],
    "description": "Switching it on gives it a clean record; what happened while it was off is held, and a replay sends it.",
    "request": {"application/json": WebhookEndpointPatchSerializer},
    "responses": {200: WebhookEndpointSerializer, **_WRITE, **_MISSING},
    "examples": [*_asked("On again", {"state": "enabled"}), *_shown("The endpoint", _ENDPOINT, "200")],
}  # fmt: skip
DELETE: Final[dict[str, Any]] = {
    "operation_id": "delete_webhook_endpoint", "summary": "Delete a webhook endpoint", "tags": _TAGS, "parameters": [_ID],
    "request": None, "responses": {204: None, **_READ, **_MISSING},
}  # fmt: skip
ROTATE: Final[dict[str, Any]] = {
    "operation_id": "rotate_webhook_secret", "summary": "Replace a secret", "tags": _TAGS, "parameters": [_ID, IDEMPOTENCY_KEY],
    "description": "While both are valid, `webhook-signature` holds one signature of each. A further replacement ends the oldest.",
    "request": {"application/json": WebhookRotateSecretSerializer},
    "responses": {201: _NEW, **_WRITE, **_MISSING, **problems(409)},
    "examples": [*_asked("Both for an hour", {"overlap": 3600}), *_shown("The endpoint", _WITH_SECRET, "201")],
}  # fmt: skip
DELIVERIES: Final[dict[str, Any]] = {
    "operation_id": "list_webhook_deliveries", "summary": "List deliveries", "tags": _TAGS,
    "description": "Of 30 days, newest first: what was sent, what waits, what was given up, and what was held while the endpoint was off.",
    "parameters": [
        _ID,
        query("state", "Separated by commas: " + ", ".join(WebhookState.values) + "."),
        query("type", "Types of events, separated by commas."),
        query("since", "Of the event, included: a moment in ISO 8601, or a day.", OpenApiTypes.DATETIME),
        query("until", "Of the event, excluded.", OpenApiTypes.DATETIME),
        query("limit", "Deliveries of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next` or `previous`."),
    ],
    "responses": {200: _page("WebhookDeliveryPage", WebhookDeliverySerializer), **_READ, **_MISSING},
    "examples": _shown("page", {"data": [_DELIVERY], "has_more": False, "next": None, "previous": None}, "200"),
}  # fmt: skip
DELIVERY: Final[dict[str, Any]] = {
    "operation_id": "get_webhook_delivery", "summary": "Read a delivery", "tags": _TAGS,
    "parameters": [_ID, OpenApiParameter("delivery_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `webhook-id`.")],
    "responses": {200: WebhookDeliveryDetailSerializer, **_READ, **_MISSING},
    "examples": _shown(
        "delivery",
        {
            **_DELIVERY, "payload": sample_message(WEBHOOK_TYPES["payment.succeeded"], with_object=False),
            "attempts": [{"at": "2026-11-26T17:00:41.000Z", "status": 204, "error": None, "duration_ms": 143, "answer": ""}],
        },
        "200",
    ),
}  # fmt: skip
TEST: Final[dict[str, Any]] = {
    "operation_id": "test_webhook_endpoint", "summary": "Try a webhook endpoint", "tags": _TAGS, "parameters": [_ID, IDEMPOTENCY_KEY],
    "description": "Sends a `webhook.test`, also to an endpoint that is off. It is tried once, and a failure counts for nothing.",
    "request": None,
    "responses": {202: OpenApiResponse(WebhookDeliverySerializer, description="It is on its way."), **_WRITE, **_MISSING, **problems(409)},
    "examples": _shown("On its way", {**_DELIVERY, "type": "webhook.test", "state": "pending", "tries": 0}, "202"),
}  # fmt: skip
REPLAY: Final[dict[str, Any]] = {
    "operation_id": "replay_webhooks", "summary": "Send again", "tags": _TAGS, "parameters": [_ID, IDEMPOTENCY_KEY],
    "description": "One delivery, whatever became of it, or what did not arrive in a range of time (given up, held, or waiting for its "
    "next try): at most 1,000, oldest first. Each keeps its `webhook-id`. A pause of the endpoint ends.",
    "request": {"application/json": WebhookReplaySerializer},
    "responses": {
        202: OpenApiResponse(
            inline_serializer(
                "Replayed",
                {
                    "replayed": serializers.IntegerField(), "has_more": serializers.BooleanField(),
                    "next_since": Moment(allow_null=True, help_text="`since` of the next call, when some are left."),
                },
            ),
            description="They are on their way.",
        ),
        **_WRITE, **_MISSING, **problem(409, "The endpoint is off, or the same request still runs.", "conflict"),
    },
    "examples": [
        *_asked("What was missed", {"since": "2026-11-26T00:00:00Z", "until": "2026-11-27T00:00:00Z"}),
        *_asked("One", {"delivery_id": _DELIVERY["id"]}),
        *_shown("On their way", {"replayed": 12, "has_more": False, "next_since": None}, "202"),
    ],
}  # fmt: skip

_HOW = (
    "Sent as Standard Webhooks 1.0: verify `webhook-signature` over `webhook-id.webhook-timestamp.body` with the raw body before "
    "anything else, refuse a timestamp more than five minutes away, and remember `webhook-id`, which every try of the same event has: "
    "messages may come twice, and in any order. Answer 2xx within 15 seconds; a redirect is a failure; 410 ends the endpoint; 429, 502 "
    "and 504 give it a pause, for as long as `Retry-After` says. Tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h."
)
_HEADERS = (
    ("webhook-id", "The same for every try of one event."),
    ("webhook-timestamp", "Unix seconds of the try."),
    ("webhook-signature", "`v1,` and base64 of HMAC-SHA-256; several, separated by spaces, while two secrets overlap."),
)


def _webhook(kind: WebhookType) -> OpenApiWebhook:
    """One request that we send, in OpenAPI's own words."""
    examples = {"thin": {"value": sample_message(kind, with_object=False)}}
    if kind.object is not None:
        examples["with_object"] = {"value": sample_message(kind, with_object=True)}
    members = {
        "type": {"type": "string", "enum": [kind.name]},
        "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
        "livemode": {"type": "boolean"},
        "data": {
            "type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}},
            "description": "What the event alone knows, and `object` for endpoints that ask for it.", "additionalProperties": True,
        },
    }  # fmt: skip
    return OpenApiWebhook(
        kind.name,
        {
            "post": {
                "summary": kind.summary, "description": f"{kind.summary}. {_HOW}", "tags": _TAGS,
                "parameters": [
                    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": words}
                    for name, words in _HEADERS
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "required": list(members), "properties": members}, "examples": examples,
                        }
                    },
                },
                "responses": {"2XX": {"description": "Received. Of the body nobody reads more than the beginning."}},
            }
        },
    )  # fmt: skip


WEBHOOKS = [_webhook(kind) for kind in WEBHOOK_TYPES.values()]
