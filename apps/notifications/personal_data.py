"""What messages put into the archive of somebody's own data."""

from __future__ import annotations

from apps.accounts.models import User
from apps.accounts.personal_data import Rows, personal_data
from apps.notifications.models import Delivery, WebhookEndpoint


@personal_data("messages")
def messages(user: User) -> Rows:
    """What was sent to the user, without its words."""
    return (
        Delivery.objects.filter(user=user).order_by("created_at").values("message", "channel", "address", "state", "sent_at", "created_at")
    )


@personal_data("webhooks")
def webhooks(user: User) -> Rows:
    """Addresses that the user has told, without their secrets."""
    return (
        WebhookEndpoint.objects.filter(user=user).order_by("created_at").values(
            "id", "url", "description", "event_types", "include_object", "livemode", "state", "created_at"
        )
    )  # fmt: skip
