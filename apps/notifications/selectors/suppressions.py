"""Addresses that nothing more is sent to."""

from __future__ import annotations

from django.db.models import Q

from apps.notifications.choices import SuppressionReason
from apps.notifications.models import Suppression

# What outweighs the others when several hold: an address that does not exist is told first.
_ORDER = (SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.UNSUBSCRIBE)


def suppression_of(channel: str, address: str, category: str) -> str:
    """Why nothing of a category goes to an address; empty when nothing is against it."""
    live = Suppression.objects.filter(Q(category="") | Q(category=category), channel=channel, address=address.lower(), lifted_at=None)
    found = set(live.values_list("reason", flat=True))
    return next((str(reason) for reason in _ORDER if reason in found), "")
