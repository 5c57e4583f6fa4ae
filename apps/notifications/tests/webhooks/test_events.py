"""What happens to somebody's objects reaches his endpoints, once each, and nobody else's."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.models import User
from apps.accounts.services.keys import revoke_key
from apps.accounts.tests.factories import make_key, make_user
from apps.billing.choices import PaymentState, ProviderCode
from apps.billing.tests.factories import make_invoice, make_payment
from apps.catalog.models import Resource
from apps.catalog.services import moderation
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.core.clock import now
from apps.core.events import Event
from apps.ingestion.services import batches
from apps.ingestion.tests.factories import make_batch, make_source
from apps.notifications.choices import WebhookState
from apps.notifications.models import WebhookDelivery
from apps.notifications.selectors.webhook_subjects import HEARD
from apps.notifications.services.webhooks import recording
from apps.notifications.tests.webhooks.receiver import make_endpoint
from apps.notifications.webhook_types import CHOOSABLE, TEST, WEBHOOK_TYPES, sample_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user()


def told(owner: User) -> list[dict[str, Any]]:
    """What waits for him, oldest first; nothing waits for anybody else."""
    rows = WebhookDelivery.objects.select_related("endpoint").order_by("created_at", "pk")
    assert {row.endpoint.user_id for row in rows} <= {owner.pk}
    return [json.loads(row.body) for row in rows]


def record(event: Event, number: int = 1, **payload: Any) -> int:
    return recording.record_event(event_id=number, name=event.name, occurred_at=now(), payload=payload, at=now())


def test_it_works(owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    make_endpoint(user=owner, types=["key.created", "key.revoked"], include_object=True)
    make_endpoint(types=["key.created"])
    with django_capture_on_commit_callbacks(execute=True):
        key, _secret = make_key(owner, name="Mobile")
    with django_capture_on_commit_callbacks(execute=True):
        revoke_key(user=owner, key_id=key.pk, at=now())
    created, revoked = told(owner)
    assert (created["type"], revoked["type"]) == ("key.created", "key.revoked")
    assert created["data"]["id"] == str(key.pk)
    assert (created["data"]["object"]["is_active"], revoked["data"]["object"]["is_active"]) == (True, False)
    assert dt.datetime.fromisoformat(created["timestamp"]) <= now()
    assert created["timestamp"].endswith("Z")


def test_an_event_that_comes_twice_is_recorded_once(owner: User) -> None:
    make_endpoint(user=owner)
    make_endpoint(user=owner)
    entry = make_resource(user=owner)
    updated = next(event for event in HEARD if event.name == "catalog.resource_updated")
    for _time in range(3):
        record(updated, 7, resource_id=str(entry.pk))
    assert WebhookDelivery.objects.count() == 2
    record(updated, 8, resource_id=str(entry.pk))
    assert WebhookDelivery.objects.count() == 4
    assert len({row.pk for row in WebhookDelivery.objects.all()}) == 4


def objects(owner: User) -> dict[str, dict[str, Any]]:
    """The payload of each event, about objects of the owner's."""
    entry = make_resource(user=owner)
    payment = make_payment(invoice=make_invoice(user=owner))
    subscription = payment.invoice.subscription
    one = {"resource_id": str(entry.pk)}
    return {
        "catalog.resource_published": one, "catalog.resource_updated": one, "catalog.resource_hidden": one,
        "catalog.resource_rejected": {**one, "reason": "incomplete", "note": "Pour Awa seule."},
        "catalog.resources_changed": {"resource_ids": [str(entry.pk)]},
        "billing.payment_succeeded": {"payment_id": str(payment.pk), "invoice_id": str(payment.invoice_id), "late": False},
        "billing.payment_failed": {"payment_id": str(payment.pk), "reason": "expired"},
        "billing.invoice_issued": {"invoice_id": str(payment.invoice_id)},
        "billing.subscription_changed": {"subscription_id": str(subscription.pk)},
        "billing.subscription_ended": {"subscription_id": str(subscription.pk), "reason": "cancelled"},
        "accounts.quota_reached": {
            "user_id": str(owner.pk), "percent": 80, "used": 800, "quota": 1000, "month": "2026-11-01", "forecast": None,
        },
        "ingestion.batch_finished": {"batch_id": str(make_batch(user=owner).pk)},
        "analytics.report_ready": {"report_id": str(uuid.uuid4()), "user_id": str(owner.pk)},
    }  # fmt: skip


def test_every_event_has_a_type_and_the_form_of_its_sample(owner: User) -> None:
    endpoint, _secret = make_endpoint(user=owner, include_object=True)
    for number, (name, payload) in enumerate(objects(owner).items()):
        assert recording.record_event(event_id=number, name=name, occurred_at=now(), payload=payload, at=now()) == 1, name
    for message in told(owner):
        sample = sample_message(WEBHOOK_TYPES[message["type"]], with_object=True)
        assert message.keys() == sample.keys()
        assert message["data"].keys() == sample["data"].keys(), message["type"]
        assert message["data"].get("object", {}).keys() == sample["data"].get("object", {}).keys(), message["type"]
        assert "Awa seule" not in json.dumps(message)
    elsewhere = {"refund.succeeded", "key.created", "key.revoked", "endpoint.disabled"}
    assert {message["type"] for message in told(owner)} | elsewhere == set(CHOOSABLE)
    assert endpoint.deliveries.count() == len(objects(make_user()))


def test_thin_unless_asked(owner: User) -> None:
    make_endpoint(user=owner)
    entry = make_resource(user=owner)
    recording.record_event(event_id=1, name="catalog.resource_updated", occurred_at=now(), payload={"resource_id": str(entry.pk)}, at=now())
    assert told(owner)[0]["data"] == {"id": str(entry.pk)}


def test_what_is_too_large_loses_its_object() -> None:
    shown = {"name": "é" * 30_000}
    body = recording.message_body("key.created", livemode=True, occurred_at=now(), data={"id": "1"}, shown=shown)
    assert len(body.encode()) < recording.BODY_MAX
    assert json.loads(body)["data"] == {"id": "1", "object_omitted": True}


def test_only_what_was_asked_for_and_in_its_own_mode(owner: User) -> None:
    make_endpoint(user=owner, types=["payment.failed"])
    make_endpoint(user=owner, livemode=False)
    payment = make_payment(invoice=make_invoice(user=owner))
    payload = {"payment_id": str(payment.pk), "invoice_id": str(payment.invoice_id), "late": False}
    assert recording.record_event(event_id=1, name="billing.payment_succeeded", occurred_at=now(), payload=payload, at=now()) == 0
    test = make_payment(invoice=payment.invoice, livemode=False, provider=ProviderCode.FAKE, state=PaymentState.FAILED)
    payload = {**payload, "payment_id": str(test.pk)}
    assert recording.record_event(event_id=1, name="billing.payment_succeeded", occurred_at=now(), payload=payload, at=now()) == 1
    assert told(owner)[0]["livemode"] is False


def test_entries_without_owner_and_owners_who_are_suspended_are_told_nothing(owner: User) -> None:
    make_endpoint(user=owner)
    nobodys, mine = make_resource(user=None), make_resource(user=owner)
    User.objects.filter(pk=owner.pk).update(suspended_at=now())
    for number, entry in enumerate((nobodys, mine)):
        payload = {"resource_id": str(entry.pk)}
        assert recording.record_event(event_id=number, name="catalog.resource_updated", occurred_at=now(), payload=payload, at=now()) == 0
    gone = {"resource_id": str(uuid.uuid4())}
    assert recording.record_event(event_id=9, name="catalog.resource_updated", occurred_at=now(), payload=gone, at=now()) == 0


def test_many_at_once_say_what_is_public_and_what_is_no_more(owner: User) -> None:
    make_endpoint(user=owner)
    shown, hidden = make_resource(user=owner), make_resource(user=owner)
    Resource.objects.filter(pk=hidden.pk).update(deleted_at=now())
    draft = make_resource(user=owner, status="pending", published_at=None)
    payload = {"resource_ids": [str(one.pk) for one in (shown, hidden, draft)]}
    recording.record_event(event_id=1, name="catalog.resources_changed", occurred_at=now(), payload=payload, at=now())
    assert {message["data"]["id"]: message["type"] for message in told(owner)} == {
        str(shown.pk): "resource.updated", str(hidden.pk): "resource.hidden",
    }  # fmt: skip


def test_a_batch_that_is_done_is_told(owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    make_endpoint(user=owner, include_object=True)
    make_category(slug="autres")
    with django_capture_on_commit_callbacks(execute=True):
        batch, _items = batches.take_now(source=make_source(), rows=[], at=now(), sent_by="clé", user_id=owner.pk)
    (message,) = told(owner)
    assert (message["type"], message["data"]["object"]["state"]) == ("ingest.batch.finished", "done")
    assert message["data"]["id"] == str(batch.pk)


def test_a_refused_entry_is_told_without_the_note(owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    make_endpoint(user=owner)
    entry = make_resource(user=owner, status="pending", published_at=None, city=make_city(slug="douala"))
    with django_capture_on_commit_callbacks(execute=True):
        moderation.reject_resource(resource_id=entry.pk, actor=None, reason="incomplete", note="Le chef dit non.", at=now())
    (message,) = told(owner)
    assert message["data"] == {"id": str(entry.pk), "reason": "incomplete"}


def test_registry_is_closed_and_documented() -> None:
    assert TEST not in CHOOSABLE
    for kind in WEBHOOK_TYPES.values():
        assert all(part.isidentifier() for part in kind.name.split(".")), kind.name
        assert kind.summary
        assert kind.label
        assert len(json.dumps(sample_message(kind, with_object=True))) < recording.BODY_MAX


def test_statements(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _number in range(5):
        make_endpoint(user=owner)
    ids = [str(make_resource(user=owner).pk) for _number in range(10)]
    with django_assert_num_queries(8), transaction.atomic():
        count = recording.record_event(
            event_id=1, name="catalog.resources_changed", occurred_at=now(), payload={"resource_ids": ids}, at=dt.datetime.now(dt.UTC)
        )
    assert count == 50
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {WebhookState.PENDING}


def test_nobody_who_listens_costs_little(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    entry = make_resource(user=owner)
    at = now()
    with django_assert_num_queries(4):
        recording.record_event(event_id=1, name="catalog.resource_updated", occurred_at=at, payload={"resource_id": str(entry.pk)}, at=at)
