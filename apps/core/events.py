"""Domain events through a transactional outbox (https://microservices.io/patterns/data/transactional-outbox.html).

`publish` writes in the caller's transaction, so an event exists exactly when its cause does. After the commit the
relay hands it to each receiver, which only enqueues a task; what a crash or a dead broker left is delivered by
`sweep`. Each receiver gets each event at least once, and the events of one key in their order.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from apps.core.background import BrokerAway, enqueue, is_broker_away
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent

logger = structlog.get_logger(__name__)

ATTEMPTS_MAX = 12
BACKOFF_FIRST_S, BACKOFF_MAX_S = 5, 3600
# Deliveries locked and handed over in one transaction, and how many a request delivers itself after its commit.
BATCH, INLINE_MAX = 100, 100
SWEEP_BATCH, SWEEP_BUDGET_S = 500, 30.0
SWEEP_TASK = "apps.core.tasks.sweep_outbox"
PRUNE_BATCH = 1000
ERROR_MAX = 2000
KEPT_FOR = dt.timedelta(days=7)


# Takes `key` and the payload as keywords; must only enqueue.
Receiver = Callable[..., None]


@dataclass(frozen=True)
class Event:
    """A kind of event, named `app.what_happened`. A comment beside its declaration gives the payload."""

    name: str


_receivers: dict[str, dict[str, Receiver]] = {}
_told_which: set[str] = set()


def receiver(*events: Event, uid: str, is_told_which: bool = False) -> Callable[[Receiver], Receiver]:
    """Register a function for events. `uid` names it for ever in the delivery table: `app.function`.

    :param is_told_which: it gets `outbox_id`, `outbox_name` and `outbox_at` (ISO) besides the payload, by which it knows an event
        that is delivered twice, and one kind from another.
    """

    def register(function: Receiver) -> Receiver:
        for event in events:
            _receivers.setdefault(event.name, {})[uid] = function
        if is_told_which:
            _told_which.add(uid)
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
    """`publish` for many keys at once, with two statements.

    Whoever changes the object of a key holds its row lock, so that two transactions never publish for one key at
    the same time: the order of their ids is the order in which they happened.
    """
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
        transaction.on_commit(lambda: _deliver_after_commit(ids), robust=True)


def _deliver_after_commit(ids: Sequence[int]) -> None:
    """A request waits neither for a broker that is away nor for the delivery of thousands."""
    if is_broker_away():
        return
    if len(ids) <= INLINE_MAX:
        deliver(ids)
        return
    with contextlib.suppress(BrokerAway):
        enqueue(SWEEP_TASK)


def deliver(delivery_ids: Iterable[int]) -> int:
    """Hand these deliveries to their receivers, in order; returns how many were taken.

    A delivery waits while an older one of the same receiver and key is not done, and is skipped while another
    process has it. A receiver that fails leaves it pending, later each time, and dead after `ATTEMPTS_MAX` failures;
    a broker that is away is no failure of the receiver, and ends the round.
    """
    waiting = deque(sorted(set(delivery_ids)))
    seen = set(waiting)
    done = 0
    while waiting:
        batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
        taken = _deliver_batch(batch)
        done += len(taken)
        if is_broker_away():
            break
        # What another transaction published meanwhile found its turn taken by this one, and would wait for the sweep.
        followers = [pk for pk in _followers(taken) if pk not in seen]
        waiting += followers
        seen.update(followers)
    return done


@transaction.atomic
def _deliver_batch(ids: Sequence[int]) -> list[OutboxDelivery]:
    pending = OutboxDelivery.objects.filter(pk__in=ids, state=DeliveryState.PENDING)
    locked = list(pending.select_for_update(skip_locked=True, of=("self",)).select_related("event").order_by("id"))
    # Asked after the locks are held: what is done by then is seen as done.
    blocked = set(_behind_others([delivery.pk for delivery in locked]))
    held: set[tuple[str, str]] = set()
    taken: list[OutboxDelivery] = []
    for delivery in locked:
        place = (delivery.receiver, delivery.key)
        if delivery.pk in blocked or place in held:
            held.add(place)
            continue
        try:
            _hand_over(delivery)
        except BrokerAway as error:
            delivery.last_error = f"BrokerAway: {error}"[:ERROR_MAX]
            delivery.save(update_fields=["last_error"])
            break
        except Exception as error:  # noqa: BLE001  whatever a receiver raises, the event must stay
            _record_failure(delivery, error)
            if delivery.state == DeliveryState.PENDING:
                held.add(place)
        else:
            taken.append(delivery)
    if taken:
        OutboxDelivery.objects.filter(pk__in=[delivery.pk for delivery in taken]).update(
            state=DeliveryState.DONE, attempts=F("attempts") + 1, last_error=""
        )
    return taken


def _behind_others(ids: Sequence[int]) -> QuerySet[OutboxDelivery, int]:
    """Those that wait for an older delivery which is not among them."""
    older = OutboxDelivery.objects.filter(
        receiver=OuterRef("receiver"), key=OuterRef("key"), id__lt=OuterRef("id"), state=DeliveryState.PENDING
    ).exclude(pk__in=ids)
    return OutboxDelivery.objects.filter(Exists(older), pk__in=ids).values_list("pk", flat=True)


def _followers(taken: Sequence[OutboxDelivery]) -> list[int]:
    """The next delivery of each receiver and key that was just served."""
    if not taken:
        return []
    places = {(delivery.receiver, delivery.key) for delivery in taken}
    due = OutboxDelivery.objects.filter(
        state=DeliveryState.PENDING,
        next_attempt_at__lte=timezone.now(),
        receiver__in={receiver for receiver, _key in places},
        key__in={key for _receiver, key in places},
    ).order_by("id")
    return [pk for pk, receiver, key in due.values_list("pk", "receiver", "key")[:BATCH] if (receiver, key) in places]


def _hand_over(delivery: OutboxDelivery) -> None:
    event = delivery.event
    function = _receivers.get(event.name, {}).get(delivery.receiver)
    if function is None:
        raise LookupError(f"no receiver {delivery.receiver} for {event.name}")
    context = {"request_id": event.request_id} if event.request_id else {}
    which = {"outbox_id": event.pk, "outbox_name": event.name, "outbox_at": event.created_at.isoformat()}
    with structlog.contextvars.bound_contextvars(**context), transaction.atomic():
        function(key=event.key, **event.payload, **(which if delivery.receiver in _told_which else {}))


def _record_failure(delivery: OutboxDelivery, error: Exception) -> None:
    delivery.attempts += 1
    delivery.last_error = f"{type(error).__name__}: {error}"[:ERROR_MAX]
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
        state=delivery.state,
        error=delivery.last_error,
    )


def sweep(*, at: dt.datetime, budget_s: float = SWEEP_BUDGET_S) -> int:
    """Deliver what is due and was left behind; returns how many were taken.

    :param budget_s: seconds after which the rest is left to the next sweep.
    """
    deadline = time.monotonic() + budget_s
    # Behind one that waits for its next attempt nothing of its key is due; skipped here, so that they fill no batch.
    unready = OutboxDelivery.objects.filter(
        receiver=OuterRef("receiver"),
        key=OuterRef("key"),
        id__lt=OuterRef("id"),
        state=DeliveryState.PENDING,
        next_attempt_at__gt=at,
    )
    due = OutboxDelivery.objects.filter(~Exists(unready), state=DeliveryState.PENDING, next_attempt_at__lte=at).order_by("id")
    done, last = 0, 0
    while time.monotonic() < deadline:
        ids = list(due.filter(pk__gt=last).values_list("pk", flat=True)[:SWEEP_BATCH])
        if not ids:
            break
        done += deliver(ids)
        if is_broker_away():
            break
        last = ids[-1]
    return done


def retry_dead(delivery_ids: Iterable[int]) -> int:
    """Give dead deliveries a new series of attempts; returns how many."""
    return OutboxDelivery.objects.filter(pk__in=list(delivery_ids), state=DeliveryState.DEAD).update(
        state=DeliveryState.PENDING, attempts=0, next_attempt_at=timezone.now()
    )


def prune(*, at: dt.datetime) -> int:
    """Remove events older than `KEPT_FOR` whose deliveries are all done; returns how many events went."""
    waiting = OutboxDelivery.objects.filter(event=OuterRef("pk")).exclude(state=DeliveryState.DONE)
    old = OutboxEvent.objects.filter(~Exists(waiting), created_at__lt=at - KEPT_FOR).order_by("id")
    removed = 0
    while ids := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        with transaction.atomic():
            OutboxDelivery.objects.filter(event__in=ids).delete()
            OutboxEvent.objects.filter(pk__in=ids).delete()
        removed += len(ids)
    return removed
