"""A payment that lives against the fake operator, with both clocks moved on together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from apps.billing.choices import Operator, PaymentState
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Case, Grant, Invoice, LedgerEntry, Payment
from apps.billing.services import payments
from apps.billing.tests.issuing import pro_forma
from apps.core.clock import now

PAYS = "653456789"
PAYS_ORANGE = "693456789"
TURNS_MAX = 400


@dataclass
class Life:
    """One payment and its operator. `at` is our time, which the operator's follows."""

    operator: FakeOperator
    payment: Payment
    at: dt.datetime

    @property
    def truth(self) -> dict[str, Any]:
        """What the operator believes; empty when it never heard of the payment."""
        return self.operator.movement(str(self.payment.reference)) or self.operator.movement(self.payment.order_id) or {}

    @property
    def debits(self) -> int:
        """How often it took the payer's money."""
        return int(self.truth.get("debits", 0))

    def step(self) -> bool:
        """Do the next thing, when it is due now."""
        done = payments.advance(payment_id=self.payment.pk, at=self.at)
        self.payment.refresh_from_db()
        return done

    def wait(self, **duration: float) -> None:
        """Let time pass without us."""
        step = dt.timedelta(**duration)
        self.at += step
        self.operator.advance(step.total_seconds())

    def live(self, *, until: PaymentState | None = None, **duration: float) -> None:
        """Let time pass, doing each next thing when it is due; no longer than to a state."""
        end = self.at + dt.timedelta(**duration)
        for _turn in range(TURNS_MAX):
            self.payment.refresh_from_db()
            due = self.payment.next_query_at
            if self.payment.state == until:
                return
            if due is None or due > end:
                break
            if due > self.at:
                self.operator.advance((due - self.at).total_seconds())
                self.at = due
            self.step()
        else:
            raise AssertionError("the schedule does not come to an end")
        self.operator.advance(max((end - self.at).total_seconds(), 0))
        self.at = end

    @property
    def is_given(self) -> bool:
        """Whether the invoice gave what it is for."""
        return Grant.objects.filter(invoice=self.payment.invoice_id).exists()

    def cases(self) -> list[str]:
        """What waits for people."""
        return list(Case.objects.filter(payment=self.payment).values_list("kind", flat=True))


def begin(
    operator: FakeOperator,
    *,
    phone: str = PAYS,
    wallet: Operator | None = None,
    invoice: Invoice | None = None,
    at: dt.datetime | None = None,
) -> Life:
    """Commit a payment of 2,500 francs; nothing is sent yet."""
    at = at or now()
    invoice = invoice or pro_forma(at=at)
    payment = payments.start(invoice_id=invoice.pk, user=invoice.user, operator=wallet, phone=phone, livemode=True, at=at)
    return Life(operator, payment, at)


def ledger_sum() -> int:
    """Of all legs; zero, or the books are wrong."""
    return sum(LedgerEntry.objects.values_list("amount", flat=True))


def clearing_of(provider: str) -> int:
    """What an operator owes us by our books."""
    return sum(LedgerEntry.objects.filter(account__kind="clearing", account__provider=provider).values_list("amount", flat=True))


def check_paid_once(life: Life) -> None:
    """The payer was debited once, we have his money once, and he has what he bought."""
    assert life.payment.state == PaymentState.SUCCEEDED
    assert life.debits == 1
    assert Grant.objects.filter(invoice=life.payment.invoice_id).count() == 1
    assert clearing_of(life.payment.provider) == life.payment.amount
    assert Invoice.objects.get(pk=life.payment.invoice_id).state == "paid"
