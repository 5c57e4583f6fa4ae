"""The operator of test mode: in this process, without a network, for payments that are not real."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

from apps.billing.choices import CallKind, ProviderCode, Rail, Reason
from apps.billing.providers.port import (
    Balance,
    Callback,
    Charge,
    Hint,
    Journal,
    Prepared,
    RefundOrder,
    Seen,
    Sighting,
    Submission,
    Submitted,
)

# The last digits of a payer's number choose the outcome, as in pawaPay's sandbox; every other number pays at once.
OUTCOMES: dict[str, tuple[Seen, Reason | None, str]] = {
    "3456019": (Seen.FAILED, Reason.PAYER_LIMIT, "PAYER_LIMIT_REACHED"),
    "3456029": (Seen.FAILED, Reason.INVALID_PAYER, "PAYER_NOT_FOUND"),
    "3456039": (Seen.FAILED, Reason.DECLINED, "PAYMENT_NOT_APPROVED"),
    "3456049": (Seen.FAILED, Reason.INSUFFICIENT_FUNDS, "INSUFFICIENT_BALANCE"),
    "3456069": (Seen.FAILED, Reason.PROVIDER_ERROR, "UNSPECIFIED_FAILURE"),
    "3456129": (Seen.IN_PROGRESS, None, ""),
}
WORDS = {Seen.SUCCEEDED: "COMPLETED", Seen.FAILED: "FAILED", Seen.IN_PROGRESS: "PROCESSING"}


class Fake:
    """Knows nothing and forgets nothing: what it says follows from the number alone."""

    code: ClassVar[ProviderCode] = ProviderCode.FAKE
    rail: ClassVar[Rail] = Rail.PUSH
    resubmits: ClassVar[bool] = True

    def __init__(self) -> None:
        self.currency, self.can_refund = "XAF", True

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """There is nothing to prepare."""
        return Prepared(Submitted.ACCEPTED)

    def submit(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """Always accepted."""
        _note(journal, CallKind.SUBMIT, "POST", "/payments", {"status": "ACCEPTED"})
        return Submission(Submitted.ACCEPTED)

    def nudge(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """No phone rings."""
        return Submission(Submitted.UNSENT)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """As the number says."""
        seen, reason, raw = OUTCOMES.get(charge.msisdn[-7:], (Seen.SUCCEEDED, None, ""))
        _note(journal, CallKind.QUERY, "GET", f"/payments/{charge.reference}", {"status": WORDS[seen], "reason": raw})
        return Sighting(
            seen, raw_status=WORDS[seen], reason=reason, raw_reason=raw, reference=str(charge.reference), amount=Decimal(charge.amount),
            currency=charge.currency, payer=charge.msisdn, transaction_id=f"TEST-{charge.reference}" if seen is Seen.SUCCEEDED else "",
        )  # fmt: skip

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """Always accepted."""
        _note(journal, CallKind.REFUND, "POST", "/refunds", {"status": "ACCEPTED"})
        return Submission(Submitted.ACCEPTED)

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        """Always given back."""
        _note(journal, CallKind.REFUND_QUERY, "GET", f"/refunds/{order.reference}", {"status": "COMPLETED"})
        return Sighting(
            Seen.SUCCEEDED, raw_status="COMPLETED", reference=str(order.reference), amount=Decimal(order.amount), currency=order.currency,
            payer=order.msisdn, transaction_id=f"TEST-{order.reference}",
        )  # fmt: skip

    def balance(self, journal: Journal) -> Balance | None:  # noqa: ARG002  the port's names
        """There is no wallet."""
        return None

    def recognises(self, callback: Callback) -> bool:  # noqa: ARG002  the port's names
        """It calls nobody."""
        return False

    def hint(self, callback: Callback) -> Hint:  # noqa: ARG002  the port's names
        """It calls nobody."""
        return Hint()


def _note(journal: Journal, kind: CallKind, method: str, path: str, body: dict[str, Any]) -> None:
    """Timelines of test mode look like real ones."""
    journal.end(journal.begin(kind, method, path), status=200, body=json.dumps(body), error="")
