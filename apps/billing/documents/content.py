"""What a document says, word by word, in one language. Drawing adds nothing to it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.billing.check_codes import grouped
from apps.billing.choices import InvoiceState, ProviderCode
from apps.billing.documents.words import in_words
from apps.billing.models import CreditNote, Invoice, InvoiceLine
from apps.core.money import format_xaf
from apps.core.numbers import decimal_mark, group_thousands

NBSP = "\u00a0"
# A postal address has so many lines; whoever typed more gets them behind each other.
ADDRESS_LINES_MAX = 6


@dataclass(frozen=True)
class Row:
    """A line of the table; amounts in whole francs, as printed."""

    description: str
    detail: str
    quantity: str
    unit_net: str
    rate: str
    net: str
    total: str


@dataclass(frozen=True)
class Party:
    """Who sells or buys: a heading, a name, and lines below it."""

    heading: str
    name: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Check:
    """How anybody can ask whether the document is real."""

    url: str
    code: str
    invitation: str


@dataclass(frozen=True)
class Sheet:
    """A whole document. `sums` are (label, amount, whether it is the one that counts)."""

    language: str
    title: str
    number: str
    facts: Sequence[tuple[str, str]]
    seller: Party
    buyer: Party
    head: Sequence[str]
    rows: Sequence[Row]
    sums: Sequence[tuple[str, str, bool]]
    in_words: str
    notes: Sequence[tuple[str, str]]
    footer: Sequence[str]
    page_words: str
    watermark: str = ""
    check: Check | None = None


def invoice_sheet(invoice: Invoice, language: str) -> Sheet:
    """An invoice, or the pro forma that it still is. Reads the invoice's lines."""
    with translation.override(language):
        is_issued = invoice.state == InvoiceState.PAID
        rate = _rate(invoice.vat_basis_points)
        sums = [*_taxed(invoice.net, invoice.vat, rate), (_("Total TTC"), _xaf(invoice.total), not invoice.credit_used)]
        if invoice.credit_used:
            sums.append((_("Avoir employé"), _xaf(-invoice.credit_used), False))
            sums.append((_("Montant réglé") if is_issued else _("Net à payer"), _xaf(invoice.amount_due), True))
        return Sheet(
            language=language,
            title=_("Facture") if is_issued else _("Facture pro forma"),
            number=invoice.number or invoice.pro_forma_number,
            facts=_facts(invoice),
            seller=_seller(invoice.seller),
            buyer=_buyer(invoice.buyer),
            head=_head(),
            rows=[_row(line, language, rate) for line in invoice.lines.all()],
            sums=sums,
            in_words=_arrested(invoice.total, is_issued=is_issued),
            notes=[*_tax_note(invoice), *(_payment_note(invoice.paid_with) if is_issued else _to_pay_note(invoice))],
            footer=_footer(invoice.seller),
            page_words=_("Page"),
            watermark=_watermark(is_issued=is_issued, livemode=invoice.livemode),
            check=_check(invoice),
        )


def credit_note_sheet(note: CreditNote, language: str) -> Sheet:
    """A credit note: what is taken back of an invoice, whose parties it repeats."""
    with translation.override(language):
        invoice = note.invoice
        rate = _rate(invoice.vat_basis_points)
        amounts = {"net": group_thousands(note.net, nbsp=NBSP), "total": group_thousands(note.total, nbsp=NBSP)}
        description = _("Avoir sur la facture %(number)s") % {"number": invoice.number}
        return Sheet(
            language=language,
            title=_("Avoir"),
            number=note.number,
            facts=[
                (_("Date d’émission"), _day(note.issued_at)),
                (_("Facture corrigée"), str(invoice.number)),
                (_("Émise le"), _day(invoice.issued_at)),
            ],
            seller=_seller(invoice.seller),
            buyer=_buyer(invoice.buyer),
            head=_head(),
            rows=[Row(description, note.reason, "1", amounts["net"], rate, amounts["net"], amounts["total"])],
            sums=[*_taxed(note.net, note.vat, rate), (_("Total de l’avoir TTC"), _xaf(note.total), True)],
            in_words=_("Arrêté le présent avoir à la somme de %(words)s francs CFA, toutes taxes comprises.")
            % {"words": in_words(note.total)},
            notes=[
                *_tax_note(invoice),
                (
                    _("Emploi de l’avoir"),
                    _("Ce montant est porté au crédit de votre compte : il sert à vos prochaines factures ou vous est remboursé."),
                ),
            ],
            footer=_footer(invoice.seller),
            page_words=_("Page"),
            watermark=_watermark(is_issued=True, livemode=note.livemode),
        )


def check_url(code: str) -> str:
    """Where anybody asks whether a receipt is real; the address that the QR code holds."""
    return f"{settings.SITE_URL}/recu/{grouped(code)}"


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    currency = (_("Monnaie"), _("Franc CFA (XAF)"))
    if invoice.issued_at is None:
        return [(_("Établie le"), _day(invoice.created_at)), (_("Valable jusqu’au"), _day(invoice.lapses_at)), currency]
    sold_at = parse_datetime(str(invoice.paid_with.get("at", ""))) or invoice.issued_at
    return [
        (_("Date d’émission"), _day(invoice.issued_at)),
        (_("Date de vente"), _day(sold_at)),
        (_("Pro forma"), invoice.pro_forma_number),
        currency,
    ]


def _seller(seller: Mapping[str, object]) -> Party:
    identity = {name: str(seller.get(name) or "") for name in ("name", "address", "niu", "rccm", "email", "phone")}
    return Party(
        _("Vendeur"),
        _clean(identity["name"]),
        [
            *_address(identity["address"]),
            *_labelled("NIU", identity["niu"]),
            *_labelled("RCCM", identity["rccm"]),
            *filter(None, (_clean(identity["phone"]), _clean(identity["email"]))),
        ],
    )


def _buyer(buyer: Mapping[str, str]) -> Party:
    return Party(
        _("Client"),
        _clean(buyer.get("name", "")),
        [
            *_address(buyer.get("address", "")),
            *_labelled("NIU", buyer.get("niu", "")),
            *_labelled("RCCM", buyer.get("rccm", "")),
            *filter(None, (_clean(buyer.get("email", "")),)),
        ],
    )


def _head() -> list[str]:
    return [_("Désignation"), _("Qté"), _("Prix unitaire HT"), _("TVA"), _("Montant HT"), _("Montant TTC")]


def _row(line: InvoiceLine, language: str, rate: str) -> Row:
    period = ""
    if line.period_start and line.period_end:
        period = _("Du %(start)s au %(end)s") % {"start": _day(line.period_start), "end": _day(line.period_end)}
    net = _francs(line.net)
    description = line.description_en if language == "en" else line.description_fr
    return Row(_clean(description), period, "1", net, rate, net, _francs(line.total))


def _taxed(net: int, vat: int, rate: str) -> list[tuple[str, str, bool]]:
    tax = (_("TVA %(rate)s") % {"rate": rate}, _xaf(vat), False)
    return [(_("Total HT"), _xaf(net), False), *([tax] if rate else [])]


def _tax_note(invoice: Invoice) -> list[tuple[str, str]]:
    if invoice.vat_basis_points:
        return []
    return [(_("Taxe"), _("Exonérée : TVA non applicable, le vendeur n’y est pas assujetti."))]


def _payment_note(paid_with: Mapping[str, str]) -> list[tuple[str, str]]:
    paid_at = parse_datetime(str(paid_with.get("at", "")))
    day = _day(paid_at)
    if paid_with.get("method") == "credit":
        return [(_("Règlement"), _("Réglé le %(day)s par l’avoir du compte.") % {"day": day})]
    method = dict(ProviderCode.choices).get(paid_with.get("method", ""), "")
    details = [
        *_labelled(_("Transaction"), paid_with.get("transaction_id", "")),
        *_labelled(_("Payeur"), paid_with.get("payer", "")),
        *_labelled(_("Référence"), paid_with.get("reference", "")),
    ]
    said = _("Réglé le %(day)s par %(method)s.") % {"day": day, "method": method}
    return [(_("Règlement"), "\n".join([said, *details]))]


def _to_pay_note(invoice: Invoice) -> list[tuple[str, str]]:
    said = _("À régler avant le %(day)s, par MTN MoMo, Orange Money ou virement. La facture est émise dès le paiement reçu.")
    notes = [(_("Règlement"), said % {"day": _day(invoice.lapses_at)})]
    if bank := "\n".join(_address(str(invoice.seller.get("bank") or ""))):
        notes.append((_("Pour un virement"), bank))
    return notes


def _arrested(total: int, *, is_issued: bool) -> str:
    words = {"words": in_words(total)}
    if is_issued:
        return _("Arrêtée la présente facture à la somme de %(words)s francs CFA, toutes taxes comprises.") % words
    return _("Arrêtée la présente facture pro forma à la somme de %(words)s francs CFA, toutes taxes comprises.") % words


def _footer(seller: Mapping[str, object]) -> list[str]:
    """Identity and bank once more: on the last line, where the trade looks for them."""
    niu, rccm = (str(seller.get(name) or "") for name in ("niu", "rccm"))
    identity = [str(seller.get("name") or ""), *_labelled("NIU", niu), *_labelled("RCCM", rccm)]
    bank = _address(str(seller.get("bank") or ""))
    return [" · ".join(filter(None, map(_clean, identity))), *([_("Domiciliation : %(bank)s") % {"bank": ", ".join(bank)}] if bank else [])]


def _watermark(*, is_issued: bool, livemode: bool) -> str:
    if not livemode:
        return _("ESSAI – sans valeur")
    return "" if is_issued else _("PRO FORMA – ne vaut pas facture")


def _check(invoice: Invoice) -> Check | None:
    if not invoice.check_code:
        return None
    invitation = _("Cette facture est-elle authentique ? Scannez le code ou ouvrez cette adresse.")
    return Check(check_url(invoice.check_code), grouped(invoice.check_code), invitation)


def _rate(basis_points: int) -> str:
    """`19,25 %`; empty when no tax applies."""
    if not basis_points:
        return ""
    return f"{decimal_mark(f'{basis_points / 100:g}')}{NBSP}%"


def _xaf(amount: int) -> str:
    return _minus(format_xaf(amount, nbsp=NBSP))


def _francs(amount: int) -> str:
    return _minus(group_thousands(amount, nbsp=NBSP))


def _minus(text: str) -> str:
    """With an en dash, which is as wide as a digit; the font has no sign of its own for less."""
    return text.replace("-", "–", 1) if text.startswith("-") else text


def _day(at: dt.datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y").replace(" ", NBSP) if at is not None else ""


def _labelled(label: str, value: str) -> list[str]:
    """`NIU : M0123…`, or nothing for an empty value."""
    return [_("%(label)s : %(value)s") % {"label": label, "value": _clean(value)}] if value else []


def _address(text: str) -> list[str]:
    lines = [_clean(line) for line in text.splitlines() if line.strip()]
    return [*lines[: ADDRESS_LINES_MAX - 1], *filter(None, (", ".join(lines[ADDRESS_LINES_MAX - 1 :]),))]


def _clean(text: str) -> str:
    """One line without control characters, its accents composed where a letter exists."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in composed).split(" ")).strip()
