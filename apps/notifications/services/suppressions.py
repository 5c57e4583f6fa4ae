"""Addresses that refuse, complain or leave: nothing more is sent there. The only place that writes them."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from apps.notifications.choices import Channel, SuppressionReason
from apps.notifications.models import Suppression


def note_bounce(*, channel: str, address: str, detail: str, at: dt.datetime) -> None:
    """Remember that an address or number does not exist. Harmless when repeated."""
    _suppress(channel=channel, address=address, reason=SuppressionReason.BOUNCE, detail=detail, at=at)


def note_complaint(*, channel: str, address: str, detail: str, at: dt.datetime) -> None:
    """Remember that a reader called our mails unwanted: only security and billing still go there. Harmless when repeated."""
    _suppress(channel=channel, address=address, reason=SuppressionReason.COMPLAINT, detail=detail, at=at)


def note_unsubscribe(*, channel: str, address: str, category: str = "", at: dt.datetime) -> None:
    """Remember that the reader of an address without account, or of a phone, left a category, or all. Harmless when repeated."""
    _suppress(channel=channel, address=address, reason=SuppressionReason.UNSUBSCRIBE, category=category, at=at)


def lift_bounce(*, address: str, channel: str = Channel.EMAIL, at: dt.datetime) -> int:
    """Send to an address again that was proved to be read: its link was followed. Returns how many marks went."""
    return _live(channel, address).filter(reason=SuppressionReason.BOUNCE).update(lifted_at=at)


def lift(*, suppression_id: int, at: dt.datetime) -> bool:
    """Send to an address again because staff says so; False when it was lifted before."""
    return Suppression.objects.filter(pk=suppression_id, lifted_at=None).update(lifted_at=at) == 1


def _live(channel: str, address: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(channel=channel, address=address.lower(), lifted_at=None)


def _suppress(*, channel: str, address: str, reason: str, category: str = "", detail: str = "", at: dt.datetime) -> None:
    row = Suppression(
        channel=channel, address=address.lower(), reason=reason, category=category, detail=detail[:300], created_at=at
    )  # fmt: skip
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
