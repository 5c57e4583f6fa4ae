"""Differences in the queue of the staff."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import make_user
from apps.billing.choices import CaseKind
from apps.billing.exceptions import CaseSettled
from apps.billing.models import Case
from apps.billing.services.cases import open_case, settle_case
from apps.billing.tests.factories import make_payment
from apps.core.exceptions import FieldsInvalid
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    at, payment, staff = timezone.now(), make_payment(), make_user(is_staff=True)

    case = open_case(kind=CaseKind.STUCK, payment=payment, detail="rien depuis hier", at=at)
    settled = settle_case(case_id=case.pk, actor=staff, note=" L’opérateur confirme. ", at=at)

    assert (settled.settled_by, settled.settled_at, settled.note) == (staff, at, "L’opérateur confirme.")
    assert OutboxEvent.objects.get(name="billing.case_opened").payload == {"case_id": str(case.pk), "kind": "stuck"}


def test_the_same_difference_is_one_case_until_it_is_settled() -> None:
    at, payment = timezone.now(), make_payment()
    first = open_case(kind=CaseKind.MISMATCH, payment=payment, at=at)

    assert open_case(kind=CaseKind.MISMATCH, payment=payment, at=at) == first
    assert open_case(kind=CaseKind.STUCK, payment=payment, at=at) != first

    settle_case(case_id=first.pk, actor=make_user(), note="vu", at=at)
    assert open_case(kind=CaseKind.MISMATCH, payment=payment, at=at) != first
    assert Case.objects.count() == 3
    assert OutboxEvent.objects.filter(name="billing.case_opened").count() == 3


def test_a_case_is_settled_once_and_with_words() -> None:
    at, staff = timezone.now(), make_user(is_staff=True)
    case = open_case(kind=CaseKind.MISMATCH, payment=make_payment(), at=at)

    with pytest.raises(FieldsInvalid):
        settle_case(case_id=case.pk, actor=staff, note="  ", at=at)
    settle_case(case_id=case.pk, actor=staff, note="remboursé", at=at)
    with pytest.raises(CaseSettled):
        settle_case(case_id=case.pk, actor=make_user(), note="autre", at=at)

    assert Case.objects.get().note == "remboursé"


def test_a_case_is_about_something() -> None:
    with pytest.raises(ValueError, match="about a payment"):
        open_case(kind=CaseKind.STUCK, at=timezone.now())
