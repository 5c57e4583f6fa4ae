"""Telling a person something: the only way. Rule, preferences, consent, quiet hours, digests, suppression, channels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.notifications.choices import PHONE_CHANNELS, Channel, DeliveryState, Mode
from apps.notifications.exceptions import IncompleteContext
from apps.notifications.gate import Answer, decide
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery, Notification
from apps.notifications.selectors.facts import address_of, facts_of, needs_rescue
from apps.notifications.selectors.preferences import mode_of
from apps.notifications.services import outbox


@transaction.atomic
def notify(
    name: str, *, user: User, context: Mapping[str, Any], url: str = "", dedup_key: str, at: dt.datetime
) -> Notification | None:  # fmt: skip
    """Tell a person something, once: None when he was told of this event before, or his account is gone.

    The notice stands in the inbox at once; what leaves is sent after the commit.

    :param context: plain values for the words: every name of the message's `sample`, never a secret.
    :param url: the absolute address of the page it leads to; also the value `url` of the words.
    :param dedup_key: the event; one message of a name is written for each event and person.
    :raises KeyError: no such message. :raises ValueError: a message with a secret: that is `send_secret`'s.
    :raises IncompleteContext: the words need a value that is not there.
    """
    message = MESSAGES[name]
    if message.is_secret:
        raise ValueError(f"{name} holds a secret and may not be stored")
    values = {**({"url": url} if url else {}), **context}
    missing = set(message.sample) - set(values)
    if missing:
        raise IncompleteContext(f"{name} lacks {', '.join(sorted(missing))}")
    if user.deleted_at is not None:
        return None
    kept = {key: value for key, value in values.items() if key not in message.private}
    is_listed = message.is_listed and mode_of(user.pk, message.category, Channel.IN_APP) != Mode.NEVER
    notification = Notification(
        user=user, message=name, category=message.category, context=kept, url=values.get("url", ""), dedup_key=dedup_key,
        is_listed=is_listed, created_at=at,
    )  # fmt: skip
    # Whoever writes the same event at the same moment waits for the other's commit and finds it.
    Notification.objects.bulk_create([notification], ignore_conflicts=True)
    if not Notification.objects.filter(pk=notification.pk).exists():
        return None
    start(notification, message.chain or (message.channel,), values=values, user=user, at=at)
    if message.channel == Channel.EMAIL and needs_rescue(message, user) and not _has_phone(notification):
        start(notification, (Channel.SMS,), values=values, user=user, at=at)
    return notification


def start(
    notification: Notification, channels: Sequence[str], *, values: Mapping[str, Any], user: User, at: dt.datetime
) -> Delivery | None:  # fmt: skip
    """Write the delivery by the first of these channels that may be used; the others stand by. None when none may.

    A channel that nobody chose leaves no trace; one that something else forbids is noted with its reason.
    """
    message = MESSAGES[notification.message]
    for place, channel in enumerate(channels):
        address = address_of(user, channel)
        verdict = decide(facts_of(message, user=user, channel=channel, address=address, at=at), at=at)
        delivery = Delivery(
            message=message.name, category=message.category, channel=channel, notification=notification, user=user, address=address,
            language=user.language, context={"name": user.name, **values}, chain=list(channels[place + 1 :]), reason=verdict.reason,
            next_attempt_at=verdict.until or at,
        )  # fmt: skip
        if verdict.answer is Answer.SKIP:
            if verdict.reason not in {"preference", "consent", "no_address"}:
                delivery.state, delivery.context, delivery.next_attempt_at = DeliveryState.SKIPPED, {}, None
                outbox.write(delivery)
            continue
        if verdict.answer is Answer.HOLD:
            delivery.state, delivery.next_attempt_at = DeliveryState.HELD, None
        if not outbox.write(delivery):
            return None
        if verdict.answer is Answer.LEAVE:
            outbox.send_soon(delivery)
        return delivery
    return None


def start_next(delivery: Delivery, *, at: dt.datetime) -> Delivery | None:
    """Go on with the next channel of a chain after this one failed or said nothing; None when there is none.

    What must arrive and has no chain is texted when its mail was refused for good.
    """
    notification, user = delivery.notification, delivery.user
    if notification is None or user is None or user.deleted_at is not None:
        return None
    channels = list(delivery.chain)
    message = MESSAGES[notification.message]
    if not channels and delivery.channel == Channel.EMAIL and needs_rescue(message, user) and not _has_phone(notification):
        channels = [Channel.SMS]
    return start(notification, channels, values=notification.context, user=user, at=at) if channels else None


def _has_phone(notification: Notification) -> bool:
    return notification.deliveries.filter(channel__in=PHONE_CHANNELS).exclude(state=DeliveryState.SKIPPED).exists()
