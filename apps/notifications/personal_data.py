"""What messages put into the archive of somebody's own data."""

from __future__ import annotations

from apps.accounts.models import User
from apps.accounts.personal_data import Rows, personal_data
from apps.notifications.models import ConsentRecord, Delivery, Notification, Preference, WebhookEndpoint


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


@personal_data("notifications")
def notifications(user: User) -> Rows:
    """What the user was told on the site."""
    return Notification.objects.filter(user=user).order_by("created_at").values("message", "category", "url", "created_at", "read_at")


@personal_data("message_preferences")
def message_preferences(user: User) -> Rows:
    """What the user chose to be told, and how."""
    return Preference.objects.filter(user=user).order_by("category", "channel").values("category", "channel", "mode", "updated_at")


@personal_data("consents")
def consents(user: User) -> Rows:
    """What the user agreed to and took back, with the words that were shown."""
    return ConsentRecord.objects.filter(user=user).order_by("created_at").values(
        "category", "channel", "is_given", "source", "text_shown", "created_at"
    )  # fmt: skip
