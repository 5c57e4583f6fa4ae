"""What the desk for payments shows: found by anything a caller can name, with all that was ever said about one in one list."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.billing.choices import PaymentState, RefundState
from apps.billing.models import CallbackReceipt, Case, Invoice, Payment, PaymentEvent, ProviderCall, Refund
from apps.billing.providers.redaction import redact
from apps.core.phones import InvalidPhone, parse_phone

ROWS_MAX = 500
TERM_MAX = 200


@dataclass(frozen=True)
class Row:
    """One line of a payment's history. `raw`: what was received or sent, without secrets."""

    at: dt.datetime
    kind: str
    title: str
    detail: str = ""
    raw: str = ""
    actor: str = ""


@dataclass(frozen=True)
class Desk:
    """A payment, its refunds, cases and history, oldest first. The booleans: what staff may do now."""

    payment: Payment
    rows: list[Row]
    refunds: list[Refund]
    cases: list[Case]
    left: int
    is_open: bool
    may_send: bool
    may_allow: bool


def find(payments: QuerySet[Payment], term: str) -> QuerySet[Payment]:
    """Payments by phone (any way of writing it), reference, id, order id, transaction, invoice number or e-mail address; exact."""
    term = term.strip().replace("\x00", "")
    if not term:
        return payments
    if len(term) > TERM_MAX:
        return payments.none()
    found = Q(order_id=term.upper()[:20]) | Q(transaction_id=term)
    with contextlib.suppress(ValueError):
        found |= Q(reference=uuid.UUID(term)) | Q(pk=uuid.UUID(term))
    with contextlib.suppress(InvalidPhone):
        found |= Q(msisdn=parse_phone(term))
    if "@" in term:
        found |= Q(user__email__iexact=term)
    numbered = Invoice.objects.filter(Q(number=term.upper()) | Q(pro_forma_number=term.upper()))
    return payments.filter(found | Q(invoice__in=numbered))


def look_at(payment: Payment, *, at: dt.datetime) -> Desk:
    """Everything about a payment, in five statements."""
    events = PaymentEvent.objects.filter(payment=payment).select_related("actor").order_by("-pk")[:ROWS_MAX]
    calls = ProviderCall.objects.filter(Q(payment=payment) | Q(refund__payment=payment)).order_by("-pk")[:ROWS_MAX]
    callbacks = CallbackReceipt.objects.filter(payment=payment).order_by("-pk")[:ROWS_MAX]
    refunds = list(
        Refund.objects.filter(payment=payment).select_related("requested_by", "decided_by", "credit_note").order_by("created_at")
    )
    cases = list(Case.objects.filter(payment=payment).select_related("settled_by").order_by("created_at"))
    rows = [*map(_event, events), *map(_call, calls), *map(_callback, callbacks)]
    in_flight = sum(one.amount for one in refunds if one.state not in {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.REFUSED})
    is_unknown = payment.state == PaymentState.UNKNOWN and not payment.superseded
    return Desk(
        payment=payment, rows=sorted(rows, key=lambda row: row.at), refunds=refunds, cases=cases,
        left=payment.amount - payment.refunded_amount - in_flight if payment.state == PaymentState.SUCCEEDED else 0,
        is_open=payment.state in {PaymentState.PENDING, PaymentState.UNKNOWN},
        may_send=payment.state == PaymentState.CREATED and payment.submitted_at is None,
        may_allow=is_unknown and (payment.mismatch or at >= payment.expires_at),
    )  # fmt: skip


def _event(event: PaymentEvent) -> Row:
    moved = f"{event.from_state} → {event.to_state} " if event.to_state else ""
    return Row(event.at, _("Événement"), f"{moved}{event.cause}".strip(), event.detail, actor=str(event.actor or ""))


def _call(call: ProviderCall) -> Row:
    answer = str(call.http_status) if call.http_status is not None else (call.error or _("sans réponse"))
    took = f" · {(call.ended_at - call.started_at).total_seconds():.1f} s" if call.ended_at else ""
    return Row(call.started_at, _("Appel"), f"{call.get_kind_display()} · {call.method} {call.path}", f"{answer}{took}", raw=call.body)


def _callback(receipt: CallbackReceipt) -> Row:
    headers = json.dumps(receipt.headers, ensure_ascii=False) if receipt.headers else ""
    return Row(receipt.received_at, _("Avis reçu"), f"{receipt.method} {receipt.provider}", headers, raw=redact(bytes(receipt.body)))
