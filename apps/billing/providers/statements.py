"""Statements of operators: how each lays its columns out, read row by row without keeping any.

Portals change their headings: each field has every heading that we have seen. To add one, write it here.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from apps.billing.choices import ProviderCode
from apps.core.phones import InvalidPhone, parse_phone

DOUALA = ZoneInfo("Africa/Douala")
# Titles and addresses that portals write above the headings.
PREAMBLE_MAX = 30
DELIMITERS = (";", ",", "\t")
TEXT_MAX, AMOUNT_MAX = 100, 10**12
RAW_MAX = 4000
DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y",
)  # fmt: skip
# Thousands in groups, or digits alone; decimals only when they are zeros: francs have none.
_GROUPED = re.compile(r"([+-]?)(\d{1,3}(?:[ .,]\d{3})+)(?:[.,]0{1,2})?")
_PLAIN = re.compile(r"([+-]?)(\d+)(?:[.,]0+)?")

PAYMENT, REFUND, SETTLEMENT, FEE, OTHER = "payment", "refund", "settlement", "fee", "other"
_DONE = frozenset(
    {"", "success", "successful", "succes", "succeeded", "completed", "complete", "ok", "reussi", "reussie", "termine", "terminee", "200"}
)


class NotAStatement(Exception):
    """No row of the file has the headings of this operator's statements."""


class BadField(Exception):
    """A field cannot be what it says; the argument names it."""


@dataclass(frozen=True)
class Movement:
    """A movement as the operator states it. `amount` and `fee` are whole francs, never negative; `kind` says which way."""

    line: int
    kind: str
    transaction_id: str
    external_id: str
    msisdn: str
    amount: int
    fee: int
    balance: int | None
    at: dt.datetime
    raw: dict[str, str]


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read: its line in the file, and which field is wrong."""

    line: int
    field: str


@dataclass(frozen=True)
class Skipped:
    """A movement that did not take place: failed or cancelled at the operator's."""

    line: int


@dataclass(frozen=True)
class Layout:
    """Headings and words of an operator, in lower case without accents."""

    columns: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    # What a row without a kind is: by default what came in is a payment and what went out a refund.
    in_kind: str = PAYMENT
    out_kind: str = REFUND
    done: frozenset[str] = field(default=_DONE)


_KINDS = {
    "payment": PAYMENT, "payments": PAYMENT, "paiement": PAYMENT, "paiement marchand": PAYMENT, "merchant payment": PAYMENT,
    "requesttopay": PAYMENT, "request to pay": PAYMENT, "collection": PAYMENT, "web payment": PAYMENT, "mp": PAYMENT, "deposit": PAYMENT,
    "refund": REFUND, "remboursement": REFUND, "reversal": REFUND, "annulation": REFUND,
    "settlement": SETTLEMENT, "bank transfer": SETTLEMENT, "virement": SETTLEMENT, "virement bancaire": SETTLEMENT,
    "withdrawal": SETTLEMENT, "sweep": SETTLEMENT, "versement banque": SETTLEMENT,
    "fee": FEE, "fees": FEE, "frais": FEE, "commission": FEE,
}  # fmt: skip

MTN = Layout(
    columns={
        "transaction_id": ("financial transaction id", "financialtransactionid", "transaction id", "id"),
        "external_id": ("external id", "externalid", "external transaction id", "reference"),
        "at": ("date", "transaction date", "initiated at", "completed at"),
        "time": ("time",),
        "kind": ("type", "transaction type"),
        "msisdn": ("from", "from msisdn", "payer", "payer msisdn", "msisdn", "initiator"),
        "amount": ("amount", "montant"),
        "fee": ("fee", "fees", "frais", "commission"),
        "balance": ("balance", "closing balance", "balance after", "solde"),
        "status": ("status", "transaction status", "statut"),
    },
    kinds=_KINDS,
)
ORANGE = Layout(
    columns={
        "transaction_id": ("reference", "txnid", "transaction", "numero de transaction", "id transaction"),
        "external_id": ("order id", "orderid", "numero de commande", "reference externe", "txnmode"),
        "at": ("date", "date operation", "date de l'operation"),
        "time": ("heure", "time"),
        "kind": ("service", "type", "type d'operation", "operation"),
        "msisdn": ("numero client", "msisdn", "correspondant", "no client", "payeur"),
        "amount": ("montant", "amount"),
        "credit": ("credit",),
        "debit": ("debit",),
        "fee": ("commission", "frais", "fees"),
        "balance": ("solde", "balance", "nouveau solde"),
        "status": ("statut", "status", "etat"),
    },
    kinds=_KINDS,
)
LAYOUTS: dict[ProviderCode, Layout] = {
    ProviderCode.MTN: MTN,
    ProviderCode.ORANGE_MP: ORANGE,
    ProviderCode.ORANGE_WEB: ORANGE,
    ProviderCode.PAWAPAY: MTN,
}


def read(lines: Iterable[str], layout: Layout) -> Iterator[Movement | BadRow | Skipped]:
    """The movements of a statement, one by one, with the rows that are none.

    :raises NotAStatement: no headings among the first `PREAMBLE_MAX` lines.
    """
    lines = iter(lines)
    head = list(itertools.islice(lines, PREAMBLE_MAX))
    delimiter, start, columns = _find_headings(head, layout)
    reader = csv.reader(itertools.chain(head[start + 1 :], lines), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadRow(start + 1 + reader.line_num, "row")
            continue
        if not any(cell.strip() for cell in row):
            continue
        line = start + 1 + reader.line_num
        try:
            yield _movement(row, columns, layout, line)
        except BadField as error:
            yield BadRow(line, str(error))


def plain(text: str) -> str:
    """Lower case, without accents and doubled spaces, as the layouts write headings and words."""
    stripped = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(stripped.replace("’", "'").replace("°", "o").replace("_", " ").lower().split())


def _find_headings(head: list[str], layout: Layout) -> tuple[str, int, dict[str, int]]:
    for start, line in enumerate(head):
        for delimiter in DELIMITERS:
            try:
                cells = [plain(cell.lstrip("\ufeff")) for cell in next(csv.reader([line], delimiter=delimiter), [])]
            except csv.Error:
                continue
            columns = {
                name: next(cells.index(heading) for heading in headings if heading in cells)
                for name, headings in layout.columns.items()
                if any(heading in cells for heading in headings)
            }
            if {"transaction_id", "at"} <= columns.keys() and columns.keys() & {"amount", "credit", "debit"}:
                return delimiter, start, columns
    raise NotAStatement


def _movement(row: list[str], columns: Mapping[str, int], layout: Layout, line: int) -> Movement | Skipped:
    def cell(name: str) -> str:
        place = columns.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    if "\x00" in "".join(row):
        raise BadField("row")
    if len(row) <= max(columns["transaction_id"], columns["at"]):
        raise BadField("columns")
    if plain(cell("status")) not in layout.done:
        return Skipped(line)
    transaction_id = cell("transaction_id")
    if not transaction_id or len(transaction_id) > TEXT_MAX:
        raise BadField("transaction_id")
    amount = _signed_amount(cell)
    word = plain(cell("kind"))
    kind = layout.kinds.get(word, OTHER) if word else (layout.in_kind if amount >= 0 else layout.out_kind)
    balance = cell("balance")
    return Movement(
        line=line, kind=kind, transaction_id=transaction_id, external_id=cell("external_id")[:TEXT_MAX], msisdn=_msisdn(cell("msisdn")),
        amount=abs(amount), fee=abs(francs(cell("fee") or "0", "fee")), balance=francs(balance, "balance") if balance else None,
        at=moment(f"{cell('at')} {cell('time')}".strip()), raw=_raw(row),
    )  # fmt: skip


def _signed_amount(cell: object) -> int:
    get = cell if callable(cell) else str
    if text := get("amount"):
        return francs(text, "amount")
    return francs(get("credit") or "0", "amount") - abs(francs(get("debit") or "0", "amount"))


def francs(text: str, name: str) -> int:
    """Whole francs as portals write them (`5 000`, `5,000.00`, `5000`). :raises BadField: anything else."""
    bare = re.sub(r"(?i)\s*(?:xaf|f\s?cfa|fcfa)\s*$", "", re.sub(r"[\u00a0\u202f]", " ", text.strip()))
    match = _GROUPED.fullmatch(bare) or _PLAIN.fullmatch(bare)
    if match is None or not bare.isascii():
        raise BadField(name)
    digits = re.sub(r"\D", "", match[2])
    if len(digits) > len(str(AMOUNT_MAX)) or int(digits) > AMOUNT_MAX:
        raise BadField(name)
    return -int(digits) if match[1] == "-" else int(digits)


def moment(text: str) -> dt.datetime:
    """A date with its time, in Cameroon's where it does not say. :raises BadField: none."""
    for pattern in DATE_FORMATS:
        try:
            return dt.datetime.strptime(text, pattern).replace(tzinfo=DOUALA)
        except ValueError:
            continue
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadField("date") from None
    try:
        return found if found.tzinfo else found.replace(tzinfo=DOUALA)
    except OverflowError:
        raise BadField("date") from None


def _msisdn(text: str) -> str:
    """E.164, or empty: a name or a wallet's number is no phone."""
    digits = re.sub(r"[^\d+]", "", text)
    try:
        return parse_phone(f"+{digits}" if digits.startswith("237") else digits)
    except InvalidPhone:
        return ""


def _raw(row: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    left = RAW_MAX
    for place, cell in enumerate(row):
        cells[str(place)] = cell[: min(left, 300)]
        left -= len(cells[str(place)])
        if left <= 0:
            break
    return cells
