"""An operator at the port with a truth of its own: what it received, what it decided, and how often it took anybody's money."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from apps.billing.choices import CallKind, Reason
from apps.billing.providers.port import Charge, Journal, RefundOrder, Seen, Sighting, Submission, Submitted
from apps.billing.tests.scripted_provider import ScriptedProvider

# What becomes of the next submit, and what its payer does.
FATES = ("pays", "pays", "pays", "declines", "never", "answer_lost", "request_lost", "says_no_then_pays")


@dataclass
class Known:
    """A payment that arrived."""

    amount: int
    fate: str
    status: Seen = Seen.IN_PROGRESS
    debits: int = 0
    queries: int = 0

    def pay(self) -> None:
        """The payer's money is gone."""
        if not self.debits:
            self.debits = 1
        self.status = Seen.SUCCEEDED


@dataclass
class BelievingOperator(ScriptedProvider):
    """Refuses doubles by reference, as MTN and pawaPay do. `fate` is that of the next submit."""

    can_refund: bool = True
    fate: str = "pays"
    known: dict[str, Known] = field(default_factory=dict)
    paid_out: dict[str, int] = field(default_factory=dict)

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """As its fate says; a reference that is known is a duplicate."""
        call = journal.begin(CallKind.SUBMIT, "POST", "/submit")
        is_lost = self.fate in {"answer_lost", "request_lost"}
        is_new = str(charge.reference) not in self.known
        if is_new and self.fate != "request_lost":
            self.known[str(charge.reference)] = Known(charge.amount, self.fate)
        if is_lost:
            self.fate = "pays"
        journal.end(call, status=None if is_lost else 202, body="", error="too_slow" if is_lost else "")
        if is_lost:
            return Submission(Submitted.UNCLEAR)
        return Submission(Submitted.ACCEPTED if is_new else Submitted.DUPLICATE)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """The truth, which payers may have changed since it was last asked for."""
        call = journal.begin(CallKind.QUERY, "GET", "/query")
        journal.end(call, status=200, body="", error="")
        one = self.known.get(str(charge.reference))
        if one is None:
            return Sighting(Seen.NOT_FOUND)
        one.queries += 1
        if one.fate in {"pays", "answer_lost"}:
            one.pay()
        elif one.fate == "declines":
            one.status = Seen.FAILED
        elif one.fate == "says_no_then_pays":
            one.status = Seen.FAILED
            if one.queries > 1:
                one.pay()
        reason = Reason.DECLINED if one.status is Seen.FAILED else None
        return Sighting(
            one.status, reason=reason, reference=str(charge.reference), amount=Decimal(one.amount), currency="XAF",
            transaction_id=f"T{charge.order_id}" if one.status is Seen.SUCCEEDED else "",
        )  # fmt: skip

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:
        """Pays out, once a reference."""
        call = journal.begin(CallKind.REFUND, "POST", "/refund")
        journal.end(call, status=202, body="", error="")
        is_new = str(order.reference) not in self.paid_out
        self.paid_out.setdefault(str(order.reference), order.amount)
        return Submission(Submitted.ACCEPTED if is_new else Submitted.DUPLICATE)

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        """It is paid out."""
        call = journal.begin(CallKind.REFUND_QUERY, "GET", "/refund")
        journal.end(call, status=200, body="", error="")
        return Sighting(
            Seen.SUCCEEDED,
            reference=str(order.reference),
            amount=Decimal(order.amount),
            currency="XAF",
            transaction_id=f"R{order.reference.hex[:12]}",
        )

    @property
    def holds(self) -> int:
        """Francs that it took for us and did not pay back."""
        return sum(one.amount for one in self.known.values() if one.debits) - sum(self.paid_out.values())


WAITS = (dt.timedelta(seconds=20), dt.timedelta(minutes=6), dt.timedelta(minutes=20), dt.timedelta(days=1), dt.timedelta(days=8))
