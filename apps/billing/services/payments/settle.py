"""What a success gives: the state, the invoice with its postings, the rights and the news, all in one transaction or not at all."""

from __future__ import annotations

import datetime as dt

from apps.billing import events
from apps.billing.choices import CaseKind, PaymentState
from apps.billing.models import Payment
from apps.billing.services import cases, grants, invoices
from apps.billing.services.payments.transitions import Trigger, move
from apps.core.events import publish


def succeed(payment: Payment, *, transaction_id: str, at: dt.datetime, payer_differs: bool = False) -> bool:
    """The money of a payment has arrived, once. In the caller's transaction (`with_fresh`).

    A success after our own end is money all the same: it pays the invoice and gives from now on. An invoice that is paid already
    turns it into customer credit, and a person decides what to give back. False: the payment is in no state to succeed.

    :param transaction_id: the operator's; no other payment has it.
    :raises Stale: somebody else changed the payment.
    """
    late = payment.state in {PaymentState.EXPIRED, PaymentState.FAILED}
    # `leased_until` and the next query are left to the caller, whose swap comes in the same transaction.
    moved = move(
        payment, Trigger.SUCCESS, at=at, detail=transaction_id, transaction_id=transaction_id, late_success=late,
        payer_differs=payer_differs, reason="", raw_reason="", next_query_at=None,
    )  # fmt: skip
    if not moved:
        return False
    settlement = invoices.settle_invoice(invoice_id=payment.invoice_id, payment=payment, at=at)
    if settlement.is_issued and grants.grant(invoice=settlement.invoice, at=at) is not None:
        news = {"payment_id": str(payment.pk), "invoice_id": str(payment.invoice_id), "late": late}
        publish(events.payment_succeeded, key=payment.pk, **news)
    else:
        publish(events.payment_surplus, key=payment.pk, payment_id=str(payment.pk))
        # The same case, when a grant found somebody else's subscription and opened it.
        cases.open_case(kind=CaseKind.LATE_DUPLICATE, payment=payment, at=at)
    return True
