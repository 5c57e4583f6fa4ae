"""Invoices and credit notes as their owner sees them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from apps.accounts.callers import Caller
from apps.billing.check_codes import grouped
from apps.billing.documents.content import check_url
from apps.billing.models import CreditNote, Invoice, InvoiceLine
from apps.core.api.pagination import Keyset
from apps.core.exceptions import NotFound


def own_invoices(caller: Caller) -> QuerySet[Invoice]:
    """Those of a caller, pro formas among them; a key or an application sees those of its own mode.

    :raises AuthenticationRequired: nobody is logged in.
    """
    found = Invoice.objects.filter(user=caller.require_user())
    return found if caller.is_in_person else found.filter(livemode=caller.livemode)


def find_invoice(caller: Caller, invoice_id: uuid.UUID) -> Invoice:
    """One of them, with lines and credit notes. :raises NotFound: there is none, or not for this caller."""
    found = _with_parts(own_invoices(caller)).filter(pk=invoice_id).first()
    if found is None:
        raise NotFound
    return found


def find_credit_note(caller: Caller, credit_note_id: uuid.UUID) -> CreditNote:
    """A credit note on one of them. :raises NotFound: there is none, or not for this caller."""
    found = CreditNote.objects.select_related("invoice").filter(pk=credit_note_id, invoice__in=own_invoices(caller)).first()
    if found is None:
        raise NotFound
    return found


def invoice_page(
    caller: Caller, *, state: str | None, since: dt.datetime | None, until: dt.datetime | None, place: Keyset | None, limit: int
) -> tuple[list[Invoice], Keyset | None, Keyset | None]:
    """A page, newest first, and the places of the next and the previous one. Three statements.

    :param since: of the creation, included.
    :param until: of the creation, excluded.
    """
    found = own_invoices(caller)
    bounds: dict[str, Any] = {"state": state, "created_at__gte": since, "created_at__lt": until}
    found = found.filter(**{name: value for name, value in bounds.items() if value is not None})
    is_backward = place is not None and place.is_backward
    if place is not None:
        side = "gt" if is_backward else "lt"
        after = Q(**{f"created_at__{side}": place.published_at}) | Q(created_at=place.published_at, **{f"pk__{side}": place.id})
        found = found.filter(after)
    order = ("created_at", "pk") if is_backward else ("-created_at", "-pk")
    rows = list(_with_parts(found).order_by(*order)[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    if is_backward:
        rows.reverse()
    if not rows:
        return [], None, None
    has_next, has_previous = (True, has_more) if is_backward else (has_more, place is not None)
    return rows, _place(rows[-1]) if has_next else None, _place(rows[0], is_backward=True) if has_previous else None


def bill_data(invoice: Invoice) -> dict[str, Any]:
    """What is to be paid, or was, in whole francs: what the API says of it wherever it shows it."""
    return {
        "id": str(invoice.pk),
        "number": invoice.number,
        "pro_forma_number": invoice.pro_forma_number,
        "state": str(invoice.state),
        "purpose": str(invoice.purpose),
        "currency": invoice.currency,
        "total": invoice.total,
        "net": invoice.net,
        "vat": invoice.vat,
        "credit_used": invoice.credit_used,
        "amount_due": invoice.amount_due,
        "created_at": invoice.created_at,
        "lapses_at": invoice.lapses_at,
    }


def invoice_data(invoice: Invoice, language: str) -> dict[str, Any]:
    """An invoice as the API shows it. Lines and credit notes are read already."""
    return {
        **bill_data(invoice),
        "livemode": invoice.livemode,
        "vat_rate": f"{invoice.vat_basis_points / 100:.2f}",
        "subscription_id": str(invoice.subscription_id),
        "issued_at": invoice.issued_at,
        "closed_at": invoice.closed_at,
        "seller": {name: invoice.seller.get(name, "") for name in ("name", "address", "niu", "rccm", "email", "phone")},
        "buyer": {name: invoice.buyer.get(name, "") for name in ("name", "address", "niu", "rccm", "email")},
        "lines": [_line_data(line, language) for line in invoice.lines.all()],
        "paid_with": dict(invoice.paid_with) or None,
        "check": {"code": grouped(invoice.check_code), "url": check_url(invoice.check_code)} if invoice.check_code else None,
        "credit_notes": [credit_note_data(note) for note in invoice.credit_notes.all()],
    }


def credit_note_data(note: CreditNote) -> dict[str, Any]:
    """A credit note as the API shows it."""
    return {
        "id": str(note.pk),
        "number": note.number,
        "total": note.total,
        "net": note.net,
        "vat": note.vat,
        "reason": note.reason,
        "issued_at": note.issued_at,
    }


def _line_data(line: InvoiceLine, language: str) -> dict[str, Any]:
    return {
        "description": line.description_en if language == "en" else line.description_fr,
        "total": line.total,
        "net": line.net,
        "vat": line.vat,
        "period_start": line.period_start,
        "period_end": line.period_end,
    }


def _with_parts(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return found.prefetch_related("lines", Prefetch("credit_notes", queryset=CreditNote.objects.order_by("issued_at", "pk")))


def _place(invoice: Invoice, *, is_backward: bool = False) -> Keyset:
    return Keyset(0, invoice.created_at, invoice.pk, is_backward)
