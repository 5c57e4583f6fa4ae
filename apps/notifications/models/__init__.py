"""Tables of notifications."""

from apps.notifications.models.broadcasts import Broadcast
from apps.notifications.models.consents import ConsentRecord
from apps.notifications.models.deliveries import Delivery, DeliveryAttempt
from apps.notifications.models.notifications import Notification
from apps.notifications.models.preferences import Preference, QuietHours
from apps.notifications.models.suppressions import Suppression
from apps.notifications.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret

__all__ = [
    "Broadcast", "ConsentRecord", "Delivery", "DeliveryAttempt", "Notification", "Preference", "QuietHours", "Suppression",
    "WebhookAttempt", "WebhookDelivery", "WebhookEndpoint", "WebhookSecret",
]  # fmt: skip
