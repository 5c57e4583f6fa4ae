"""Workers that are killed wherever they are: nothing is charged twice, given twice or lost."""

from __future__ import annotations

import datetime as dt
import io
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from apps.billing.choices import Operator, PaymentState, ProviderCode
from apps.billing.fake_operator import client as fake_operator_client
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Grant, LedgerEntry, Payment
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import pro_forma
from apps.billing.tests.payers import ledger_sum
from apps.core.clock import now
from apps.core.tests.killed_processes import KilledProcesses

SCALE = 100
PAYMENTS, WORKERS, KILLS = 300, 3, 15
BOUND_S = 300.0
WAITING_MAX = 10

# What befalls a payment, by its number; the rest of them are ordinary.
FAULTS: dict[int, dict[str, Any]] = {
    0: {"scenario": "reset_then_paid"},
    1: {"scenario": "reset_not_received"},
    2: {"scenario": "500_then_paid"},
    3: {"scenario": "html_then_paid"},
    4: {"scenario": "declined"},
    5: {"scenario": "never"},
    6: {"scenario": "unavailable", "endpoint": "*.query", "times": 2},
    7: {"scenario": "false_failure"},
}


def workers(environment: dict[str, str]) -> KilledProcesses:
    """Processes that reconcile, at the scale's speed."""
    return KilledProcesses(
        imports="""
            from apps.billing import tasks
            from apps.billing.services import payments
            from apps.core.clock import now
        """,
        turn="""
            if payments.reconcile(at=now(), limit=3, budget_s=1.0).done:
                busy()
            time.sleep(0.02)  # nothing was due
        """,
        environment={**environment, "PAYMENT_TIME_SCALE": str(SCALE)},
    )


@pytest.fixture
def operator(settings: Any) -> Iterator[FakeOperator]:
    """One whose time runs as fast as ours."""
    settings.PAYMENT_TIME_SCALE = SCALE
    with fake_operator_client.running("--delay", "10", "--time-scale", str(SCALE)) as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running


def one_of_many(number: int, operator: FakeOperator) -> Payment:
    """A payment as `start` leaves it, of a phone of its own; two in five are Orange's."""
    is_orange = number % 5 in {2, 4}
    phone = f"+2376{'9' if is_orange else '7'}{number:07d}"
    if (fault := FAULTS.get(number % 10)) is not None:
        operator.rule(phone=phone, **fault)
    at = now()
    return make_payment(
        invoice=pro_forma(at=at), state=PaymentState.CREATED, at=at, msisdn=phone, submitted_at=None, next_query_at=at,
        expires_at=at + dt.timedelta(minutes=15) / SCALE, provider=ProviderCode.ORANGE_MP if is_orange else ProviderCode.MTN,
        operator=Operator.ORANGE if is_orange else Operator.MTN,
    )  # fmt: skip


def differences(rows: list[Payment], truth: dict[str, dict[str, Any]]) -> list[str]:
    """Payments that are not yet what the operator says they are."""
    found = []
    for payment in rows:
        theirs = truth.get(str(payment.reference)) or truth.get(payment.order_id) or {"status": "absent"}
        ours = payment.state
        fits = {
            "succeeded": ours == PaymentState.SUCCEEDED,
            "failed": ours == PaymentState.FAILED,
        }.get(theirs["status"], ours in {PaymentState.EXPIRED, PaymentState.FAILED})
        if not fits:
            found.append(f"{payment.pk} is {ours}, there {theirs['status']}")
    return found


def truth_of(operator: FakeOperator) -> dict[str, dict[str, Any]]:
    """What the operator believes, by whichever id it knows."""
    return {an_id: row for row in operator.payments() for an_id in (row.get("reference"), row.get("order_id")) if an_id}


@pytest.mark.django_db(transaction=True)
def test_three_hundred_payments_survive_workers_that_are_killed(operator: FakeOperator) -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    began = time.monotonic()
    processes = workers(operator.environment())
    try:
        for _ in range(WORKERS):
            processes.begin()
        made = []
        for number in range(PAYMENTS):
            made.append(one_of_many(number, operator).pk)
            if chance.random() < 0.2:
                processes.kill_one()
            # Who waits nine seconds for his first call is given up: on a slow machine no more come than are taken.
            while Payment.objects.filter(state=PaymentState.CREATED).count() > WAITING_MAX and time.monotonic() - began < BOUND_S:
                time.sleep(0.02)  # until one of them is taken
        # Half of those who never answered find their phones at last.
        undecided = [row["reference"] for row in operator.payments() if row["status"] == "pending"]
        for an_id in undecided[::2]:
            operator.decide(an_id, "succeeded")
        left: list[str] = ["not looked yet"]
        while left and time.monotonic() - began < BOUND_S:
            if len(processes.killed) < KILLS:
                processes.kill_one()
            time.sleep(0.2)  # between two looks at how far they are
            left = differences(list(Payment.objects.filter(pk__in=made)), truth_of(operator))
    finally:
        processes.end()
    assert left == []
    assert len(processes.killed) >= KILLS
    truth = operator.payments()
    assert [row for row in truth if row["debits"] > 1] == []
    rows = list(Payment.objects.filter(pk__in=made))
    succeeded = [payment for payment in rows if payment.state == PaymentState.SUCCEEDED]
    assert len(succeeded) == sum(row["debits"] for row in truth) >= PAYMENTS // 4
    assert Grant.objects.count() == len(succeeded)
    assert ledger_sum() == 0
    clearing = LedgerEntry.objects.filter(account__kind="clearing").values_list("amount", flat=True)
    assert sum(clearing) == 2500 * len(succeeded)
    out = io.StringIO()
    call_command("check_ledger", stdout=out)
    assert "differences=0" in out.getvalue()
    print(f"{time.monotonic() - began:.0f} s, {len(processes.killed)} kills, {Counter(payment.state for payment in rows)}")  # noqa: T201  for the record
