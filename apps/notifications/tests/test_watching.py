"""Silence is told: tasks that do not come to their end, messages that do not leave; each alarm once an hour, with the page that helps."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from celery import current_app
from django.contrib.auth.models import Permission
from django.core.cache import cache

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core import heartbeats
from apps.core.clock import now
from apps.notifications import receivers
from apps.notifications.models import Delivery, DeliveryAttempt, Notification
from apps.notifications.services import watching

pytestmark = pytest.mark.django_db
SWEEP = "apps.notifications.tasks.sweep_deliveries"


@pytest.fixture
def desk() -> User:
    cache.clear()
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    make_user(is_staff=True)
    return user


def alarms() -> list[tuple[str, str]]:
    return list(Notification.objects.order_by("pk").values_list("message", "user__email"))


def tried(count: int, *, failed: int, channel: str = "email") -> None:
    delivery = Delivery.objects.create(message="quota_reached", category="api", channel=channel, address="awa@exemple.cm", language="fr")
    rows = [DeliveryAttempt(delivery=delivery, at=now(), error="451" if number < failed else "") for number in range(count)]
    DeliveryAttempt.objects.bulk_create(rows)


def test_messages_that_do_not_leave(desk: User) -> None:
    tried(30, failed=6)
    tried(30, failed=5, channel="sms")
    assert [watching.watch(at=now()) for _ in range(2)] == [1, 1]
    assert alarms() == [("deliveries_failing", desk.email)]
    context = Notification.objects.get().context
    assert (context["percent"], context["channel"]) == (20, "E-mail")
    assert context["runbook"].endswith("/runbook/#deliveries_failing")


def test_one_dead_address_is_no_alarm(desk: User) -> None:
    tried(6, failed=6)
    assert watching.watch(at=now()) == 0
    assert watching.watch(at=now() + dt.timedelta(hours=1)) == 0
    assert alarms() == []
    assert desk.is_staff


def test_a_task_that_stays_silent(desk: User) -> None:
    heartbeats.start()
    assert heartbeats.silent() == {}
    ago = time.time() + heartbeats.LEAST_S + 60
    overdue = heartbeats.silent(at=ago)
    assert SWEEP in overdue
    assert "apps.billing.tasks.watch_ledger" not in overdue, "a day's task has its days"
    cache.set(f"heartbeat:{SWEEP}", ago, 60)
    assert SWEEP not in heartbeats.silent(at=ago)
    assert desk.is_staff


def test_silence_is_told(desk: User) -> None:
    heartbeats.start()
    cache.set("heartbeat:since", time.time() - 1000, None)
    for task in heartbeats.turns():
        if task != SWEEP:
            heartbeats.note(task)
    assert watching.watch(at=now()) == 1
    assert alarms() == [("beat_silent", desk.email)]
    assert Notification.objects.get().context["task"] == "notifications.tasks.sweep_deliveries"


def test_what_is_not_scheduled_leaves_no_beat(desk: User) -> None:
    heartbeats.note("apps.notifications.tasks.send_delivery")
    heartbeats.note(SWEEP)
    assert cache.get("heartbeat:apps.notifications.tasks.send_delivery") is None
    assert cache.get(f"heartbeat:{SWEEP}") is not None
    (family,) = heartbeats.HeartbeatCollector().collect()
    assert [sample.labels["task"] for sample in family.samples] == [SWEEP]
    assert desk.is_staff


def test_every_task_that_is_asked_for_exists() -> None:
    """A receiver that names a task nobody knows would fail until its event is dead."""
    source = Path(receivers.__file__).read_text()
    named = {part.split('"')[0] for part in source.split('"apps.notifications.tasks.')[1:]}
    assert len(named) > 20
    assert [name for name in named if f"apps.notifications.tasks.{name}" not in current_app.tasks] == []
