"""Providers tell what arrived, and strangers tell nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.choices import Channel, DeliveryState
from apps.notifications.models import Delivery, Suppression

pytestmark = pytest.mark.django_db
SECRET = "0a1b2c"


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.WHATSAPP_APP_SECRET, settings.WHATSAPP_VERIFY_TOKEN, settings.SMS_RECEIPT_TOKEN = SECRET, "mot", "jeton"
    settings.MAIL_RECEIPT_TOKEN = "jeton"


def sent(provider_id: str, channel: str = "whatsapp") -> Delivery:
    return Delivery.objects.create(
        message="renewal_due", category="billing", channel=channel, user=make_user(), address="+237670005001", language="fr",
        state=DeliveryState.SENT, provider_id=provider_id, sent_at=now(),
    )  # fmt: skip


def told(client: Client, value: Any, *, secret: str = SECRET) -> int:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signed}"}
    return client.post("/messages/whatsapp", body, content_type="application/json", headers=headers).status_code


def notice(*statuses: dict[str, Any], messages: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    value = {"messaging_product": "whatsapp", "metadata": {}, "statuses": list(statuses), "messages": messages or []}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}


def test_it_works(client: Client) -> None:
    delivery = sent("wamid.1")
    for _ in range(2):
        assert told(client, notice({"id": "wamid.1", "status": "sent"}, {"id": "wamid.1", "status": "delivered"})) == 200
    delivery.refresh_from_db()
    assert (delivery.state, delivery.delivered_at is not None) == (DeliveryState.DELIVERED, True)


def test_a_number_without_whatsapp(client: Client) -> None:
    delivery = sent("wamid.2")
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    assert told(client, notice({"id": "wamid.2", "status": "failed", "errors": errors})) == 200
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "131026 Message undeliverable")
    assert Suppression.objects.get().channel == Channel.WHATSAPP


@pytest.mark.parametrize("words", ["STOP", "stop.", " Arrêt "])
def test_a_reader_stops(client: Client, words: str) -> None:
    assert told(client, notice(messages=[{"from": "237670005001", "type": "text", "text": {"body": words}}])) == 200
    assert Suppression.objects.get().address == "+237670005001"


def test_strangers_tell_nothing(client: Client, settings: Settings) -> None:
    delivery = sent("wamid.3")
    lie = notice({"id": "wamid.3", "status": "failed"}, messages=[{"from": "237670005001", "text": {"body": "stop"}}])
    assert told(client, lie, secret="other") == 403
    assert client.post("/messages/whatsapp", b"{}", content_type="application/json").status_code == 403
    settings.WHATSAPP_APP_SECRET = ""
    assert told(client, lie) == 404
    assert client.post("/messages/sms/other", b"{}", content_type="application/json").status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"entry": 1}', b'{"entry": [1, {"changes": {}}]}', b"x" * 600_000,
        b'{"entry": [{"changes": [{"value": {"statuses": [{"id": [], "status": "failed", "errors": [0]}], "messages": [{"text": 1}]}}]}]}',
    ],
    ids=["empty", "list", "null", "open", "bytes", "deep", "number", "shapes", "long", "wrong types"],
)  # fmt: skip
def test_hostile_bodies(client: Client, body: bytes) -> None:
    assert told(client, body[: 512 * 1024]) == 200
    for path in ("sms", "mail"):
        assert client.post(f"/messages/{path}/jeton", body, content_type="application/json").status_code == 200


def test_meta_makes_sure_of_the_address(client: Client) -> None:
    asked = "/messages/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert client.get(f"{asked}mot").content == b"1158201444"
    assert client.get(f"{asked}x").status_code == 403


@pytest.mark.parametrize(("word", "state"), [("DeliveredToTerminal", "delivered"), ("DeliveryImpossible", "failed"), ("Waiting", "sent")])
def test_receipts_of_texts(client: Client, word: str, state: str) -> None:
    delivery = sent("9be8c3a1", "sms")
    note = {"deliveryInfoNotification": {"callbackData": "9be8c3a1", "deliveryInfo": {"address": "tel:+2376", "deliveryStatus": word}}}
    assert client.post("/messages/sms/jeton", json.dumps(note), content_type="application/json").status_code == 200
    delivery.refresh_from_db()
    assert delivery.state == state


def test_what_a_mail_server_learns_later(client: Client) -> None:
    gone, angry, fine = (sent(f"<{name}@x>", "email") for name in ("gone", "angry", "fine"))
    notes = [
        {"kind": "bounce", "address": "Partie@exemple.cm", "message_id": "<gone@x>", "detail": "5.1.1"},
        {"kind": "complaint", "address": "fache@exemple.cm", "message_id": "<angry@x>"},
        {"kind": "delivered", "address": "ravie@exemple.cm", "message_id": "<fine@x>"},
        {"kind": "opened", "address": "ravie@exemple.cm"},
    ]
    for _ in range(2):
        assert client.post("/messages/mail/jeton", json.dumps({"notes": notes}), content_type="application/json").status_code == 200
    assert client.post("/messages/mail/other", json.dumps({"notes": notes}), content_type="application/json").status_code == 404
    states = []
    for delivery in (gone, angry, fine):
        delivery.refresh_from_db()
        states.append(delivery.state)
    assert states == ["failed", "sent", "delivered"]
    assert sorted(Suppression.objects.values_list("address", "reason")) == [
        ("fache@exemple.cm", "complaint"), ("partie@exemple.cm", "bounce"),
    ]  # fmt: skip
