"""Mail by a provider's HTTP interface: what leaves, what its answers mean, and what it tells later, as its documentation has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.checks import check_mail_provider
from apps.notifications.choices import Channel, DeliveryState
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery, Suppression
from apps.notifications.ports.mail_providers import BACKENDS
from apps.notifications.services import notifying, sending
from apps.notifications.tests.provider_server import Provider, provider_server
from ecosysteme import env

pytestmark = pytest.mark.django_db
KEY = "cle-de-signature"
PASSWORD = "mailer:mot de passe"


def choose(settings: Settings, name: str, **members: str) -> None:
    settings.EMAIL_PROVIDER, settings.EMAIL_BACKEND, settings.ANYMAIL = name, BACKENDS[name], members


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_server() as one:
        yield one


@pytest.fixture
def brevo(settings: Settings, provider: Provider) -> Provider:
    choose(settings, "brevo", BREVO_API_KEY="xkeysib-1", BREVO_API_URL=f"{provider.url}/v3/", WEBHOOK_SECRET=PASSWORD)
    provider.answers["/v3/smtp/email"] = (201, b'{"messageId": "<201798300811.5787683@relay.domain.com>"}')
    return provider


def tell(name: str = "listing_merged", email: str = "awa@exemple.cm") -> Delivery:
    user = make_user(email=email)
    assert notifying.notify(name, user=user, context=MESSAGES[name].sample, dedup_key="1", at=now())
    delivery = Delivery.objects.get(user=user, channel=Channel.EMAIL)
    sending.deliver(delivery_id=delivery.pk, at=now())
    delivery.refresh_from_db()
    return delivery


def sent(provider_id: str, address: str = "partie@exemple.cm") -> Delivery:
    return Delivery.objects.create(
        message="listing_merged", category="listing", channel="email", user=make_user(), address=address, language="fr",
        state=DeliveryState.SENT, provider_id=provider_id, sent_at=now(),
    )  # fmt: skip


def mailgun_notice(event: dict[str, Any], *, key: str = KEY) -> dict[str, Any]:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks"""
    timestamp, token = "1529006854", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event}


def mailgun_event(event: str, **members: Any) -> dict[str, Any]:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads"""
    return {
        "event": event, "id": "G9Bn5sl1TC6nu79C8C0bwg", "timestamp": 1521233195.375624, "recipient": "Partie@exemple.cm",
        "message": {"headers": {"to": "Partie@exemple.cm", "message-id": "1@x", "from": "a@x", "subject": "x"}, "size": 111},
        **members,
    }  # fmt: skip


def post(client: Client, name: str, value: Any, *, password: str = PASSWORD) -> int:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}"}
    return client.post(f"/messages/mail/provider/{name}", body, content_type="application/json", headers=headers).status_code


def test_it_works(brevo: Provider, client: Client) -> None:
    delivery = tell()
    assert (delivery.state, delivery.provider_id) == (DeliveryState.SENT, "<201798300811.5787683@relay.domain.com>")
    ((path, headers, body),) = brevo.asked
    assert (path, headers["api-key"]) == ("/v3/smtp/email", "xkeysib-1")
    assert body["to"] == [{"email": "awa@exemple.cm"}]
    assert body["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert body["headers"]["Message-ID"] == f"<{delivery.pk}@ecosyste.example>"
    # https://developers.brevo.com/docs/transactional-webhooks
    notice = {
        "event": "hard_bounce", "email": "awa@exemple.cm", "id": 26224, "date": "2026-11-27 03:15:39", "ts": 1795745739,
        "message-id": delivery.provider_id, "ts_event": 1795745739, "subject": "x", "sending_ip": "192.0.2.1", "ts_epoch": 1795745739000,
        "reason": "550 5.1.1 User unknown",
    }  # fmt: skip
    for _ in range(2):
        assert post(client, "brevo", notice) == 200
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "550 5.1.1 User unknown")
    note = Suppression.objects.get()
    assert (note.address, note.channel, note.reason) == ("awa@exemple.cm", "email", "bounce")


@pytest.mark.parametrize(
    ("status", "answer", "state"),
    [
        (429, b'{"code": "too_many_requests"}', DeliveryState.PENDING),
        (401, b'{"code": "unauthorized", "message": "Key not found"}', DeliveryState.PENDING),
        (500, b"<html>", DeliveryState.PENDING),
        (201, b"not json", DeliveryState.PENDING),
    ],
)
def test_a_provider_that_takes_nothing_is_asked_again(brevo: Provider, status: int, answer: bytes, state: str) -> None:
    brevo.answers["/v3/smtp/email"] = (status, answer)
    delivery = tell()
    assert delivery.state == state
    assert "brevo" in delivery.reason.lower()
    assert not Suppression.objects.exists()


def test_a_provider_that_is_not_there(settings: Settings) -> None:
    choose(settings, "brevo", BREVO_API_KEY="x", BREVO_API_URL="http://127.0.0.1:1/")
    assert tell().state == DeliveryState.PENDING


def test_an_address_on_the_providers_own_list_is_given_up(settings: Settings, provider: Provider) -> None:
    choose(settings, "postmark", POSTMARK_SERVER_TOKEN="t", POSTMARK_API_URL=f"{provider.url}/")
    # https://postmarkapp.com/developer/api/overview#error-codes
    words = "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: awa@exemple.cm."
    why = "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
    provider.answers["/email"] = (422, json.dumps({"ErrorCode": 406, "Message": f"{words} {why}"}).encode())
    assert tell().state == DeliveryState.FAILED
    assert not Suppression.objects.exists(), "perhaps he only complained once: what must arrive is tried again"


def test_an_answer_that_nobody_understands_is_no_sent_mail(settings: Settings, provider: Provider) -> None:
    choose(settings, "postmark", POSTMARK_SERVER_TOKEN="t", POSTMARK_API_URL=f"{provider.url}/")
    provider.answers["/email"] = (422, b'{"ErrorCode": 406, "Message": "In other words."}')
    assert tell().state == DeliveryState.PENDING


@pytest.mark.parametrize(
    ("event", "state", "suppressed"),
    [
        (mailgun_event("delivered"), "delivered", ""),
        (mailgun_event("failed", severity="permanent", reason="bounce", **{"delivery-status": {"code": 550}}), "failed", "bounce"),
        (mailgun_event("failed", severity="permanent", reason="generic"), "failed", ""),
        (mailgun_event("failed", severity="temporary", reason="generic"), "sent", ""),
        (mailgun_event("complained"), "sent", "complaint"),
        (mailgun_event("unsubscribed"), "sent", "unsubscribe"),
        (mailgun_event("opened"), "sent", ""),
    ],
    ids=["delivered", "bounce", "policy", "later", "complaint", "unsubscribe", "read"],
)
def test_what_mailgun_tells(client: Client, settings: Settings, event: dict[str, Any], state: str, suppressed: str) -> None:
    choose(settings, "mailgun", MAILGUN_API_KEY="other", MAILGUN_WEBHOOK_SIGNING_KEY=KEY)
    delivery = sent("<1@x>")
    assert post(client, "mailgun", mailgun_notice(event)) == 200
    delivery.refresh_from_db()
    assert delivery.state == state
    assert list(Suppression.objects.values_list("address", "reason")) == ([("partie@exemple.cm", suppressed)] if suppressed else [])


@pytest.mark.parametrize(
    ("kind", "suppressed"), [("HardBounce", True), ("BadEmailAddress", True), ("SoftBounce", False), ("Blocked", False)]
)
def test_what_postmark_tells(client: Client, settings: Settings, kind: str, suppressed: bool) -> None:
    choose(settings, "postmark", POSTMARK_SERVER_TOKEN="t", WEBHOOK_SECRET=PASSWORD)
    delivery = sent("883953f4-6105-42a2-a16a-77a8eac79483")
    # https://postmarkapp.com/developer/webhooks/bounce-webhook
    notice = {
        "RecordType": "Bounce", "ID": 42, "Type": kind, "TypeCode": 1, "Tag": "", "MessageID": delivery.provider_id,
        "Details": "smtp;550 5.1.1", "Email": "partie@exemple.cm", "From": "a@x", "BouncedAt": "2026-11-27T16:33:54.9070259Z",
        "Inactive": kind == "HardBounce", "CanActivate": True, "Subject": "x",
    }  # fmt: skip
    assert post(client, "postmark", notice) == 200
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert Suppression.objects.exists() == suppressed


def test_strangers_tell_nothing(client: Client, settings: Settings) -> None:
    delivery, event = sent("<1@x>"), mailgun_event("failed", severity="permanent", reason="bounce")
    assert post(client, "mailgun", mailgun_notice(event)) == 404, "another way is in use"
    choose(settings, "mailgun", MAILGUN_API_KEY=KEY)
    assert post(client, "mailgun", mailgun_notice(event)) == 404, "no key for its notices: the one for sending does not stand in"
    choose(settings, "mailgun", MAILGUN_API_KEY="other", MAILGUN_WEBHOOK_SIGNING_KEY=KEY)
    assert post(client, "mailgun", mailgun_notice(event, key="other")) == 403
    choose(settings, "brevo", BREVO_API_KEY="x", WEBHOOK_SECRET=PASSWORD)
    assert post(client, "brevo", {"event": "hard_bounce", "email": "partie@exemple.cm"}, password="mailer:x") == 403
    assert post(client, "mailgun", mailgun_notice(event)) == 404
    assert client.get("/messages/mail/provider/brevo").status_code == 405
    assert client.head("/messages/mail/provider/brevo").status_code == 200
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"signature": 1}', b'{"event": {}, "email": []}'],
    ids=["empty", "list", "null", "open", "bytes", "deep", "number", "wrong types"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["brevo", "mailgun", "postmark"])
def test_hostile_bodies(client: Client, settings: Settings, name: str, body: bytes) -> None:
    choose(settings, name, WEBHOOK_SECRET=PASSWORD, MAILGUN_WEBHOOK_SIGNING_KEY=KEY)
    assert post(client, name, body) in {200, 400, 403}
    assert not Suppression.objects.exists()


def test_the_checks_name_what_is_missing(settings: Settings) -> None:
    assert check_mail_provider(None) == []
    choose(settings, "console")
    assert [found.id for found in check_mail_provider(None)] == ["notifications.E002"]
    choose(settings, "mailgun")
    said = [f"{found.id} {found.msg}" for found in check_mail_provider(None)]
    assert [line.split(" is empty")[0] for line in said] == [
        "notifications.E003 ANYMAIL_MAILGUN_API_KEY", "notifications.W001 ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY",
    ]  # fmt: skip
    choose(settings, "mailgun", MAILGUN_API_KEY="x", MAILGUN_WEBHOOK_SIGNING_KEY="y")
    assert check_mail_provider(None) == []


def test_a_provider_that_nobody_knows_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_PROVIDER", raising=False)
    assert env.one_of("EMAIL_PROVIDER", BACKENDS, "smtp") == "smtp"
    monkeypatch.setenv("EMAIL_PROVIDER", "brevo")
    assert env.one_of("EMAIL_PROVIDER", BACKENDS, "smtp") == "brevo"
    monkeypatch.setenv("EMAIL_PROVIDER", "hotmail")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_PROVIDER is one of smtp, console, brevo, mailgun, postmark, not hotmail"):
        env.one_of("EMAIL_PROVIDER", BACKENDS, "smtp")
