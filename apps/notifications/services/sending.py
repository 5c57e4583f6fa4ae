"""Sending: the only place that writes deliveries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.core.background import BrokerAway, enqueue
from apps.notifications.choices import Channel, DeliveryState
from apps.notifications.exceptions import PortFailed
from apps.notifications.messages import MESSAGES, Message
from apps.notifications.models import Delivery, DeliveryAttempt
from apps.notifications.ports import email, sms
from apps.notifications.rendering import Rendered, render_message

logger = structlog.get_logger(__name__)

FAREWELL = "account_deleted"
SEND_TASK = "apps.notifications.tasks.send_delivery"
# Seconds after the first failure, the second…; then the message is given up.
BACKOFF_S = (30, 120, 600, 3600, 4 * 3600, 12 * 3600)
KEPT_FOR = dt.timedelta(days=365)
# Who sends may take so long; nobody else tries meanwhile.
CLAIM = dt.timedelta(minutes=5)


@transaction.atomic
def send_message(
    name: str, *, to: str, language: str, context: Mapping[str, Any], user_id: uuid.UUID | None = None, dedup_key: str = "", at: dt.datetime
) -> Delivery | None:
    """Write a message down and send it after the commit; None when the same `dedup_key` was sent to this address before.

    :param context: plain values for the template; never a secret.
    :raises KeyError: no such message. :raises ValueError: a message with a secret: that is `send_secret`'s.
    """
    message = MESSAGES[name]
    if message.is_secret:
        raise ValueError(f"{name} holds a secret and may not be stored")
    delivery = Delivery(
        message=name, channel=message.channel, user_id=user_id, address=to, language=language, context=dict(context),
        dedup_key=dedup_key, next_attempt_at=at,
    )  # fmt: skip
    if dedup_key:
        known = Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
        if not Delivery.objects.filter(pk=known[0].pk).exists():
            return None
    else:
        delivery.save(force_insert=True)
    _send_soon(delivery)
    return delivery


def send_secret(
    name: str, *, to: str, language: str, context: Mapping[str, Any], user_id: uuid.UUID | None = None, at: dt.datetime
) -> bool:
    """Send a message with a code or link that opens something: straight to the port, with nothing of it stored.

    Returns whether it left. It is not repeated: whoever asked for it asks again.
    """
    message = MESSAGES[name]
    delivery = Delivery(message=name, channel=message.channel, user_id=user_id, address=to, language=language, is_secret=True)
    words = render_message(name, language=language, context=context, is_mail=message.channel == Channel.EMAIL)
    if settings.KEEP_MESSAGE_BODIES:
        delivery.body = _body(words)
    error, reference = _try(message, to=to, words=words)
    delivery.state = DeliveryState.FAILED if error else DeliveryState.SENT
    delivery.sent_at = None if error else at
    with transaction.atomic():
        delivery.save(force_insert=True)
        DeliveryAttempt.objects.create(delivery=delivery, at=at, error=str(error or "")[:300], provider_id=reference)
    return error is None


def deliver(*, delivery_id: uuid.UUID, at: dt.datetime) -> bool:
    """Send one pending message; returns whether it left now. Harmless when repeated.

    It is claimed first and sent outside any transaction. Who dies between sending and noting it leaves a message that
    is sent again after `CLAIM`: twice rather than never.
    """
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update(skip_locked=True).filter(pk=delivery_id, state=DeliveryState.PENDING).first()
        if delivery is None or (delivery.next_attempt_at is not None and delivery.next_attempt_at > at):
            return False
        delivery.next_attempt_at = at + CLAIM
        delivery.save(update_fields=["next_attempt_at"])
    message = MESSAGES[delivery.message]
    words = render_message(delivery.message, language=delivery.language, context=delivery.context, is_mail=message.channel == Channel.EMAIL)
    error, reference = _try(message, to=delivery.address, words=words)
    with transaction.atomic():
        DeliveryAttempt.objects.create(delivery=delivery, at=at, error=str(error or "")[:300], provider_id=reference)
        failures = delivery.attempts.count()
        if error is None:
            delivery.state, delivery.sent_at, delivery.next_attempt_at, delivery.context = DeliveryState.SENT, at, None, {}
        elif error.is_final or failures > len(BACKOFF_S):
            delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
        else:
            delivery.next_attempt_at = at + dt.timedelta(seconds=BACKOFF_S[failures - 1])
        if settings.KEEP_MESSAGE_BODIES:
            delivery.body = _body(words)
        delivery.save(update_fields=["state", "sent_at", "next_attempt_at", "context", "body"])
    return error is None


@transaction.atomic
def send_again(*, delivery_id: uuid.UUID, at: dt.datetime) -> bool:
    """Try a message once more that was given up; False when there is nothing to try (secrets are not kept)."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.is_secret or delivery.state != DeliveryState.FAILED:
        return False
    delivery.state, delivery.next_attempt_at = DeliveryState.PENDING, at
    delivery.save(update_fields=["state", "next_attempt_at"])
    _send_soon(delivery)
    return True


def sweep_deliveries(*, at: dt.datetime) -> int:
    """Send what is due: messages whose first try failed, or whose task was lost; returns how many left."""
    due = Delivery.objects.filter(state=DeliveryState.PENDING, next_attempt_at__lte=at).order_by("next_attempt_at")
    return sum(deliver(delivery_id=pk, at=at) for pk in due.values_list("pk", flat=True)[:200])


def prune_deliveries(*, at: dt.datetime) -> int:
    """Forget messages after a year, and the last one to an account that is no more once it has left; returns how many."""
    old = Q(created_at__lt=at - KEPT_FOR) | (Q(message=FAREWELL) & ~Q(state=DeliveryState.PENDING))
    return Delivery.objects.filter(old).delete()[1].get("notifications.Delivery", 0)


@transaction.atomic
def say_farewell(*, user_id: uuid.UUID, email: str, language: str, at: dt.datetime) -> None:
    """Write the last message to a deleted account, and forget what it was sent before: addresses and numbers are personal data."""
    Delivery.objects.filter(user=user_id).delete()
    send_message(FAREWELL, to=email, language=language, context={}, dedup_key=f"deleted:{user_id}", at=at)


def send_to_user(name: str, *, user: User, context: Mapping[str, Any], dedup_key: str = "", at: dt.datetime) -> Delivery | None:
    """`send_message` to the user's own address, in his language."""
    values = {"name": user.name, **context}
    return send_message(name, to=user.email, language=user.language, context=values, user_id=user.pk, dedup_key=dedup_key, at=at)


def _send_soon(delivery: Delivery) -> None:
    def send() -> None:
        # Without a broker the sweep sends it.
        with suppress(BrokerAway):
            enqueue(SEND_TASK, delivery_id=str(delivery.pk))

    transaction.on_commit(send)


def _try(message: Message, *, to: str, words: Rendered) -> tuple[PortFailed | None, str]:
    try:
        if message.channel == Channel.SMS:
            return None, sms.send(to=to, text=words.text)
        return None, email.send(to=to, subject=words.subject, text=words.text, html=words.html)
    except PortFailed as error:
        logger.warning("message_not_sent", message=message.name, error=str(error))
        return error, ""


def _body(words: Rendered) -> str:
    return f"{words.subject}\n\n{words.text}" if words.subject else words.text
