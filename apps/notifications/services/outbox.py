"""Writing deliveries down, and waking whoever sends them."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from apps.core.background import BrokerAway, enqueue
from apps.notifications.models import Delivery

SEND_TASK = "apps.notifications.tasks.send_delivery"


def write(delivery: Delivery) -> bool:
    """Insert a delivery; False when its event was written before by this channel."""
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    return Delivery.objects.filter(pk=delivery.pk).exists()


def send_soon(delivery: Delivery) -> None:
    """Send after the commit; without a broker the sweep does."""

    def send() -> None:
        with suppress(BrokerAway):
            enqueue(SEND_TASK, delivery_id=str(delivery.pk))

    transaction.on_commit(send)
