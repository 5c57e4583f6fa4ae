"""A credit note takes back what an invoice said, never more, and becomes credit."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.billing.choices import AccountKind
from apps.billing.exceptions import CreditNoteTooLarge
from apps.billing.models import CreditNote, LedgerTransaction
from apps.billing.selectors.ledger import balance_of, credit_of, trial_balance
from apps.billing.services import credit_notes
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma
from apps.core.models import OutboxEvent


@pytest.mark.django_db
def test_it_works() -> None:
    invoice = issued_invoice()
    note = credit_notes.issue(invoice=invoice, amount=1_000, reason="Fiche fermée", at=AT)
    assert (note.number, note.total, note.net, note.vat) == ("AV-2026-000001", 1_000, 839, 161)
    assert credit_of(invoice.user_id) == 1_000
    assert balance_of(AccountKind.REVENUE) == -(2_096 - 839)
    assert OutboxEvent.objects.get(name="billing.credit_note_issued").payload == {"credit_note_id": str(note.pk)}


@pytest.mark.django_db
def test_never_more_than_the_invoice() -> None:
    invoice = issued_invoice()
    credit_notes.issue(invoice=invoice, amount=2_000, reason="Essai", at=AT)
    with pytest.raises(CreditNoteTooLarge):
        credit_notes.issue(invoice=invoice, amount=501, reason="Essai", at=AT)
    with pytest.raises(CreditNoteTooLarge):
        credit_notes.issue(invoice=pro_forma(), amount=1, reason="Essai", at=AT)
    with pytest.raises(ValueError, match="0"):
        credit_notes.issue(invoice=invoice, amount=0, reason="Essai", at=AT)
    assert CreditNote.objects.count() == 1


@pytest.mark.django_db
def test_a_test_is_numbered_apart() -> None:
    note = credit_notes.issue(invoice=issued_invoice(livemode=False), amount=2_500, reason="Essai", at=AT)
    assert note.number == "TEST-AV-2026-000001"
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
def test_it_stays() -> None:
    credit_notes.issue(invoice=issued_invoice(), amount=2_500, reason="Essai", at=AT)
    for change in ("UPDATE credit_notes SET reason = 'Autre'", "DELETE FROM credit_notes"):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


class NotesOfAWholeInvoice(TestCase):
    """However an invoice is taken back, the notes are the invoice to the franc."""

    @settings(max_examples=25)
    @given(parts=st.lists(st.integers(min_value=1, max_value=4_000), min_size=1, max_size=5))
    def test_they_are_the_invoice(self, parts: list[int]) -> None:
        total = sum(parts) + (-sum(parts)) % 5
        invoice = issued_invoice(totals=(total,))
        left = total - sum(parts)
        for amount in [*parts, *([left] if left else [])]:
            note = credit_notes.issue(invoice=invoice, amount=amount, reason="Essai", at=AT)
            assert note.net >= 0
            assert note.vat >= 0
        notes = CreditNote.objects.filter(invoice=invoice)
        assert (sum(note.net for note in notes), sum(note.vat for note in notes)) == (invoice.net, invoice.vat)
        assert (balance_of(AccountKind.REVENUE), balance_of(AccountKind.VAT)) == (0, 0)
        assert sum(row.amount for row in trial_balance()) == 0
