"""What staff and customers are told about money: each once, in their language."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import CaseKind
from apps.billing.models import TransferProof
from apps.billing.services.cases import open_case
from apps.billing.tests.factories import make_invoice, make_payment
from apps.notifications import telling_staff
from apps.notifications.models import Delivery

pytestmark = pytest.mark.django_db


def desk(language: str) -> User:
    user = make_user(is_staff=True, language=language)
    user.user_permissions.add(Permission.objects.get(codename="act_on_payment"))
    return user


def test_it_works(settings: Any) -> None:
    at, french, english = timezone.now(), desk("fr"), desk("en")
    make_user(is_staff=True)
    for _ in range(2):
        telling_staff.tell_operator_alarm(provider="mtn", what="silent", detail="", since=at.isoformat(), at=at)

    told = {delivery.address: delivery.language for delivery in Delivery.objects.filter(message="operator_alarm")}
    assert told == {french.email: "fr", english.email: "en", settings.CONTACT_EMAIL: "fr"}
    assert Delivery.objects.count() == 3


def test_many_differences_are_one_message_an_hour(settings: Any) -> None:
    at = timezone.now()
    for _ in range(3):
        telling_staff.tell_case(case_id=open_case(kind=CaseKind.STUCK, payment=make_payment(), at=at).pk, at=at)
    telling_staff.tell_case(case_id=uuid.uuid4(), at=at)
    assert [delivery.address for delivery in Delivery.objects.filter(message="billing_case")] == [settings.CONTACT_EMAIL]


def test_a_refused_transfer_is_told_to_its_sender() -> None:
    at, invoice = timezone.now(), make_invoice()
    proof = TransferProof.objects.create(
        invoice=invoice, bank_reference="VIR 77", amount=2500, sent_by=invoice.user, created_at=at, refused_at=at, refusal="Illisible"
    )
    telling_staff.tell_transfer_refused(proof_id=proof.pk, at=at)
    assert Delivery.objects.get(message="transfer_refused").address == invoice.user.email
