"""What the gate has to know about a message, a person and an address."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.catalogue.kinds import Message
from apps.notifications.choices import MANDATORY, PHONE_CHANNELS, Channel, Mode, SuppressionReason
from apps.notifications.gate import Facts, is_mandatory, needs_consent
from apps.notifications.models import Delivery
from apps.notifications.selectors.preferences import has_consent, mode_of, quiet_of
from apps.notifications.selectors.suppressions import suppression_of


def address_of(user: User, channel: str) -> str:
    """Where somebody is reached by a channel; empty when he is not. A number counts once it is confirmed."""
    if channel == Channel.IN_APP:
        return str(user.pk)
    if channel == Channel.EMAIL:
        return user.email
    return user.phone if user.phone_verified_at else ""


def facts_of(message: Message, *, user: User | None, channel: str, address: str, at: dt.datetime) -> Facts:
    """The facts of a message to an address; `user` is None for an address without account, which chose nothing.

    :param address: where it goes; a person's own address may have changed since it was written down.
    """
    category = message.category
    is_told = user is None or is_mandatory(category, channel)
    is_phone = channel in PHONE_CHANNELS
    return Facts(
        category=category,
        channel=channel,
        is_urgent=message.is_urgent,
        has_address=bool(address),
        mode=Mode.NOW if user is None or is_told else mode_of(user.pk, category, channel),
        has_consent=user is None or is_told or not needs_consent(category, channel) or has_consent(user.pk, category, channel),
        suppressed=suppression_of(channel, address, category) if channel != Channel.IN_APP else "",
        quiet=quiet_of([user.pk])[user.pk] if user is not None and channel != Channel.IN_APP else None,
        is_over_budget=is_phone and spent_xaf(at=at) >= settings.MESSAGES_DAILY_BUDGET_XAF,
        is_unready=channel == Channel.WHATSAPP and message.name not in settings.WHATSAPP_APPROVED,
        is_rescue=channel == Channel.SMS and user is not None and needs_rescue(message, user),
    )


def needs_rescue(message: Message, user: User) -> bool:
    """Whether a message that must arrive has only a mail to an address that refuses mails: then it is texted, too."""
    return message.category in MANDATORY and suppression_of(Channel.EMAIL, user.email, message.category) == SuppressionReason.BOUNCE


def spent_xaf(*, at: dt.datetime) -> int:
    """What the messages of this day in Douala have cost."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    spent = Delivery.objects.filter(created_at__gte=midnight, cost_xaf__gt=0).aggregate(sum=Sum("cost_xaf"))["sum"]
    return int(spent or 0)
