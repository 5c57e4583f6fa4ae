"""Documents are drawn once, when they are issued, and kept as they were."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from django.conf import settings
from django.db import transaction

from apps.billing.choices import InvoiceState
from apps.billing.documents.content import Sheet, credit_note_sheet, invoice_sheet
from apps.billing.documents.drawing import draw
from apps.billing.models import CreditNote, Document, Invoice

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


def invoice_pdf(*, invoice: Invoice, language: str, at: dt.datetime) -> bytes:
    """The PDF of an invoice: as it was first drawn, or drawn and kept now. A pro forma is drawn each time."""
    if invoice.state != InvoiceState.PAID:
        return draw(invoice_sheet(invoice, language))
    kept = Document.objects.filter(invoice=invoice, language=language).first()
    return bytes((kept or _keep(invoice_sheet(invoice, language), Document(invoice=invoice), at)).content)


def credit_note_pdf(*, note: CreditNote, language: str, at: dt.datetime) -> bytes:
    """The PDF of a credit note: as it was first drawn, or drawn and kept now."""
    kept = Document.objects.filter(credit_note=note, language=language).first()
    return bytes((kept or _keep(credit_note_sheet(note, language), Document(credit_note=note), at)).content)


def make_invoice_documents(*, invoice_id: uuid.UUID, at: dt.datetime) -> None:
    """Draw an issued invoice in every language, unless that was done."""
    invoice = Invoice.objects.get(pk=invoice_id)
    for language in LANGUAGES:
        invoice_pdf(invoice=invoice, language=language, at=at)


def make_credit_note_documents(*, credit_note_id: uuid.UUID, at: dt.datetime) -> None:
    """Draw a credit note in every language, unless that was done."""
    note = CreditNote.objects.select_related("invoice").get(pk=credit_note_id)
    for language in LANGUAGES:
        credit_note_pdf(note=note, language=language, at=at)


@transaction.atomic
def _keep(sheet: Sheet, row: Document, at: dt.datetime) -> Document:
    """Of two who draw at the same time the first is kept, and both hand out its bytes."""
    row.language, row.content, row.created_at = sheet.language, draw(sheet), at
    row.sha256 = hashlib.sha256(row.content).hexdigest()
    Document.objects.bulk_create([row], ignore_conflicts=True)
    return Document.objects.get(invoice=row.invoice, credit_note=row.credit_note, language=row.language)
