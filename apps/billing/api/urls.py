"""Endpoints of billing."""

from __future__ import annotations

from django.urls import path

from apps.billing.api import webhooks

urlpatterns = [
    path("payments/webhooks", webhooks.payment_webhook, name="payment_webhook"),
    path("payments/webhooks/<str:provider>/<str:token>", webhooks.payment_webhook, name="payment_webhook"),
]
