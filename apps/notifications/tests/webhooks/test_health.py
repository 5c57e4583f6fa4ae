"""An owner is warned before his endpoint is switched off, and finds what he missed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.core.tasks import sweep_outbox
from apps.core.tests.talking_server import reply
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.services import sending
from apps.notifications.services.webhooks import dispatching, endpoints, recording, replaying
from apps.notifications.services.webhooks.attempting import Job, Outcome
from apps.notifications.tests.webhooks.receiver import NO_CONTENT, make_delivery, make_endpoint, receiving, send

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def answer(row: WebhookDelivery, status: int | None, *, at: dt.datetime) -> None:
    """What the dispatcher notes after a try."""
    job = Job(row.pk, row.endpoint_id, row.type, row.endpoint.url, b"{}", ("x",))
    dispatching.note(Outcome(job, status, "" if status == 204 else "status", "", 5), at=at)


@pytest.mark.django_db(transaction=True)
def test_it_works() -> None:
    owner = make_user(email="awa@exemple.cm", language="fr")
    endpoint, _secret = make_endpoint("https://exemple.cm/hook", user=owner)
    other, _secret = make_endpoint("https://exemple.cm/autre", user=owner)
    make_endpoint("https://ailleurs.cm/hook")
    WebhookDelivery.objects.all().delete()
    at = timezone.now()
    for number in range(25):
        row = make_delivery(endpoint, key=f"{number}:x")
        answer(row, 500, at=at + number * 2 * HOUR)
        sweep_outbox()
    sending.sweep_deliveries(at=now() + HOUR)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failures) == (EndpointState.AUTO_DISABLED, 25), "at the 20th, a day had passed"
    subjects = [message.subject for message in mail.outbox if message.to == ["awa@exemple.cm"]]
    assert subjects == [
        "Webhook : 5 échecs de suite", "Webhook : 10 échecs de suite", "Webhook : 15 échecs de suite",
        "Une adresse de webhook est désactivée",
    ]  # fmt: skip
    assert f"/fr/developpeurs/webhooks/{endpoint.pk}/" in mail.outbox[-1].body
    told = WebhookDelivery.objects.exclude(endpoint=endpoint).get()
    assert (told.endpoint, told.type, told.state) == (other, "endpoint.disabled", WebhookState.PENDING)


def test_twenty_failures_within_a_day_switch_nothing_off() -> None:
    endpoint, _secret = make_endpoint()
    row, at = make_delivery(endpoint), now()
    for number in range(40):
        answer(row, 500, at=at + number * dt.timedelta(minutes=30))
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failures) == (EndpointState.ENABLED, 40)
    answer(row, 500, at=at + 24 * HOUR)
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.AUTO_DISABLED


def test_a_2xx_between_them_begins_the_count_anew() -> None:
    endpoint, _secret = make_endpoint()
    row, at = make_delivery(endpoint), now()
    for number in range(60):
        answer(row, 204 if number % 19 == 18 else 500, at=at + number * 5 * HOUR)
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.ENABLED


def test_a_ladder_ends_after_ten_tries() -> None:
    with receiving(reply("500 Oh No")) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        at = now()
        row = make_delivery(endpoint, at=at)
        for day in range(12):
            send(at + dt.timedelta(days=2 * day))
        row.refresh_from_db()
        assert (row.state, row.tries, row.attempts.count(), len(receiver.messages)) == (WebhookState.FAILED, 10, 10, 10)
        assert set(receiver.ids) == {str(row.pk)}


def test_what_happens_while_it_is_off_is_held_and_replayed() -> None:
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        user, at = endpoint.user, now()
        waiting = make_delivery(endpoint, at=at)
        endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
        payload = {"user_id": str(user.pk), "percent": 80, "used": 800, "quota": 1000, "month": "2026-11-01"}
        recording.record_event(event_id=7, name="accounts.quota_reached", occurred_at=at, payload=payload, at=at)
        assert send(at + HOUR) == 0
        assert set(endpoint.deliveries.values_list("state", flat=True)) == {WebhookState.HELD}
        endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes={"state": "enabled"}, at=at + HOUR)
        assert send(at + HOUR) == 0, "nothing by itself"
        count, rest = replaying.replay_range(user=user, endpoint_id=endpoint.pk, since=at - HOUR, until=at + HOUR, at=at + HOUR)
        assert (count, rest) == (2, None)
        assert send(at + HOUR) == 2
    assert str(waiting.pk) in receiver.ids


def test_an_endpoint_that_is_off_for_a_month_is_forgotten_by_events() -> None:
    endpoint, _secret = make_endpoint()
    at = now()
    endpoints.change_endpoint(user=endpoint.user, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
    payload = {"user_id": str(endpoint.user_id), "percent": 80, "used": 800, "quota": 1000, "month": "2026-11-01"}
    later = at + dt.timedelta(days=31)
    assert recording.record_event(event_id=7, name="accounts.quota_reached", occurred_at=later, payload=payload, at=later) == 0


def test_replays_keep_their_id_and_take_no_more_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "REPLAYED_AT_ONCE", 3)
    endpoint, _secret = make_endpoint()
    user, at = endpoint.user, now()
    rows = [
        make_delivery(
            endpoint, key=f"{number}:x", state=WebhookState.FAILED, next_attempt_at=None, failures=10, occurred_at=at + number * HOUR
        )
        for number in range(5)
    ]
    make_delivery(endpoint, key="9:x", state=WebhookState.DELIVERED, delivered_at=at, next_attempt_at=None, occurred_at=at)

    def replay(*, is_everything: bool = False) -> tuple[int, dt.datetime | None]:
        return replaying.replay_range(user=user, endpoint_id=endpoint.pk, since=at, until=at + 9 * HOUR, is_everything=is_everything, at=at)

    assert replay() == (3, rows[3].occurred_at)
    assert replay() == (2, None)
    assert replay() == (0, None)
    assert endpoint.deliveries.filter(state=WebhookState.PENDING, failures=0).count() == 5
    assert replay(is_everything=True) == (1, None)


def test_a_range_brings_forward_what_waits_for_its_next_try_and_ends_the_pause() -> None:
    """Who has mended his server does not wait a day for the ladder; what is on its way stays as it is."""
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(receiver.url, throttled_until=now() + HOUR, failures=3, failing_since=now())
        user, at = endpoint.user, now()
        waits = make_delivery(endpoint, key="1:x", at=at, failures=3, tries=3, next_attempt_at=at + 20 * HOUR)
        asked = make_delivery(endpoint, key="2:x", at=at, failures=1, next_attempt_at=at + HOUR, claimed_until=at + HOUR)
        new = make_delivery(endpoint, key="3:x", at=at, next_attempt_at=at)
        assert send(at) == 0
        for count in (2, 0):
            since, until = at - HOUR, at + HOUR
            assert replaying.replay_range(user=user, endpoint_id=endpoint.pk, since=since, until=until, at=at) == (count, None)
        endpoint.refresh_from_db()
        assert endpoint.throttled_until is None
        WebhookDelivery.objects.filter(pk=asked.pk).update(claimed_until=None)
        assert send(at) == 2
        assert set(receiver.ids) == {str(waits.pk), str(new.pk)}


def test_a_test_goes_to_an_endpoint_that_is_off_once_and_counts_for_nothing() -> None:
    with receiving(reply("500 Oh No")) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        at = now()
        endpoints.change_endpoint(user=endpoint.user, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
        row = replaying.send_test(user=endpoint.user, endpoint_id=endpoint.pk, at=at)
        assert send(at) == 1
        assert send(at + HOUR) == 0
        row.refresh_from_db()
        endpoint.refresh_from_db()
        assert (row.state, row.tries, endpoint.failures, endpoint.state) == (WebhookState.FAILED, 1, 0, EndpointState.DISABLED)
        receiver.answer = NO_CONTENT
        replaying.send_test(user=endpoint.user, endpoint_id=endpoint.pk, at=at)
        assert send(at) == 1
    assert b'"type":"webhook.test"' in receiver.messages[-1][1]


def test_old_messages_are_forgotten() -> None:
    endpoint, _secret = make_endpoint()
    at = now()
    old, kept = make_delivery(endpoint, at=at - dt.timedelta(days=31)), make_delivery(endpoint, at=at - dt.timedelta(days=29))
    answer(old, 500, at=at)
    assert recording.prune(at=at) == 1
    assert list(WebhookDelivery.objects.all()) == [kept]


def test_a_deleted_account_is_told_nothing_more(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    endpoint, _secret = make_endpoint()
    stays, _secret = make_endpoint()
    make_delivery(endpoint)
    with django_capture_on_commit_callbacks(execute=True):
        assert endpoints.forget_user(user_id=endpoint.user_id) == 1
    assert list(WebhookEndpoint.objects.all()) == [stays]
