"""Sending: writes messages to addresses, and sends what is due."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.notifications.choices import DeliveryState
from apps.notifications.gate import Answer, Verdict, decide
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery, DeliveryAttempt, Notification, Preference, QuietHours, Suppression
from apps.notifications.selectors.facts import facts_of
from apps.notifications.services import digests, notifying, outbox, suppressions, transport

FAREWELL = "account_deleted"
# Seconds after the first failure, the second…; then the message is given up, or goes on by the next channel of its chain.
BACKOFF_S = (30, 120, 600, 3600, 4 * 3600, 12 * 3600)
# A chain does not wait a day for one channel.
CHAIN_BACKOFF_S = (30, 120)
KEPT_FOR = dt.timedelta(days=365)
# Who sends may take so long; nobody else tries meanwhile.
CLAIM = dt.timedelta(minutes=5)
# How long a provider has to confirm that a message arrived before the chain goes on.
RECEIPT_WAIT = dt.timedelta(hours=1)
URGENT_RECEIPT_WAIT = dt.timedelta(minutes=10)
SWEEP_MAX, SWEEP_S = 200, 20.0


@transaction.atomic
def send_message(
    name: str, *, to: str, language: str, context: Mapping[str, Any], user_id: uuid.UUID | None = None, dedup_key: str = "", at: dt.datetime
) -> Delivery | None:
    """Write a message to an address and send it after the commit; None when the same `dedup_key` was sent there before.

    For addresses that are nobody's account (a contact, an address just given up). A person is told by `notifying.notify`.

    :param context: plain values for the template; never a secret.
    :raises KeyError: no such message. :raises ValueError: a message with a secret: that is `send_secret`'s.
    """
    message = MESSAGES[name]
    if message.is_secret:
        raise ValueError(f"{name} holds a secret and may not be stored")
    delivery = Delivery(
        message=name, category=message.category, channel=message.channel, user_id=user_id, address=to, language=language,
        context=dict(context), dedup_key=dedup_key, next_attempt_at=at,
    )  # fmt: skip
    if not outbox.write(delivery):
        return None
    outbox.send_soon(delivery)
    return delivery


def send_secret(
    name: str, *, to: str, language: str, context: Mapping[str, Any], user_id: uuid.UUID | None = None, at: dt.datetime
) -> bool:
    """Send a message with a code or link that opens something: straight to the port, with nothing of it stored.

    Returns whether it left. It is not repeated: whoever asked for it asks again. It answers somebody who waits for it, so
    that neither quiet hours nor a suppressed address hold it.
    """
    message = MESSAGES[name]
    delivery = Delivery(
        message=name, category=message.category, channel=message.channel, user_id=user_id, address=to, language=language, is_secret=True
    )
    outcome = transport.send(delivery, context)
    delivery.state = DeliveryState.FAILED if outcome.error else DeliveryState.SENT
    delivery.sent_at = None if outcome.error else at
    _note(delivery, outcome)
    with transaction.atomic():
        delivery.save(force_insert=True)
        _attempt(delivery, outcome, at=at)
    return outcome.error is None


def deliver(*, delivery_id: uuid.UUID, at: dt.datetime) -> bool:
    """Send one pending message; returns whether it left now. Harmless when repeated.

    It is claimed first and sent outside any transaction. Who dies between sending and noting it leaves a message that
    is sent again after `CLAIM`: twice rather than never, and with the same Message-ID, by which mail programs show it once.
    """
    with transaction.atomic():
        pending = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user", "notification")
        delivery = pending.filter(pk=delivery_id, state=DeliveryState.PENDING).first()
        if delivery is None or (delivery.next_attempt_at is not None and delivery.next_attempt_at > at):
            return False
        verdict = _judge(delivery, at=at)
        if verdict.answer is not Answer.LEAVE:
            _keep_back(delivery, verdict, at=at)
            return False
        delivery.next_attempt_at = at + CLAIM
        delivery.save(update_fields=["next_attempt_at"])
    outcome = transport.send(delivery, delivery.context)
    with transaction.atomic():
        _attempt(delivery, outcome, at=at)
        _settle(delivery, outcome, at=at)
    return outcome.error is None


def _judge(delivery: Delivery, *, at: dt.datetime) -> Verdict:
    message = MESSAGES.get(delivery.message)
    if message is None:
        return Verdict(Answer.SKIP, "unknown_message")
    if message.name == digests.DIGEST:
        return digests.judge(delivery, at=at)
    facts = facts_of(message, user=delivery.user, channel=delivery.channel, address=delivery.address, at=at)
    return decide(facts, at=at)


def _keep_back(delivery: Delivery, verdict: Verdict, *, at: dt.datetime) -> None:
    delivery.reason = verdict.reason
    if verdict.answer is Answer.DEFER:
        delivery.next_attempt_at = verdict.until
    elif verdict.answer is Answer.HOLD:
        delivery.state, delivery.next_attempt_at = DeliveryState.HELD, None
    else:
        delivery.state, delivery.next_attempt_at, delivery.context = DeliveryState.SKIPPED, None, {}
    delivery.save(update_fields=["reason", "state", "next_attempt_at", "context"])
    if delivery.state == DeliveryState.SKIPPED:
        digests.give_back(delivery)
        notifying.start_next(delivery, at=at)


def _settle(delivery: Delivery, outcome: transport.Outcome, *, at: dt.datetime) -> None:
    """Note what the port said: sent, later again, or over, and then the next channel of the chain."""
    _note(delivery, outcome)
    error, receipt = outcome.error, outcome.receipt
    failures = delivery.attempts.exclude(error="").count()
    ladder = CHAIN_BACKOFF_S if delivery.chain else BACKOFF_S
    if error is None:
        delivery.state, delivery.sent_at, delivery.next_attempt_at, delivery.context = DeliveryState.SENT, at, None, {}
        if delivery.chain and receipt is not None and receipt.is_confirmed_later:
            wait = URGENT_RECEIPT_WAIT if MESSAGES[delivery.message].is_urgent else RECEIPT_WAIT
            delivery.receipt_due_at = at + wait
    elif error.is_final or failures > len(ladder):
        delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
    else:
        delivery.next_attempt_at = at + dt.timedelta(seconds=ladder[failures - 1])
    delivery.save(
        update_fields=[
            "state", "sent_at", "next_attempt_at", "context", "body", "reason", "provider_id", "cost_xaf", "receipt_due_at"
        ]
    )  # fmt: skip
    if error is not None and error.is_bounce:
        suppressions.note_bounce(channel=delivery.channel, address=delivery.address, detail=str(error), at=at)
    if delivery.state == DeliveryState.FAILED:
        notifying.start_next(delivery, at=at)


def _note(delivery: Delivery, outcome: transport.Outcome) -> None:
    delivery.reason = str(outcome.error or "")[:300]
    if outcome.receipt is not None:
        delivery.provider_id, delivery.cost_xaf = outcome.receipt.provider_id[:200], outcome.receipt.cost_xaf
    if settings.KEEP_MESSAGE_BODIES:
        delivery.body = outcome.body


def _attempt(delivery: Delivery, outcome: transport.Outcome, *, at: dt.datetime) -> None:
    reference = outcome.receipt.provider_id if outcome.receipt else ""
    DeliveryAttempt.objects.create(delivery=delivery, at=at, error=str(outcome.error or "")[:300], provider_id=reference[:200])


@transaction.atomic
def send_again(*, delivery_id: uuid.UUID, at: dt.datetime) -> bool:
    """Try a message once more that was given up; False when there is nothing to try (secrets are not kept)."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.is_secret or delivery.state != DeliveryState.FAILED:
        return False
    delivery.state, delivery.next_attempt_at, delivery.chain = DeliveryState.PENDING, at, []
    delivery.save(update_fields=["state", "next_attempt_at", "chain"])
    outbox.send_soon(delivery)
    return True


def sweep_deliveries(*, at: dt.datetime, budget_s: float = SWEEP_S) -> int:
    """Send what is due: messages whose first try failed, whose hour came, or whose task was lost; returns how many left.

    A server that hangs keeps each of them for `EMAIL_TIMEOUT`: after the budget the worker is free, and the next sweep goes on.
    """
    end, sent = time.monotonic() + budget_s, 0
    due = Delivery.objects.filter(state=DeliveryState.PENDING, next_attempt_at__lte=at).order_by("next_attempt_at")
    for pk in list(due.values_list("pk", flat=True)[:SWEEP_MAX]):
        if time.monotonic() >= end:
            break
        sent += deliver(delivery_id=pk, at=at)
    return sent + go_on_without_receipt(at=at)


def go_on_without_receipt(*, at: dt.datetime) -> int:
    """Take the next channel for messages that nobody confirmed in time; returns how many went on."""
    silent = Delivery.objects.filter(receipt_due_at__lte=at).order_by("receipt_due_at").values_list("pk", flat=True)[:SWEEP_MAX]
    count = 0
    for pk in list(silent):
        with transaction.atomic():
            rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user", "notification")
            delivery = rows.filter(pk=pk, receipt_due_at__lte=at).first()
            if delivery is None:
                continue
            delivery.receipt_due_at, delivery.reason = None, "no_receipt"
            delivery.save(update_fields=["receipt_due_at", "reason"])
            count += notifying.start_next(delivery, at=at) is not None
    return count


def prune_deliveries(*, at: dt.datetime) -> int:
    """Forget messages after a year, and the last one to an account that is no more once it has left; returns how many."""
    Notification.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    old = Q(created_at__lt=at - KEPT_FOR) | (Q(message=FAREWELL) & ~Q(state=DeliveryState.PENDING))
    return Delivery.objects.filter(old).delete()[1].get("notifications.Delivery", 0)


@transaction.atomic
def say_farewell(*, user_id: uuid.UUID, email: str, language: str, at: dt.datetime) -> None:
    """Write the last message to a deleted account, and forget what it was sent before: addresses and numbers are personal data."""
    addresses = {email.lower(), *Delivery.objects.filter(user=user_id).values_list("address", flat=True)}
    for rows in (Delivery.objects, Notification.objects, Preference.objects, QuietHours.objects):
        rows.filter(user=user_id).delete()
    Suppression.objects.filter(address__in=addresses).delete()
    send_message(FAREWELL, to=email, language=language, context={}, dedup_key=f"deleted:{user_id}", at=at)
