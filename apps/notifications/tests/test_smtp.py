"""Mail servers that refuse, hang and die: nothing is lost, a second try is the same mail, a dead address is not written to again."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import SecurityEvent, User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications import telling
from apps.notifications.choices import Channel, DeliveryState, SuppressionReason
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery, Suppression
from apps.notifications.ports.sms import FakeSms
from apps.notifications.services import notifying, sending
from apps.notifications.tests.mail_server import MailServer, free_port, mail_server

pytestmark = pytest.mark.django_db
SENDER = """
import uuid
import django
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", {port}
settings.EMAIL_TIMEOUT, settings.EMAIL_USE_TLS = 60, False
from apps.core.clock import now
from apps.notifications.services import sending
sending.deliver(delivery_id=uuid.UUID({pk!r}), at=now())
"""


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server(settings) as one:
        yield one


def tell(name: str = "listing_merged", *, user: User | None = None, event: str = "1") -> Delivery:
    user = user or make_user(email="awa@exemple.cm")
    assert notifying.notify(name, user=user, context=MESSAGES[name].sample, dedup_key=event, at=now())
    return Delivery.objects.get(user=user, message=name, channel=Channel.EMAIL)


def deliver(delivery: Delivery, *, after: dt.timedelta = dt.timedelta()) -> Delivery:
    sending.deliver(delivery_id=delivery.pk, at=now() + after)
    delivery.refresh_from_db()
    return delivery


def test_it_works(server: MailServer) -> None:
    delivery = deliver(tell())
    (mail,) = server.mails
    assert (delivery.state, delivery.reason, delivery.context) == (DeliveryState.SENT, "", {})
    assert mail["Message-ID"] == delivery.provider_id == f"<{delivery.pk}@ecosyste.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip().startswith("<http://testserver/fr/compte/messages/quitter/")
    for form in ("html", "plain"):
        assert mail["List-Unsubscribe"].strip(" <>") in mail.get_body((form,)).get_content()


@pytest.mark.parametrize("name", ["new_device", "payment_succeeded"])
def test_what_nobody_may_mute_offers_no_way_out(server: MailServer, name: str) -> None:
    deliver(tell(name))
    (mail,) = server.mails
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None
    for form in ("html", "plain"):
        assert "quitter" not in mail.get_body((form,)).get_content()


def test_a_server_that_dies_after_the_mail_gets_the_same_mail_again(server: MailServer) -> None:
    """At least once: nobody knows whether it was taken. Both have one Message-ID, so that mail programs show one."""
    server.dies_after_data = True
    delivery = deliver(tell())
    assert delivery.state == DeliveryState.PENDING
    assert "SMTPServerDisconnected" in delivery.reason
    server.dies_after_data = False
    deliver(delivery, after=dt.timedelta(seconds=31))
    assert delivery.state == DeliveryState.SENT
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
    assert len(server.mails) == 2


def test_a_busy_server_is_asked_again(server: MailServer) -> None:
    server.recipient = "451 4.7.1 Greylisted"
    delivery = deliver(tell())
    assert delivery.state == DeliveryState.PENDING
    server.recipient = "250 OK"
    assert deliver(delivery, after=dt.timedelta(seconds=31)).state == DeliveryState.SENT
    assert not Suppression.objects.exists()
    assert [attempt.error[:7] for attempt in delivery.attempts.order_by("pk")] == ["refused", ""]


@pytest.mark.parametrize("answer", ["550 No such user", "550 5.1.1 User unknown", "551 5.1.6 Moved", "550 5.2.1 Mailbox disabled"])
@pytest.mark.parametrize("stage", ["recipient", "answer"])
def test_an_address_that_does_not_exist_is_not_written_to_again(server: MailServer, stage: str, answer: str) -> None:
    user = make_user(email="Partie@exemple.cm")
    setattr(server, stage, answer)
    assert deliver(tell(user=user)).state == DeliveryState.FAILED
    note = Suppression.objects.get()
    assert (note.address, note.reason, note.lifted_at) == ("partie@exemple.cm", SuppressionReason.BOUNCE, None)
    server.recipient = server.answer = "250 OK"
    again = tell("listing_unmerged", user=user)
    assert (again.state, again.reason) == (DeliveryState.SKIPPED, "suppressed:bounce")
    assert server.mails == []


@pytest.mark.parametrize("answer", ["550 5.7.1 Blocked by policy", "554 5.7.1 Spam", "552 5.2.2 Mailbox full"])
def test_what_is_no_fault_of_the_address_is_not_held_against_it(server: MailServer, answer: str) -> None:
    server.answer = answer
    deliver(tell())
    assert not Suppression.objects.exists()


def test_security_is_texted_when_mails_are_refused(server: MailServer) -> None:
    FakeSms.outbox.clear()
    user = make_user(email="partie@exemple.cm", phone="+237670005001", phone_verified_at=now())
    server.recipient = "550 5.1.1 User unknown"
    assert deliver(tell("new_device", user=user)).state == DeliveryState.FAILED
    sending.sweep_deliveries(at=now())
    (text,) = FakeSms.outbox
    assert text.to == user.phone
    assert "nouvel appareil" in text.text
    # The next one is texted at once, and its mail is tried all the same.
    server.recipient = "250 OK"
    tell("totp_activated", user=user)
    sending.sweep_deliveries(at=now())
    assert (len(FakeSms.outbox), len(server.mails)) == (2, 1)


def test_a_confirmed_address_is_written_to_again(server: MailServer) -> None:
    user = make_user(email="revenue@exemple.cm")
    server.recipient = "550 5.1.1 User unknown"
    deliver(tell(user=user))
    event = SecurityEvent.objects.create(user=user, kind=SecurityEventKind.EMAIL_VERIFIED)
    telling.tell_security_event(event_id=event.pk, at=now())
    server.recipient = "250 OK"
    assert deliver(tell("listing_unmerged", user=user)).state == DeliveryState.SENT


def test_a_server_that_is_not_there(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    delivery = deliver(tell())
    assert delivery.state == DeliveryState.PENDING
    assert "ConnectionRefusedError" in delivery.reason


def test_a_backend_that_is_broken_goes_down_the_ladder_too(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    delivery = deliver(tell())
    assert delivery.state == DeliveryState.PENDING
    assert delivery.reason.startswith("ModuleNotFoundError")
    assert delivery.attempts.count() == 1


def test_a_server_that_says_nothing(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", silent.getsockname()[1], 0.2
        delivery = deliver(tell())
    assert delivery.state == DeliveryState.PENDING
    assert "timed out" in delivery.reason.lower()


def test_a_server_that_hangs_keeps_no_sweep_beyond_its_budget(server: MailServer) -> None:
    for number in range(2):
        tell(event=str(number), user=make_user(email=f"awa{number}@exemple.cm"))
    assert sending.sweep_deliveries(at=now(), budget_s=0) == 0
    assert Delivery.objects.filter(state=DeliveryState.PENDING).count() == 2
    assert sending.sweep_deliveries(at=now()) == 2
    assert len(server.mails) == 2


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_is_killed_leaves_the_mail_to_the_next_one(server: MailServer, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 60
    user = make_user(email="awa@exemple.cm")
    # Eager tasks would send it at once, in this process.
    with transaction.atomic():
        delivery = tell(user=user)
        transaction.get_connection().run_on_commit.clear()
    server.over.clear()
    script = SENDER.format(name=connection.settings_dict["NAME"], port=settings.EMAIL_PORT, pk=str(delivery.pk))
    worker = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.test"})
    try:
        assert server.taken.wait(60), "the mail was on its way"
        assert not sending.deliver(delivery_id=delivery.pk, at=now()), "nobody else takes it meanwhile"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        server.over.set()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING
    assert sending.sweep_deliveries(at=now() + sending.CLAIM) == 1
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert [mail["Message-ID"] for mail in server.mails] == [f"<{delivery.pk}@ecosyste.example>"] * 2
