"""Bodies and answers of the endpoints of webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.api.serializers import Moment, StrictSerializer
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.webhook_types import CHOOSABLE, WEBHOOK_TYPES

URL_MAX = 2000


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """A secret without itself."""

    created_at = Moment()
    expires_at = Moment(allow_null=True, help_text="Null for the current one; the one before it signs, too, until then.")


class WebhookEndpointSerializer(serializers.Serializer[Any]):
    """An address that is told of events."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    event_types = serializers.ListField(child=serializers.ChoiceField(choices=list(CHOOSABLE)))
    include_object = serializers.BooleanField(help_text="Whether `data.object` holds the object as it was when the event happened.")
    livemode = serializers.BooleanField()
    state = serializers.ChoiceField(choices=EndpointState.choices)
    state_changed_at = Moment()
    consecutive_failures = serializers.IntegerField(help_text="Failed tries since the last 2xx.")
    failing_since, throttled_until = Moment(allow_null=True), Moment(allow_null=True, help_text="It has a pause after 429, 502 or 504.")
    last_success_at, last_failure_at = Moment(allow_null=True), Moment(allow_null=True)
    secrets = WebhookSecretSerializer(many=True)
    created_at, updated_at = Moment(), Moment()


class WebhookNewEndpointSerializer(WebhookEndpointSerializer):
    """An endpoint and its new secret, which no other answer ever has, a repeated one included."""

    secret = serializers.CharField(allow_null=True, help_text="`whsec_` and base64.")


class WebhookEndpointPatchSerializer(StrictSerializer):
    """What can be changed of an endpoint."""

    ignored = frozenset({
        "id", "livemode", "state_changed_at", "consecutive_failures", "failing_since", "throttled_until", "last_success_at",
        "last_failure_at", "secrets", "created_at", "updated_at",
    })  # fmt: skip
    url = serializers.CharField(required=False, max_length=URL_MAX)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=len(WEBHOOK_TYPES), help_text="Names of the registry."
    )
    include_object = serializers.BooleanField(required=False)
    state = serializers.ChoiceField(choices=[EndpointState.ENABLED.value, EndpointState.DISABLED.value], required=False)


class WebhookEndpointInputSerializer(StrictSerializer):
    """A new endpoint."""

    url = serializers.CharField(max_length=URL_MAX)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=len(WEBHOOK_TYPES), help_text="Names of the registry."
    )
    include_object = serializers.BooleanField(required=False)
    livemode = serializers.BooleanField(required=False, help_text="True unless said otherwise; a key makes those of its own mode.")


class WebhookRotateSecretSerializer(StrictSerializer):
    """For how long the old secret signs, too: seconds, a day by default, 0 after a leak, a week at most."""

    overlap = serializers.IntegerField(required=False, min_value=0, max_value=7 * 24 * 3600)


class WebhookReplaySerializer(StrictSerializer):
    """Either one delivery, or a range of time."""

    delivery_id = serializers.UUIDField(required=False)
    since = Moment(required=False, help_text="Of the event, included.")
    until = Moment(required=False, help_text="Of the event, excluded; now, when left out.")
    include_delivered = serializers.BooleanField(required=False, help_text="Also what arrived; for a range.")


class WebhookDeliverySerializer(serializers.Serializer[Any]):
    """One event for one endpoint; `id` is the `webhook-id` of every try."""

    id = serializers.UUIDField()
    endpoint_id = serializers.UUIDField()
    type = serializers.CharField(help_text="A name of the registry: see Webhooks.")
    state = serializers.ChoiceField(choices=WebhookState.choices)
    tries = serializers.IntegerField()
    next_attempt_at = Moment(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField(allow_null=True, help_text="`status`, `redirect`, `too_slow`, `address_private`, `tls_failed`…")
    delivered_at = Moment(allow_null=True)
    occurred_at, created_at = Moment(), Moment()


class WebhookAttemptSerializer(serializers.Serializer[Any]):
    """One try."""

    at = Moment()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    duration_ms = serializers.IntegerField()
    answer = serializers.CharField(allow_blank=True, help_text="At most its first 1,000 characters.")


class WebhookDeliveryDetailSerializer(WebhookDeliverySerializer):
    """A delivery with what was sent and what was answered."""

    payload = serializers.DictField()
    attempts = WebhookAttemptSerializer(many=True, help_text="The last 30, newest first.")
