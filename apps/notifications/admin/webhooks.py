"""Webhooks for staff: looked at, never written; no secret is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    EndpointBase = admin.ModelAdmin[WebhookEndpoint]
    DeliveryBase = admin.ModelAdmin[WebhookDelivery]
    Inline = admin.TabularInline[WebhookAttempt, WebhookDelivery]
else:
    EndpointBase = DeliveryBase = admin.ModelAdmin
    Inline = admin.TabularInline


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnly, EndpointBase):
    """How endpoints do."""

    list_display = ("url", "user", "state", "failures", "livemode", "last_success_at", "created_at")
    list_filter = ("state", "livemode")
    list_select_related = ("user",)
    search_fields = ("url", "=user__email")
    ordering = ("-pk",)
    show_full_result_count = False
    paginator = BoundedPaginator


class WebhookAttemptInline(ReadOnly, Inline):
    """Tries of a message."""

    model = WebhookAttempt
    extra = 0
    fields = ("at", "status", "error", "duration_ms", "answer")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, DeliveryBase):
    """What was sent where."""

    list_display = ("created_at", "type", "endpoint", "state", "tries", "last_status", "last_error", "next_attempt_at")
    list_filter = ("state", "type")
    list_select_related = ("endpoint",)
    search_fields = ("=id", "=endpoint__user__email")
    ordering = ("-pk",)
    show_full_result_count = False
    paginator = BoundedPaginator
    inlines = (WebhookAttemptInline,)
