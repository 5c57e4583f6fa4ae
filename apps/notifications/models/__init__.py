"""Tables of notifications."""

from apps.notifications.models.deliveries import Delivery, DeliveryAttempt

__all__ = ["Delivery", "DeliveryAttempt"]
