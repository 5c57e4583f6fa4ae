"""Messages with a chain: WhatsApp, else a text, else a mail, by what providers say and what things cost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from pytest_django import Settings

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.choices import DeliveryState
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery
from apps.notifications.ports.sms import FakeSms
from apps.notifications.ports.whatsapp import FakeWhatsApp
from apps.notifications.services import notifying, receipts, sending
from apps.notifications.services.preferences import set_preference

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def empty(settings: Settings) -> None:
    settings.WHATSAPP_APPROVED = ["renewal_due"]
    FakeSms.outbox.clear()
    FakeWhatsApp.outbox.clear()


def owner(phone: str = "+237670005001", *channels: str) -> User:
    user = make_user(phone=phone, phone_verified_at=now())
    for channel in channels or ("whatsapp", "sms"):
        set_preference(user=user, category="billing", channel=channel, mode="now", at=now())
    return user


def remind(user: User) -> list[Delivery]:
    notifying.notify("renewal_due", user=user, context=MESSAGES["renewal_due"].sample, dedup_key="1", at=now())
    sending.sweep_deliveries(at=now())
    return log(user)


def log(user: User) -> list[Delivery]:
    return list(Delivery.objects.filter(user=user).order_by("created_at", "pk"))


def left() -> tuple[int, int, int]:
    return len(FakeWhatsApp.outbox), len(FakeSms.outbox), len(mail.outbox)


def test_it_works() -> None:
    (delivery,) = remind(owner())
    assert left() == (1, 0, 0)
    template = FakeWhatsApp.outbox[0]
    assert (template.template, template.language, template.reference) == ("renewal_due", "fr", str(delivery.pk))
    assert template.parameters[0] == "Fiche à la une"
    assert delivery.cost_xaf > 0
    assert receipts.note_receipt(provider_id=delivery.provider_id, is_arrived=True, detail="", at=now())
    sending.sweep_deliveries(at=now() + 2 * HOUR)
    assert left() == (1, 0, 0), "it arrived: the chain ends"
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DELIVERED


def test_nobody_confirms_it() -> None:
    user = owner()
    remind(user)
    sending.sweep_deliveries(at=now() + HOUR + dt.timedelta(minutes=1))
    sending.sweep_deliveries(at=now() + HOUR + dt.timedelta(minutes=1))
    assert left() == (1, 1, 0)
    sending.sweep_deliveries(at=now() + 3 * HOUR)
    sending.sweep_deliveries(at=now() + 3 * HOUR)
    assert left() == (1, 1, 1)
    sending.sweep_deliveries(at=now() + 30 * HOUR)
    assert left() == (1, 1, 1), "the end of the chain"
    assert [one.reason for one in log(user)] == ["no_receipt", "no_receipt", ""]


def test_the_provider_says_that_it_did_not_arrive() -> None:
    user = owner()
    (delivery,) = remind(user)
    for _ in range(2):
        receipts.note_receipt(provider_id=delivery.provider_id, is_arrived=False, detail="131026 Undeliverable", at=now())
    sending.sweep_deliveries(at=now())
    assert left() == (1, 1, 0)
    first, _second = log(user)
    assert (first.state, first.reason) == (DeliveryState.FAILED, "131026 Undeliverable")


@pytest.mark.parametrize(("phone", "expected"), [("+237670001026", (0, 1, 0)), ("+237670000404", (1, 0, 0))])
def test_a_number_that_a_channel_does_not_know(phone: str, expected: tuple[int, int, int]) -> None:
    remind(owner(phone))
    sending.sweep_deliveries(at=now())
    assert left() == expected


def test_both_phones_fail_and_the_mail_leaves(settings: Settings) -> None:
    settings.WHATSAPP_APPROVED = []
    user = owner("+237670000404")
    remind(user)
    sending.sweep_deliveries(at=now())
    assert left() == (0, 0, 1)
    assert [(one.channel, one.state, one.reason) for one in log(user)] == [
        ("whatsapp", "skipped", "not_ready"), ("sms", "failed", "unknown subscriber"), ("email", "sent", ""),
    ]  # fmt: skip


def test_a_busy_channel_is_left_after_minutes() -> None:
    user = owner("+237670000429", "sms")
    remind(user)
    for minutes in (1, 4, 8):
        sending.sweep_deliveries(at=now() + dt.timedelta(minutes=minutes))
    sending.sweep_deliveries(at=now() + dt.timedelta(minutes=9))
    assert left() == (0, 0, 1)


def test_the_days_money_is_spent(settings: Settings) -> None:
    settings.MESSAGES_DAILY_BUDGET_XAF = settings.WHATSAPP_COST_XAF
    remind(owner())
    second = owner("+237670005002")
    remind(second)
    sending.sweep_deliveries(at=now())
    assert left() == (1, 0, 1)
    assert [one.reason for one in log(second)] == ["budget", "budget", ""]


def test_without_a_phone_it_is_a_mail() -> None:
    user = make_user()
    assert [one.channel for one in remind(user)] == ["email"]
    assert left() == (0, 0, 1)


def test_a_message_without_a_chain_does_not_go_to_phones() -> None:
    user = owner()
    notifying.notify("refund_succeeded", user=user, context=MESSAGES["refund_succeeded"].sample, dedup_key="1", at=now())
    sending.sweep_deliveries(at=now())
    assert left() == (0, 0, 1)
