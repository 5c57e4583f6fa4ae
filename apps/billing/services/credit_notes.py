"""Corrections of issued invoices."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Sum

from apps.billing.choices import AccountKind, InvoiceState, PostingKind
from apps.billing.events import credit_note_issued
from apps.billing.exceptions import CreditNoteTooLarge
from apps.billing.models import CreditNote, Invoice
from apps.billing.services import ledger
from apps.billing.services.ledger import Leg
from apps.billing.services.numbers import Series, take_number
from apps.billing.vat import split
from apps.core import events


@transaction.atomic
def issue(*, invoice: Invoice, amount: int, reason: str, at: dt.datetime) -> CreditNote:
    """Take back `amount` francs, tax included, of an issued invoice: they become the customer's credit.

    A refund then pays the credit out (`refund_due`, `refund`). Not idempotent: the caller holds what makes it happen once.

    :param reason: printed; in the customer's words.
    :raises CreditNoteTooLarge: more than the invoice has left, or the invoice is not issued.
    :raises ValueError: not a positive amount.
    """
    if amount <= 0:
        raise ValueError(f"a credit note of {amount}")
    # Two notes at once would each see the other's francs as left.
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    before = locked.credit_notes.aggregate(total=Sum("total", default=0), net=Sum("net", default=0), vat=Sum("vat", default=0))
    if locked.state != InvoiceState.PAID or before["total"] + amount > locked.total:
        raise CreditNoteTooLarge
    # The last note takes what is left, so that the notes of a whole invoice are the invoice to the franc.
    net_left, vat_left = locked.net - before["net"], locked.vat - before["vat"]
    net = min(max(split(amount, locked.vat_basis_points).net, amount - vat_left), net_left)
    note = CreditNote(
        invoice=locked,
        total=amount,
        net=net,
        vat=amount - net,
        reason=reason[:255],
        livemode=locked.livemode,
        issued_at=at,
        number=take_number(Series.credit_notes(livemode=locked.livemode), at=at),
    )
    note.save(force_insert=True)
    if note.livemode:
        legs = [
            Leg(AccountKind.REVENUE, note.net),
            Leg(AccountKind.VAT, note.vat),
            Leg(AccountKind.CREDIT, -note.total, user_id=locked.user_id),
        ]
        ledger.post(kind=PostingKind.CREDIT_NOTE, cause=note, legs=legs, at=at)
    events.publish(credit_note_issued, key=note.pk, credit_note_id=str(note.pk))
    return note
