"""Domain events through a transactional outbox (https://microservices.io/patterns/data/transactional-outbox.html).

`publish` writes in the caller's transaction, so an event exists exactly when its cause does. After the commit the
relay hands it to each receiver, which only enqueues a task; what a crash or a dead broker left is delivered by
`sweep`. Each receiver gets each event at least once, and the events of one key in their order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent

logger = structlog.get_logger(__name__)

ATTEMPTS_MAX = 12
BACKOFF_FIRST_S, BACKOFF_MAX_S = 5, 3600
SWEEP_BATCH = 500
KEPT_FOR = dt.timedelta(days=7)


# Takes `key` and the payload as keywords; must only enqueue.
Receiver = Callable[..., None]


@dataclass(frozen=True)
class Event:
    """A kind of event, named `app.what_happened`. A comment beside its declaration gives the payload."""

    name: str


_receivers: dict[str, dict[str, Receiver]] = {}


def receiver(*events: Event, uid: str) -> Callable[[Receiver], Receiver]:
    """Register a function for events. `uid` names it for ever in the delivery table: `app.function`."""

    def register(function: Receiver) -> Receiver:
        for event in events:
            _receivers.setdefault(event.name, {})[uid] = function
        return function

    return register


def publish(event: Event, *, key: object, **payload: Any) -> None:
    """Write an event beside its cause and deliver it after the commit.

    :param key: the object it is about; events of one key keep their order.
    :param payload: ids and plain JSON values.
    :raises RuntimeError: outside a transaction, where an event could be lost or be false.
    """
    publish_many(event, [(key, payload)])


def publish_many(event: Event, rows: Sequence[tuple[object, dict[str, Any]]]) -> None:
    """`publish` for many keys at once, with two statements."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{event.name} published outside a transaction")
    receivers = _receivers.get(event.name, {})
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    written = OutboxEvent.objects.bulk_create(
        OutboxEvent(name=event.name, key=str(key), payload=payload, request_id=request_id) for key, payload in rows
    )
    deliveries = OutboxDelivery.objects.bulk_create(
        OutboxDelivery(event=row, receiver=uid, key=row.key) for row in written for uid in receivers
    )
    ids = [delivery.pk for delivery in deliveries]
    if ids:
        transaction.on_commit(lambda: deliver(ids), robust=True)


def deliver(delivery_ids: Iterable[int]) -> int:
    """Hand these deliveries to their receivers, in order; returns how many were taken.

    A delivery waits while an older one of the same receiver and key is not done, and is skipped while another
    process has it. A receiver that fails leaves it pending, later each time, and dead after `ATTEMPTS_MAX` failures.
    """
    done = 0
    for delivery_id in sorted(delivery_ids):
        done += _deliver_one(delivery_id)
    return done


@transaction.atomic(durable=False)
def _deliver_one(delivery_id: int) -> bool:
    older = OutboxDelivery.objects.filter(
        receiver=OuterRef("receiver"), key=OuterRef("key"), id__lt=OuterRef("id"), state=DeliveryState.PENDING
    )
    delivery = (
        OutboxDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event")
        .filter(~Exists(older), pk=delivery_id, state=DeliveryState.PENDING)
        .first()
    )
    if delivery is None:
        return False
    event = delivery.event
    function = _receivers.get(event.name, {}).get(delivery.receiver)
    try:
        if function is None:
            raise LookupError(f"no receiver {delivery.receiver} for {event.name}")
        with transaction.atomic():
            function(key=event.key, **event.payload)
    except Exception as error:  # noqa: BLE001  whatever a receiver raises, the event must stay
        _record_failure(delivery, error)
        return False
    delivery.state, delivery.attempts, delivery.last_error = DeliveryState.DONE, delivery.attempts + 1, ""
    delivery.save(update_fields=["state", "attempts", "last_error"])
    return True


def _record_failure(delivery: OutboxDelivery, error: Exception) -> None:
    delivery.attempts += 1
    delivery.last_error = f"{type(error).__name__}: {error}"[:2000]
    wait_s = min(BACKOFF_FIRST_S * 2 ** (delivery.attempts - 1), BACKOFF_MAX_S)
    delivery.next_attempt_at = timezone.now() + dt.timedelta(seconds=wait_s)
    if delivery.attempts >= ATTEMPTS_MAX:
        delivery.state = DeliveryState.DEAD
    delivery.save(update_fields=["attempts", "last_error", "next_attempt_at", "state"])
    logger.warning(
        "event_delivery_failed",
        delivery=delivery.pk,
        receiver=delivery.receiver,
        attempts=delivery.attempts,
        error=delivery.last_error,
    )


def sweep(*, at: dt.datetime) -> int:
    """Deliver what is due and was left behind; returns how many were taken."""
    due = OutboxDelivery.objects.filter(state=DeliveryState.PENDING, next_attempt_at__lte=at).order_by("id")
    return deliver(list(due.values_list("pk", flat=True)[:SWEEP_BATCH]))


def retry_dead(delivery_ids: Iterable[int]) -> int:
    """Give dead deliveries a new series of attempts; returns how many."""
    return OutboxDelivery.objects.filter(pk__in=list(delivery_ids), state=DeliveryState.DEAD).update(
        state=DeliveryState.PENDING, attempts=0, next_attempt_at=timezone.now()
    )


def prune(*, at: dt.datetime) -> int:
    """Remove events older than `KEPT_FOR` whose deliveries are all done; returns how many rows went."""
    waiting = OutboxDelivery.objects.filter(event=OuterRef("pk")).exclude(state=DeliveryState.DONE)
    return OutboxEvent.objects.filter(~Exists(waiting), created_at__lt=at - KEPT_FOR).delete()[0]
