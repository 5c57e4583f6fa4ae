"""Paths of webhooks, below `/api/v1/` and `/api/` alike."""

from __future__ import annotations

from django.urls import path

from apps.notifications.api import webhooks

urlpatterns = [
    path("webhook-endpoints", webhooks.EndpointListView.as_view(), name="webhook_endpoints"),
    path("webhook-endpoints/<uuid:endpoint_id>", webhooks.EndpointView.as_view(), name="webhook_endpoint"),
    path("webhook-endpoints/<uuid:endpoint_id>/rotate-secret", webhooks.RotateSecretView.as_view(), name="webhook_rotate_secret"),
    path("webhook-endpoints/<uuid:endpoint_id>/deliveries", webhooks.DeliveryListView.as_view(), name="webhook_deliveries"),
    path("webhook-endpoints/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>", webhooks.DeliveryView.as_view(), name="webhook_delivery"),
    path("webhook-endpoints/<uuid:endpoint_id>/test", webhooks.TestView.as_view(), name="webhook_test"),
    path("webhook-endpoints/<uuid:endpoint_id>/replay", webhooks.ReplayView.as_view(), name="webhook_replay"),
]
