"""What staff hears of without looking."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.billing.choices import AccountKind, PaymentState, PostingKind, ProviderCode
from apps.billing.models import Payment, ProviderState
from apps.billing.services import alarms
from apps.billing.services.ledger import Leg, post
from apps.billing.tests.factories import make_payment
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Nothing was said before."""
    cache.clear()


def said() -> list[str]:
    return [event.payload["what"] for event in OutboxEvent.objects.filter(name="billing.operator_alarm").order_by("pk")]


def operator(**fields: Any) -> ProviderState:
    return ProviderState.objects.create(provider=ProviderCode.MTN, **fields)


def collected(amount: int, at: dt.datetime) -> Payment:
    payment = make_payment(state=PaymentState.SUCCEEDED, amount=amount, at=at)
    legs = [
        Leg(AccountKind.CLEARING, amount, provider=payment.provider),
        Leg(AccountKind.RECEIVABLE, -amount, user_id=payment.user_id),
    ]
    post(kind=PostingKind.PAYMENT, cause=payment, legs=legs, at=at)
    return payment


def test_it_works() -> None:
    at = timezone.now()
    operator(last_answer_at=at - 30 * MINUTE)
    make_payment(at=at - 29 * MINUTE, last_query_at=at - MINUTE)

    assert alarms.check(at=at) == 1
    assert alarms.check(at=at + 5 * MINUTE) == 0, "said once while it lasts"
    assert said() == ["silent"]
    event = OutboxEvent.objects.get(name="billing.operator_alarm")
    assert (event.payload["provider"], event.payload["since"]) == ("mtn", (at - 30 * MINUTE).isoformat())


def test_an_operator_that_answers_or_is_not_asked_is_not_silent() -> None:
    at = timezone.now()
    state = operator(last_answer_at=at - 2 * MINUTE)
    payment = make_payment(at=at - 29 * MINUTE, last_query_at=at - MINUTE)
    assert alarms.check(at=at) == 0

    ProviderState.objects.filter(pk=state.pk).update(last_answer_at=at - 40 * MINUTE)
    Payment.objects.filter(pk=payment.pk).update(last_query_at=at - 39 * MINUTE)
    assert alarms.check(at=at) == 0


def test_successes_without_any_callback() -> None:
    at = timezone.now()
    operator(last_callback_at=at - 90 * MINUTE)
    for _ in range(alarms.CALLBACKS_EXPECTED):
        make_payment(state=PaymentState.SUCCEEDED, at=at - 5 * MINUTE)

    assert alarms.check(at=at) == 1
    assert said() == ["callbacks"]


def test_a_balance_that_is_not_in_our_books() -> None:
    at = timezone.now()
    collected(5000, at - dt.timedelta(hours=3))
    state = operator(balance=5000, balance_at=at)
    assert alarms.check(at=at) == 0

    ProviderState.objects.filter(pk=state.pk).update(balance=4000)
    waiting = make_payment(amount=1000)
    assert alarms.check(at=at) == 0, "a payment on its way explains it"
    Payment.objects.filter(pk=waiting.pk).update(state=PaymentState.FAILED, finished_at=at - dt.timedelta(hours=2))
    assert alarms.check(at=at) == 1
    assert said() == ["balance"]


def test_a_wallet_that_cannot_pay_its_refunds() -> None:
    at = timezone.now()
    payment = collected(5000, at - dt.timedelta(hours=3))
    payment.refunds.create(amount=3000, created_at=at, state="pending", decided_by=payment.user, requested_by=None, next_query_at=at)
    operator(balance=2000, balance_at=at)

    assert alarms.check(at=at) == 1
    assert said() == ["balance_low"]


def test_balances_are_read_from_operators_that_are_there(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = settings.ORANGE_MP_BASE_URL = settings.ORANGE_WEBPAY_BASE_URL = settings.PAWAPAY_BASE_URL = ""
    assert alarms.read_balances(at=timezone.now()) == 0
    assert not ProviderState.objects.exists()
