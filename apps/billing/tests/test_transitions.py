"""The table of states: each of its rows, and everything that is not in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.billing.choices import PaymentState as S
from apps.billing.models import Payment, PaymentEvent
from apps.billing.services.payments.transitions import TABLE, Stale, Trigger, move, with_fresh, write
from apps.billing.tests.factories import make_payment

pytestmark = pytest.mark.django_db

# Written once more, from the design page: state, trigger, next state.
ROWS = [
    (S.CREATED, Trigger.SUBMIT_ACCEPTED, S.PENDING),
    (S.UNKNOWN, Trigger.SUBMIT_ACCEPTED, S.PENDING),
    (S.CREATED, Trigger.SUBMIT_UNCLEAR, S.UNKNOWN),
    (S.CREATED, Trigger.SUBMIT_REFUSED, S.FAILED),
    (S.CREATED, Trigger.NEVER_SENT, S.EXPIRED),
    (S.PENDING, Trigger.IN_PROGRESS, S.PENDING),
    (S.UNKNOWN, Trigger.IN_PROGRESS, S.PENDING),
    (S.PENDING, Trigger.SUCCESS, S.SUCCEEDED),
    (S.UNKNOWN, Trigger.SUCCESS, S.SUCCEEDED),
    (S.EXPIRED, Trigger.SUCCESS, S.SUCCEEDED),
    (S.FAILED, Trigger.SUCCESS, S.SUCCEEDED),
    (S.PENDING, Trigger.QUERY_FAILED, S.FAILED),
    (S.UNKNOWN, Trigger.QUERY_FAILED, S.FAILED),
    (S.PENDING, Trigger.QUERY_EXPIRED, S.EXPIRED),
    (S.UNKNOWN, Trigger.QUERY_EXPIRED, S.EXPIRED),
    (S.PENDING, Trigger.WINDOW_CLOSED, S.EXPIRED),
    (S.UNKNOWN, Trigger.NEVER_RECEIVED, S.FAILED),
    (S.PENDING, Trigger.MISMATCH, S.UNKNOWN),
    (S.UNKNOWN, Trigger.MISMATCH, S.UNKNOWN),
    (S.EXPIRED, Trigger.MISMATCH, S.UNKNOWN),
    (S.FAILED, Trigger.MISMATCH, S.UNKNOWN),
    (S.PENDING, Trigger.CLOSED_BY_STAFF, S.FAILED),
    (S.UNKNOWN, Trigger.CLOSED_BY_STAFF, S.FAILED),
    (S.SUCCEEDED, Trigger.REFUNDED, S.REFUNDED),
]
ALLOWED = {(source, trigger) for source, trigger, _target in ROWS}
REFUSED = [(source, trigger) for source in S for trigger in Trigger if (source, trigger) not in ALLOWED]


def made(state: S) -> Payment:
    return make_payment(state=state, **({"refunded_amount": 2500} if state == S.REFUNDED else {}))


def test_the_table_is_the_design_pages() -> None:
    assert {(source, trigger, rule.target) for trigger, rule in TABLE.items() for source in rule.sources} == set(ROWS)


@pytest.mark.parametrize(("source", "trigger", "target"), ROWS)
def test_a_move_of_the_table_is_made_and_noted(source: S, trigger: Trigger, target: S) -> None:
    payment, at = made(source), timezone.now()
    fields: Any = {"refunded_amount": payment.amount} if trigger is Trigger.REFUNDED else {}
    assert with_fresh(payment.pk, lambda fresh: move(fresh, trigger, at=at, detail="essai", **fields))
    payment.refresh_from_db()
    assert (payment.state, payment.version) == (target, 2)
    noted = [(row.from_state, row.to_state, row.cause) for row in payment.events.all()]
    expected = [(source, target, trigger.value)] if source != target or trigger is Trigger.MISMATCH else []
    assert noted == expected


@pytest.mark.parametrize(("source", "trigger"), REFUSED)
def test_any_other_move_is_refused_and_noted(source: S, trigger: Trigger) -> None:
    payment, at = made(source), timezone.now()
    assert not with_fresh(payment.pk, lambda fresh: move(fresh, trigger, at=at, reason="declined"))
    payment.refresh_from_db()
    assert (payment.state, payment.version, payment.reason) == (source, 1, "")
    assert list(payment.events.values_list("from_state", "to_state", "cause")) == [(source, "", f"refused:{trigger.value}")]


def test_what_is_frozen_obeys_people_alone() -> None:
    payment = make_payment(state=S.UNKNOWN, mismatch=True)
    at = timezone.now()
    for trigger in set(Trigger) - {Trigger.CLOSED_BY_STAFF}:
        assert not with_fresh(payment.pk, lambda fresh, trigger=trigger: move(fresh, trigger, at=at))  # type: ignore[misc]
    assert with_fresh(payment.pk, lambda fresh: move(fresh, Trigger.CLOSED_BY_STAFF, at=at, reason="canceled"))


def test_who_read_an_older_version_writes_nothing() -> None:
    payment = make_payment()
    first, second = Payment.objects.get(pk=payment.pk), Payment.objects.get(pk=payment.pk)
    assert move(first, Trigger.QUERY_FAILED, at=timezone.now(), reason="declined")
    with pytest.raises(Stale):
        move(second, Trigger.SUCCESS, at=timezone.now())
    with pytest.raises(Stale):
        write(second, next_query_at=None)
    payment.refresh_from_db()
    assert payment.state == S.FAILED
    assert PaymentEvent.objects.filter(payment=payment).count() == 1
