"""Documents say everything that the law asks for, in both languages, and stay as they were first drawn."""

from __future__ import annotations

import datetime as dt
import hashlib

import pypdfium2
import pytest
from django.db import ProgrammingError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.documents.content import invoice_sheet
from apps.billing.documents.drawing import draw
from apps.billing.documents.words import in_words
from apps.billing.models import Document, Invoice, Seller
from apps.billing.services import buyers, credit_notes, documents
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma
from apps.core.clock import now

NBSP = "\u00a0"


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "\n")
    finally:
        pages.close()


@pytest.fixture
def buyer() -> User:
    user = make_user(name="Awa Ngo")
    buyers.set_identity(
        user=user, name="Épicerie Œuvre & Fils, Mbɔŋ Ɛli", address="Rue Joffre\nBP 12\nDouala", niu="M012345678901A",
        rccm="RC/DLA/2024/B/7", at=AT,
    )  # fmt: skip
    return user


@pytest.fixture
def seller() -> Seller:
    return Seller.objects.create(
        name="Romapi SARL", address="Rue 1.234\nYaoundé", niu="M098765432109Z", rccm="RC/YAE/2026/B/1 du 5 janvier 2026",
        bank="Banque X\nRIB 1", valid_from=AT - dt.timedelta(days=1),
    )  # fmt: skip


def pdf(invoice: Invoice, language: str = "fr") -> str:
    return text_of(documents.invoice_pdf(invoice=invoice, language=language, at=AT))


@pytest.mark.django_db
@pytest.mark.usefixtures("seller")
def test_it_works(buyer: User) -> None:
    invoice = issued_invoice(user=buyer, totals=(25_000,))
    text = pdf(invoice)
    for mention in (
        "Facture", str(invoice.number), "Romapi SARL", "Yaoundé", "NIU : M098765432109Z", "RCCM : RC/YAE/2026/B/1 du 5 janvier 2026",
        "Domiciliation : Banque X, RIB 1", "Épicerie Œuvre & Fils, Mbɔŋ Ɛli", "BP 12", "NIU : M012345678901A", "RCCM : RC/DLA/2024/B/7",
        f"26{NBSP}novembre{NBSP}2026", "Fiche premium, 1 mois", "Prix unitaire HT", f"20{NBSP}964", f"TVA 19,25{NBSP}%",
        f"4{NBSP}036{NBSP}F{NBSP}CFA", f"25{NBSP}000{NBSP}F{NBSP}CFA", "vingt-cinq mille francs CFA", "Franc CFA (XAF)", "MTN MoMo",
        str(invoice.paid_with["transaction_id"]), str(invoice.paid_with["reference"]), "+237 6•• ••• 111",
    ):  # fmt: skip
        # The reader of PDF gives no-break spaces as plain ones.
        assert mention.replace(NBSP, " ") in text.replace(NBSP, " "), mention
    assert "PRO FORMA" not in text
    assert "\ufffd" not in text


@pytest.mark.django_db
def test_it_speaks_english(buyer: User) -> None:
    text = pdf(issued_invoice(user=buyer, totals=(25_000,)), "en").replace(NBSP, " ")
    for mention in ("Invoice", "26 November 2026", "Premium listing, month 1", "VAT 19.25 %", "25,000 F CFA", "twenty-five thousand"):
        assert mention in text, mention
    assert "Facture" not in text


@pytest.mark.django_db
def test_a_pro_forma_says_that_it_is_no_invoice(buyer: User) -> None:
    invoice = pro_forma(user=buyer)
    text = pdf(invoice)
    assert "PRO FORMA – ne vaut pas facture" in text
    assert invoice.pro_forma_number in text
    assert "/recu/" not in text
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_an_exemption_is_mentioned(buyer: User) -> None:
    Seller.objects.create(name="Petite SARL", address="Bafoussam", is_vat_applied=False, valid_from=AT - dt.timedelta(days=1))
    text = pdf(issued_invoice(user=buyer))
    assert "Exonérée" in text
    assert "19,25" not in text


@pytest.mark.django_db
def test_a_test_says_that_it_is_worth_nothing(buyer: User) -> None:
    assert "ESSAI – sans valeur" in pdf(issued_invoice(user=buyer, livemode=False))


@pytest.mark.django_db
def test_a_credit_note_names_its_invoice(buyer: User) -> None:
    invoice = issued_invoice(user=buyer)
    note = credit_notes.issue(invoice=invoice, amount=1_000, reason="Fiche fermée", at=AT)
    text = text_of(documents.credit_note_pdf(note=note, language="fr", at=AT)).replace(NBSP, " ")
    for mention in ("Avoir", "AV-2026-000001", str(invoice.number), "Fiche fermée", "1 000 F CFA", "mille francs CFA", "Épicerie Œuvre"):
        assert mention in text, mention


@pytest.mark.django_db
def test_it_is_kept_as_it_was_drawn_first(buyer: User) -> None:
    invoice = issued_invoice(user=buyer)
    documents.make_invoice_documents(invoice_id=invoice.pk, at=AT)
    documents.make_invoice_documents(invoice_id=invoice.pk, at=now())
    kept = Document.objects.get(invoice=invoice, language="fr")
    assert Document.objects.count() == 2
    assert (kept.created_at, kept.sha256) == (AT, hashlib.sha256(bytes(kept.content)).hexdigest())
    assert documents.invoice_pdf(invoice=invoice, language="fr", at=now()) == bytes(kept.content)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Document.objects.update(content=b"")


@pytest.mark.django_db
def test_the_same_sheet_gives_the_same_bytes(buyer: User) -> None:
    invoice = issued_invoice(user=buyer)
    drawn = [draw(invoice_sheet(invoice, "fr")) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.django_db
def test_names_that_are_markup_or_endless_are_only_names(buyer: User) -> None:
    address = "\n".join(f"ligne {number}" for number in range(60))
    buyers.set_identity(user=buyer, name="<b>Gras</b> & <img src=x> " + "W" * 150, address=address[:500], at=AT)
    text = pdf(issued_invoice(user=buyer, totals=(2_500,) * 40))
    assert "<b>Gras</b> & <img src=x>" in text
    assert "Page 4/4" in text


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (0, "zéro", "zero"),
        (21, "vingt et un", "twenty-one"),
        (71, "soixante et onze", "seventy-one"),
        (80, "quatre-vingts", "eighty"),
        (81, "quatre-vingt-un", "eighty-one"),
        (91, "quatre-vingt-onze", "ninety-one"),
        (100, "cent", "one hundred"),
        (200, "deux cents", "two hundred"),
        (201, "deux cent un", "two hundred and one"),
        (1_000, "mille", "one thousand"),
        (1_001, "mille un", "one thousand and one"),
        (2_500, "deux mille cinq cents", "two thousand five hundred"),
        (80_000, "quatre-vingt mille", "eighty thousand"),
        (200_000, "deux cent mille", "two hundred thousand"),
        (75_000, "soixante-quinze mille", "seventy-five thousand"),
        (500_000, "cinq cent mille", "five hundred thousand"),
        (1_280_080, "un million deux cent quatre-vingt mille quatre-vingts", "one million two hundred and eighty thousand and eighty"),
        (200_000_000, "deux cents millions", "two hundred million"),
    ],
)
def test_amounts_in_words(amount: int, french: str, english: str) -> None:
    with translation.override("fr"):
        assert in_words(amount) == french
    with translation.override("en"):
        assert in_words(amount) == english


@given(numbers=st.tuples(st.integers(0, 999_999_999_999), st.integers(0, 999_999_999_999)))
def test_no_two_amounts_have_the_same_words(numbers: tuple[int, int]) -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            assert (in_words(numbers[0]) == in_words(numbers[1])) == (numbers[0] == numbers[1])
