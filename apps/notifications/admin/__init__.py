"""Messages for staff: what was sent and why not, what each message looks like, who agreed to what."""

from __future__ import annotations

from apps.notifications.admin.broadcasts import BroadcastAdmin
from apps.notifications.admin.deliveries import AttemptInline, DeliveryAdmin
from apps.notifications.admin.people import ConsentAdmin, NotificationAdmin, SuppressionAdmin
from apps.notifications.admin.webhooks import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "AttemptInline",
    "BroadcastAdmin",
    "ConsentAdmin",
    "DeliveryAdmin",
    "NotificationAdmin",
    "SuppressionAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
