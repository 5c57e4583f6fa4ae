"""What providers tell later: a message arrived, or did not; a reader stopped, complained, or has no such address."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from apps.notifications.choices import Channel, DeliveryState
from apps.notifications.models import Delivery
from apps.notifications.services import notifying, suppressions


@transaction.atomic
def note_receipt(*, provider_id: str, is_arrived: bool, detail: str, is_bounce: bool = False, at: dt.datetime) -> bool:
    """Note what became of a message that had left; False when it is none of ours. Harmless when repeated or late.

    What did not arrive goes on by the next channel of its chain.
    """
    if not provider_id:
        return False
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("user", "notification")
    delivery = rows.filter(provider_id=provider_id[:200]).order_by("-created_at").first()
    if delivery is None:
        return False
    if delivery.state == DeliveryState.SENT and is_arrived:
        delivery.state, delivery.delivered_at, delivery.receipt_due_at = DeliveryState.DELIVERED, at, None
        delivery.save(update_fields=["state", "delivered_at", "receipt_due_at"])
    elif delivery.state == DeliveryState.SENT:
        # A chain that went on by itself because nobody answered has its next message already.
        is_open = bool(delivery.receipt_due_at) or not delivery.chain
        delivery.state, delivery.reason, delivery.receipt_due_at = DeliveryState.FAILED, detail[:300], None
        delivery.save(update_fields=["state", "reason", "receipt_due_at"])
        if is_bounce:
            suppressions.note_bounce(channel=delivery.channel, address=delivery.address, detail=detail, at=at)
        if is_open:
            notifying.start_next(delivery, at=at)
    return True


def note_mail(*, kind: str, address: str, provider_id: str, detail: str, at: dt.datetime) -> None:
    """Note what became of a mail that a server had taken: bounce, failed (no fault of the address), complaint, unsubscribe or delivered.

    Harmless when repeated; any other kind means nothing.
    """
    if kind == "delivered":
        note_receipt(provider_id=provider_id, is_arrived=True, detail="", at=at)
    elif kind == "bounce" and address:
        suppressions.note_bounce(channel=Channel.EMAIL, address=address, detail=detail, at=at)
        note_receipt(provider_id=provider_id, is_arrived=False, detail=detail or "bounce", at=at)
    elif kind == "failed":
        note_receipt(provider_id=provider_id, is_arrived=False, detail=detail or "failed", at=at)
    elif kind == "unsubscribe":
        note_stop(channel=Channel.EMAIL, address=address, at=at)
    elif kind == "complaint" and address:
        suppressions.note_complaint(channel=Channel.EMAIL, address=address, detail=detail, at=at)


def note_stop(*, channel: str, address: str, at: dt.datetime) -> None:
    """A reader answered STOP, blocked us, or left by his provider: nothing but what must arrive goes there. Harmless when repeated."""
    if channel in Channel.values and address:
        suppressions.note_unsubscribe(channel=channel, address=address, at=at)
