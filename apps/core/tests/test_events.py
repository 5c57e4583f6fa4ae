"""The outbox: nothing lost, in order, at least once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core import events
from apps.core.background import BrokerAway, enqueue
from apps.core.clock import now
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.core.tests.redis_server import RedisServer

# The setting of the broker's sockets.
BROKER_TIMEOUT_S = 2

something_happened = events.Event("test.something_happened")
never_heard = events.Event("test.never_heard")


class Recorder:
    """A receiver that notes what it gets and fails when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.error: Exception | None = None

    def __call__(self, *, key: str, **payload: Any) -> None:
        if self.error is not None:
            raise self.error
        self.calls.append((key, payload))


@pytest.fixture
def heard() -> Iterator[Recorder]:
    recorder = Recorder()
    events.receiver(something_happened, uid="test.recorder")(recorder)
    yield recorder
    events._receivers.pop(something_happened.name)


@pytest.mark.django_db(transaction=True)
def test_it_works(heard: Recorder) -> None:
    with transaction.atomic():
        events.publish(something_happened, key="a", number=1)
        assert heard.calls == []
    assert heard.calls == [("a", {"number": 1})]
    assert OutboxDelivery.objects.get().state == DeliveryState.DONE


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(heard: Recorder) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.publish(something_happened, key="a")
    assert heard.calls == []


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_event_with_it(heard: Recorder) -> None:
    with transaction.atomic():
        events.publish(something_happened, key="a")
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()
    assert heard.calls == []


@pytest.mark.django_db(transaction=True)
def test_a_failure_waits_and_keeps_the_order_of_its_key(heard: Recorder) -> None:
    heard.error = ValueError("not now")
    for number in range(3):
        with transaction.atomic():
            events.publish(something_happened, key="a", number=number)
    with transaction.atomic():
        heard.error = None
        events.publish(something_happened, key="b", number=9)
    assert heard.calls == [("b", {"number": 9})]
    waiting = OutboxDelivery.objects.filter(state=DeliveryState.PENDING).order_by("id")
    assert [delivery.attempts for delivery in waiting] == [1, 0, 0]
    assert "not now" in waiting[0].last_error
    assert events.sweep(at=now()) == 0, "the first one waits for its time, the others for the first one"
    assert events.sweep(at=now() + dt.timedelta(minutes=1)) == 3
    assert heard.calls[1:] == [("a", {"number": number}) for number in range(3)]


@pytest.mark.django_db(transaction=True)
def test_too_many_failures_are_a_dead_letter_that_staff_can_retry(heard: Recorder) -> None:
    heard.error = ValueError("never works")
    with transaction.atomic():
        events.publish(something_happened, key="a")
    for _attempt in range(events.ATTEMPTS_MAX - 1):
        events.sweep(at=now() + dt.timedelta(days=2))
    delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, events.ATTEMPTS_MAX)
    heard.error = None
    assert events.retry_dead([delivery.pk]) == 1
    assert events.sweep(at=now() + dt.timedelta(seconds=1)) == 1
    assert heard.calls == [("a", {})]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_nobody_hears_is_kept_without_deliveries() -> None:
    with transaction.atomic():
        events.publish(never_heard, key="a")
    assert OutboxEvent.objects.count() == 1
    assert not OutboxDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_old_done_events_are_pruned_and_waiting_ones_stay(heard: Recorder) -> None:
    with transaction.atomic():
        events.publish(something_happened, key="done")
    heard.error = ValueError("no")
    with transaction.atomic():
        events.publish(something_happened, key="waiting")
    assert events.prune(at=now()) == 0
    events.prune(at=now() + events.KEPT_FOR + dt.timedelta(days=1))
    assert list(OutboxEvent.objects.values_list("key", flat=True)) == ["waiting"]


@pytest.mark.django_db(transaction=True)
def test_two_relays_deliver_an_event_once(heard: Recorder) -> None:
    heard.error = ValueError("not yet")
    with transaction.atomic():
        events.publish(something_happened, key="a")
    heard.error = None
    ids = list(OutboxDelivery.objects.values_list("pk", flat=True))

    def relay() -> None:
        try:
            events.deliver(ids)
        finally:
            connection.close()

    threads = [threading.Thread(target=relay) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.calls == [("a", {})]


def send_prune(*, key: str, **_: Any) -> None:
    """A receiver as they are in the product."""
    enqueue("apps.core.tasks.prune", key=key)


@pytest.fixture
def sender() -> Iterator[None]:
    """A receiver that sends a task is registered."""
    events.receiver(something_happened, uid="test.send_prune")(send_prune)
    yield
    events._receivers.pop(something_happened.name)


def keys_waiting_in(broker: RedisServer) -> list[str]:
    """What the tasks in the queue are about, in the order in which a worker takes them."""
    client = broker.client()
    try:
        messages = [json.loads(raw) for raw in client.lrange("default", 0, -1)]
    finally:
        client.close()
    return [json.loads(base64.b64decode(message["body"]))[1]["key"] for message in reversed(messages)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sender")
def test_a_broker_killed_between_commit_and_delivery_loses_nothing(broker: RedisServer) -> None:
    with transaction.atomic():
        events.publish(something_happened, key="before")
    assert keys_waiting_in(broker) == ["before"]
    with transaction.atomic():
        events.publish(something_happened, key="during 1")
        events.publish(something_happened, key="during 2")
        broker.kill()
    for number in range(3):
        with transaction.atomic():
            events.publish(something_happened, key=f"after {number}")
    waiting = OutboxDelivery.objects.exclude(key="before")
    assert [(delivery.state, delivery.attempts) for delivery in waiting] == [(DeliveryState.PENDING, 0)] * 5, "no fault of the receiver"
    assert events.sweep(at=now()) == 0, "still away"
    broker.start()
    assert keys_waiting_in(broker) == [], "the killed broker kept nothing: only the outbox can bring it back"
    assert events.sweep(at=now()) == 5
    assert keys_waiting_in(broker) == ["during 1", "during 2", "after 0", "after 1", "after 2"]
    assert not OutboxDelivery.objects.exclude(state=DeliveryState.DONE).exists()
    with transaction.atomic():
        events.publish(something_happened, key="again at once")
    assert keys_waiting_in(broker)[-1] == "again at once"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sender")
def test_a_frozen_broker_costs_one_request_two_seconds_and_the_next_nothing(broker: RedisServer) -> None:
    with transaction.atomic():
        events.publish(something_happened, key="opens the connection")
    broker.silence()
    spent = []
    for number in range(3):
        start = time.monotonic()
        with transaction.atomic():
            events.publish(something_happened, key=number)
        spent.append(time.monotonic() - start)
    # The others do not wait at all, however busy the machine is.
    assert spent[0] >= BROKER_TIMEOUT_S
    assert max(spent[1:]) < BROKER_TIMEOUT_S


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_sending_and_noting_it_delivers_again(broker: RedisServer) -> None:
    class Crash(BaseException):
        """The process ends here."""

    crashes = [True]

    def send_then_crash(*, key: str, **_: Any) -> None:
        send_prune(key=key)
        if crashes.pop():
            raise Crash

    events.receiver(something_happened, uid="test.send_then_crash")(send_then_crash)
    try:
        with pytest.raises(Crash), transaction.atomic():
            events.publish(something_happened, key="a")
        assert OutboxDelivery.objects.get().state == DeliveryState.PENDING
        crashes.append(False)
        assert events.sweep(at=now()) == 1
        assert keys_waiting_in(broker) == ["a", "a"]
    finally:
        events._receivers.pop(something_happened.name)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sender")
def test_thousands_are_left_to_the_worker_with_two_statements(
    broker: RedisServer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows: list[tuple[object, dict[str, Any]]] = [(f"key {number}", {"number": number}) for number in range(3000)]
    with django_assert_max_num_queries(12), transaction.atomic():
        events.publish_many(something_happened, rows)
    assert broker.length("default") == 1, "the sweep's own task"
    # With time to spare, so that a busy machine says nothing about it.
    assert events.sweep(at=now(), budget_s=600) == 3000
    assert broker.length("default") == 3001


@pytest.mark.django_db(transaction=True)
def test_keys_that_fail_do_not_hold_back_others(heard: Recorder) -> None:
    heard.error = ValueError("not now")
    for _ in range(3):
        with transaction.atomic():
            events.publish_many(something_happened, [("stuck", {"number": number}) for number in range(events.INLINE_MAX)])
    heard.error = None
    later = now() + dt.timedelta(seconds=2)
    OutboxDelivery.objects.filter(pk__gt=OutboxDelivery.objects.order_by("pk")[0].pk).update(next_attempt_at=later)
    event = OutboxEvent.objects.create(name=something_happened.name, key="free")
    OutboxDelivery.objects.create(event=event, receiver="test.recorder", key="free")
    assert events.sweep(at=later) == 1
    assert heard.calls == [("free", {})]
    events.sweep(at=later + dt.timedelta(minutes=1))
    assert [payload["number"] for _key, payload in heard.calls[1:]] == [*range(events.INLINE_MAX)] * 3


@pytest.mark.django_db(transaction=True)
def test_a_dead_letter_lets_the_next_of_its_key_pass(heard: Recorder) -> None:
    heard.error = ValueError("never works")
    with transaction.atomic():
        events.publish(something_happened, key="a", number=1)
    OutboxDelivery.objects.update(state=DeliveryState.DEAD)
    heard.error = None
    with transaction.atomic():
        events.publish(something_happened, key="a", number=2)
    assert heard.calls == [("a", {"number": 2})]


@pytest.mark.django_db(transaction=True)
def test_what_is_published_while_its_key_is_being_delivered_follows_at_once() -> None:
    is_first = threading.Event()
    calls: list[int] = []

    def slow(*, number: int, **_: Any) -> None:
        calls.append(number)
        if number == 1:
            other = threading.Thread(target=publish_second)
            other.start()
            other.join()
            is_first.set()

    def publish_second() -> None:
        try:
            with transaction.atomic():
                events.publish(something_happened, key="a", number=2)
        finally:
            connection.close()

    events.receiver(something_happened, uid="test.slow")(slow)
    try:
        with transaction.atomic():
            events.publish(something_happened, key="a", number=1)
        assert is_first.is_set()
        assert calls == [1, 2], "the second publisher found the first on its way and left it its own"
    finally:
        events._receivers.pop(something_happened.name)


@pytest.mark.django_db(transaction=True)
def test_a_late_delivery_logs_under_the_request_that_caused_it(heard: Recorder) -> None:
    structlog.contextvars.clear_contextvars()
    heard.error = ValueError("not now")
    with structlog.contextvars.bound_contextvars(request_id="request-1"), transaction.atomic():
        events.publish(something_happened, key="a")
    seen: list[object] = []
    events.receiver(something_happened, uid="test.recorder")(
        lambda **_: seen.append(structlog.contextvars.get_contextvars().get("request_id"))
    )
    events.sweep(at=now() + dt.timedelta(minutes=1))
    assert seen == ["request-1"]
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.django_db(transaction=True)
def test_staff_sees_dead_letters_and_retries_them(heard: Recorder, admin_client: Client) -> None:
    heard.error = ValueError("never works")
    with transaction.atomic():
        events.publish(something_happened, key="a")
        events.publish(something_happened, key="b")
    OutboxDelivery.objects.filter(key="a").update(state=DeliveryState.DEAD, attempts=12)
    address = reverse("admin:core_outboxdelivery_changelist")
    page = admin_client.get(address, {"state": DeliveryState.DEAD}).content.decode()
    assert "never works" in page
    assert "test.recorder" in page
    dead = OutboxDelivery.objects.get(key="a")
    chosen = {"action": "retry", "_selected_action": [str(pk) for pk in OutboxDelivery.objects.values_list("pk", flat=True)]}
    answer = admin_client.post(address, chosen, follow=True)
    assert "1 livraison relancée." in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (DeliveryState.PENDING, 0)
    assert admin_client.get(reverse("admin:core_outboxdelivery_delete", args=[dead.pk])).status_code == 403


@pytest.mark.usefixtures("broker")
def test_a_task_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(LookupError, match="no task named"):
        enqueue("apps.nowhere.tasks.nothing")


def test_a_broker_that_is_away_is_said_at_once(broker: RedisServer) -> None:
    broker.kill()
    with pytest.raises(BrokerAway):
        enqueue("apps.core.tasks.prune")
