"""Messages leave once, come back when they fail, and keep no secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from apps.core.clock import now
from apps.notifications.choices import DeliveryState
from apps.notifications.models import Delivery
from apps.notifications.ports.sms import FakeSms
from apps.notifications.services import sending
from apps.notifications.tests.mail_server import MailServer, mail_server

pytestmark = pytest.mark.django_db

KEY: dict[str, Any] = {"key_name": "Mobile", "key_shown": "romapi_live_4fQ2…9xKa", "revoke_url": "https://ecosyste.example/r/"}


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[MailServer]:
    """A mail server on a socket of this machine."""
    with mail_server(settings) as server:
        yield server


def send_key_mail(**options: Any) -> Delivery | None:
    return sending.send_message("key_created", to="awa@exemple.cm", language="fr", context=KEY, at=now(), **options)


def test_a_mail_leaves_as_text_and_html(mailbox: MailServer) -> None:
    delivery = send_key_mail()
    assert delivery is not None
    assert sending.deliver(delivery_id=delivery.pk, at=now())
    (sent,) = mailbox.mails
    assert sent["To"] == "awa@exemple.cm"
    assert sent["Subject"] == "Nouvelle clé d’API : Mobile"
    assert sent["Auto-Submitted"] == "auto-generated"
    text, html = (sent.get_body(preferencelist=(kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert "Révoquer cette clé\nhttps://ecosyste.example/r/" in text
    assert 'href="https://ecosyste.example/r/"' in html
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert delivery.body == ""


def test_a_sent_message_does_not_leave_again(mailbox: MailServer) -> None:
    delivery = send_key_mail()
    assert delivery is not None
    assert sending.deliver(delivery_id=delivery.pk, at=now())
    assert not sending.deliver(delivery_id=delivery.pk, at=now())
    assert len(mailbox.mails) == 1


def test_the_same_thing_is_told_once() -> None:
    assert send_key_mail(dedup_key="security:1") is not None
    assert send_key_mail(dedup_key="security:1") is None
    assert Delivery.objects.count() == 1


def test_a_busy_server_is_asked_again_later(mailbox: MailServer) -> None:
    mailbox.answer = "451 Try again later"
    delivery = send_key_mail()
    assert delivery is not None
    at = now()
    assert not sending.deliver(delivery_id=delivery.pk, at=at)
    assert not sending.deliver(delivery_id=delivery.pk, at=at), "nobody asks again before its time"
    mailbox.answer = "250 OK"
    assert sending.sweep_deliveries(at=at + dt.timedelta(seconds=31)) == 1
    delivery.refresh_from_db()
    assert [attempt.error[:3] for attempt in delivery.attempts.order_by("id")] == ["451", ""]


def test_an_unknown_address_is_given_up_at_once_until_staff_sends_again(mailbox: MailServer, admin_client: Client) -> None:
    mailbox.answer = "550 No such user"
    delivery = send_key_mail()
    assert delivery is not None
    sending.deliver(delivery_id=delivery.pk, at=now())
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    mailbox.answer = "250 OK"
    address = f"/admin/notifications/delivery/{delivery.pk}/"
    assert 'value="Renvoyer"' in admin_client.get(f"{address}change/").content.decode()
    answer = admin_client.post(f"{address}again/", follow=True)
    assert "L’envoi est relancé." in answer.content.decode()
    assert 'value="Renvoyer"' not in answer.content.decode()
    assert "rien n’est relancé" in admin_client.post(f"{address}again/", follow=True).content.decode()
    assert sending.deliver(delivery_id=delivery.pk, at=now())


def test_a_message_is_given_up_after_its_last_try(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9
    delivery = send_key_mail()
    assert delivery is not None
    at = now()
    for _number in range(len(sending.BACKOFF_S) + 1):
        sending.deliver(delivery_id=delivery.pk, at=at)
        at += dt.timedelta(days=1)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert delivery.attempts.count() == len(sending.BACKOFF_S) + 1


def test_secrets_are_not_stored(settings: Settings) -> None:
    link = "https://ecosyste.example/secret/"
    assert sending.send_secret("password_reset", to="awa@exemple.cm", language="fr", context={"password_reset_url": link}, at=now())
    assert link in mail.outbox[0].body
    delivery = Delivery.objects.get()
    assert (delivery.context, delivery.body, delivery.is_secret) == ({}, "", True)
    with pytest.raises(ValueError, match="secret"):
        sending.send_message("password_reset", to="awa@exemple.cm", language="fr", context={"password_reset_url": link}, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(context={"password_reset_url": link})
    settings.KEEP_MESSAGE_BODIES = True
    sending.send_secret("password_reset", to="awa@exemple.cm", language="fr", context={"password_reset_url": link}, at=now())
    assert link in Delivery.objects.latest("created_at").body


@pytest.mark.parametrize(
    ("number", "reason"), [("+237670000404", "unknown subscriber"), ("+237670000429", "throttled"), ("+237670000504", "timeout")]
)
def test_faults_of_a_text_operator(number: str, reason: str) -> None:
    assert not sending.send_secret("phone_code", to=number, language="fr", context={"code": "123456"}, at=now())
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.FAILED
    assert reason in delivery.attempts.get().error


def test_a_code_reaches_its_phone() -> None:
    FakeSms.outbox.clear()
    assert sending.send_secret("phone_code", to="+237670000001", language="en", context={"code": "482915"}, at=now())
    assert "482915" in FakeSms.outbox[0].text


def test_old_messages_are_forgotten() -> None:
    delivery = send_key_mail()
    assert delivery is not None
    delivery.attempts.create(at=now())
    assert sending.prune_deliveries(at=now()) == 0
    assert sending.prune_deliveries(at=now() + dt.timedelta(days=366)) == 1
    assert not Delivery.objects.exists()
