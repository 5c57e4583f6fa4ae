"""Who is told of what happened to an account, and what is kept of it."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services.usage import add_usage
from apps.accounts.tests.factories import make_key, make_user
from apps.core.tasks import sweep_outbox
from apps.notifications.models import Delivery
from apps.notifications.services import sending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return make_user(email="awa@exemple.cm")


def told() -> list[str]:
    """Subjects of the mails since the last question."""
    sweep_outbox()
    sending.sweep_deliveries(at=timezone.now())
    subjects = [str(message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return subjects


def test_quotas_are_told_at_half_at_four_fifths_and_at_their_end(user: User) -> None:
    at = timezone.now()

    def use(units: int) -> list[str]:
        field = f"{timezone.localdate(at)}|{user.pk}||resource|"
        add_usage(batch_id=uuid.uuid4(), counts={f"{field}c": units, f"{field}u": units}, at=at)
        return told()

    assert use(499) == []
    for units, words in ((1, "50"), (300, "80"), (200, "Tous vos appels")):
        (subject,) = use(units)
        assert words in subject
    assert use(1) == []


def test_links_are_forgotten_once_they_left_and_people_once_they_are_gone(user: User) -> None:
    make_key(user)
    told()
    delivery = Delivery.objects.get(message="key_created")
    assert (delivery.address, delivery.context) == ("awa@exemple.cm", {})
    sending.say_farewell(user_id=user.pk, email="awa@exemple.cm", language="fr", at=timezone.now())
    assert list(Delivery.objects.values_list("message", flat=True)) == ["account_deleted"]
    assert len(told()) == 1
    assert sending.prune_deliveries(at=timezone.now()) == 1
