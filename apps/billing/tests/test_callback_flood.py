"""Ten thousand callbacks for fifty payments: every payment ends right, and the operator is hardly asked more than without them."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter

import pytest
from django.test import Client

from apps.billing.choices import Operator, PaymentState, ProviderCode
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import CallbackReceipt, Payment, ProviderCall
from apps.billing.providers.port import Callback
from apps.billing.services import callbacks, payments
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import pro_forma
from apps.billing.tests.payers import ledger_sum
from apps.core.clock import now

PAYMENTS, REQUESTS, OVER_HTTP = 50, 10_000, 300
ROUNDS = 5


def body_of(payment: Payment, chance: random.Random) -> bytes:
    """What an operator, an impatient one, a liar or a broken one sends."""
    said = {"externalId": str(payment.reference), "status": chance.choice(["SUCCESSFUL", "FAILED", "PENDING"]), "amount": "1"}
    return chance.choice([json.dumps(said).encode(), b"", b"<html>", b"\xff\x00", json.dumps({**said, "n": chance.random()}).encode()])


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_callbacks_changes_nothing_but_the_hour(client: Client, fake_operator: FakeOperator) -> None:
    chance = random.Random(3)  # noqa: S311  no secret
    fake_operator.scenario("never")
    at = now()
    rows = [
        make_payment(
            invoice=pro_forma(at=at), state=PaymentState.CREATED, at=at, msisdn=f"+23767{number:07d}", submitted_at=None, next_query_at=at,
            provider=ProviderCode.MTN, operator=Operator.MTN,
        )
        for number in range(PAYMENTS)
    ]  # fmt: skip
    for payment in rows:
        payments.advance(payment_id=payment.pk, at=at)
    for number, payment in enumerate(rows):
        fake_operator.decide(str(payment.reference), "failed" if number % 5 == 0 else "succeeded")
    asked_before = ProviderCall.objects.filter(kind="query").count()
    for number in range(REQUESTS):
        payment = chance.choice(rows)
        token = payment.callback_token if chance.random() < 0.9 else f"invente-{number}"
        body = body_of(payment, chance)
        if number < OVER_HTTP:
            answer = client.post(f"/api/payments/webhooks/mtn/{token}", body, content_type="application/json")
            assert (answer.status_code, answer.content) == (200, b"")
        else:
            callbacks.receive(token=token, provider="mtn", callback=Callback("POST", "/", body), providers=[], at=at)
    assert CallbackReceipt.objects.filter(payment__isnull=False).count() <= PAYMENTS * 20
    for step in range(ROUNDS):
        payments.reconcile(at=at + dt.timedelta(seconds=20 * (step + 1)))
    asked = Counter(ProviderCall.objects.filter(kind="query").values_list("payment", flat=True))
    assert sum(asked.values()) > asked_before
    assert max(asked.values()) <= ROUNDS + 1
    states = Counter(Payment.objects.values_list("state", flat=True))
    assert states == {PaymentState.SUCCEEDED: PAYMENTS * 4 // 5, PaymentState.FAILED: PAYMENTS // 5}
    assert {row["debits"] for row in fake_operator.payments()} == {0, 1}
    assert ledger_sum() == 0
