"""Reading a statement: once, in bounded memory, with every difference before a person. Nothing is granted because of one."""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import io
import itertools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import AccountKind, CaseKind, PaymentState, PostingKind, ProviderCode, RefundState
from apps.billing.models import Payment, Refund, Statement, StatementLine
from apps.billing.providers.statements import (
    DOUALA,
    FEE,
    LAYOUTS,
    OTHER,
    PAYMENT,
    REFUND,
    SETTLEMENT,
    BadRow,
    Movement,
    NotAStatement,
    Skipped,
    read,
)
from apps.billing.selectors.statements import clearing_at
from apps.billing.services import callbacks, cases, ledger
from apps.billing.services.ledger import Leg
from apps.billing.services.statements.matching import Match, match
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid

logger = structlog.get_logger(__name__)

BATCH, CHUNK = 1000, 1 << 16
SIZE_MAX = 200 * 1024 * 1024
# Of rows that could not be read: so many are named, all are counted.
BAD_SHOWN = 200
# A payment that still waits is asked about first; older ones are somebody's to look at.
YOUNG = dt.timedelta(hours=24)


@dataclass
class Imported:
    """What became of a file. `is_new` False: it was imported before, and nothing was done."""

    statement: Statement
    is_new: bool = True
    rows: int = 0
    new: int = 0
    known: int = 0
    skipped: int = 0
    matched: int = 0
    cases: int = 0
    fees: int = 0
    bad_count: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The figures, by name."""
        names = ("rows", "new", "known", "skipped", "matched", "cases", "fees", "bad_count")
        return {name: getattr(self, name) for name in names}


def import_statement(
    *, file: BinaryIO, name: str, provider: ProviderCode, actor: User | None, at: dt.datetime,
    covers: tuple[dt.date, dt.date] | None = None, closing_balance: int | None = None,
) -> Imported:  # fmt: skip
    """Read a CSV statement and compare it with our payments, all or nothing. The same file again changes nothing.

    :param file: opened for bytes, can be read from its start again. :param covers: the first and last day it speaks of, where
        that is more than from its first movement to its last. :param closing_balance: where no column says it.
    :raises FieldsInvalid: too large, not text, or no statement of this operator.
    """
    layout = LAYOUTS.get(provider)
    if layout is None:
        raise FieldsInvalid([("/provider", "invalid", _("Cet opérateur ne donne pas de relevé que nous sachions lire."))])
    digest, encoding = _survey(file)
    with transaction.atomic():
        # One statement of an operator at a time: what is new is decided by reading first.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7072))", [f"statement:{provider}"])
        before = Statement.objects.filter(digest=digest).first()
        if before is not None:
            return Imported(before, is_new=False)
        statement = Statement(provider=provider, file_name=name[:255], digest=digest, imported_by=actor, created_at=at)
        statement.save(force_insert=True)
        result = Imported(statement)
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        try:
            _read(result, _movements(result, read(text, layout)), at=at)
        except NotAStatement:
            raise FieldsInvalid([("/file", "invalid", _("Aucune ligne de titres d’un relevé de cet opérateur n’a été trouvée."))]) from None
        finally:
            text.detach()
        _finish(result, covers=covers, closing_balance=closing_balance, at=at)
    logger.info("statement_imported", provider=str(provider), statement=str(statement.pk), **result.counts())
    return result


def _survey(file: BinaryIO) -> tuple[str, str]:
    """Digest and encoding of a file, read once through: UTF-8 with or without a mark, else what Windows writes."""
    file.seek(0)
    digest, size, encoding = hashlib.sha256(), 0, "utf-8-sig"
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > SIZE_MAX:
            raise FieldsInvalid([("/file", "too_large", _("Ce fichier dépasse 200 Mo."))])
        digest.update(chunk)
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            encoding, decoder = "cp1252", codecs.getincrementaldecoder("latin-1")()
    file.seek(0)
    return digest.hexdigest(), encoding


def _movements(result: Imported, rows: Iterator[Movement | BadRow | Skipped]) -> Iterator[Movement]:
    """Those that took place; the others are counted."""
    for row in rows:
        result.rows += 1
        if isinstance(row, Movement):
            yield row
        elif isinstance(row, Skipped):
            result.skipped += 1
        else:
            result.bad_count += 1
            if len(result.bad) < BAD_SHOWN:
                result.bad.append(row)


def _read(result: Imported, movements: Iterator[Movement], *, at: dt.datetime) -> None:
    statement = result.statement
    last: tuple[dt.datetime, int] | None = None
    while batch := list(itertools.islice(movements, BATCH)):
        for one in batch:
            statement.first_at = min(statement.first_at or one.at, one.at)
            statement.last_at = max(statement.last_at or one.at, one.at)
            if one.balance is not None and (last is None or (one.at, one.line) > last):
                last, statement.closing_balance = (one.at, one.line), one.balance
        _take(result, batch, at=at)


def _take(result: Imported, batch: Sequence[Movement], *, at: dt.datetime) -> None:
    """Write what is new of a batch, and compare it."""
    statement = result.statement
    provider = ProviderCode(statement.provider)
    keys = StatementLine.objects.filter(provider=provider, transaction_id__in={one.transaction_id for one in batch})
    known = set(keys.values_list("transaction_id", "kind"))
    new: list[Movement] = []
    for one in batch:
        if (one.transaction_id, one.kind) in known:
            result.known += 1
        else:
            known.add((one.transaction_id, one.kind))
            new.append(one)
    matches = match(provider, new)
    # A payment has one movement: another one is a second charge, whatever it names.
    taken = set(
        StatementLine.objects.filter(payment__in={found.payment for found in matches.values()}, kind=PAYMENT).values_list(
            "payment", flat=True
        )
    )
    lines = StatementLine.objects.bulk_create(
        StatementLine(
            statement=statement, provider=provider, kind=one.kind, transaction_id=one.transaction_id, external_id=one.external_id,
            msisdn=one.msisdn, amount=one.amount, fee=one.fee, at=one.at, raw=one.raw,
            payment=matches[one.line].payment if one.line in matches else None,
            matched_by=matches[one.line].by if one.line in matches else "",
        )
        for one in new
    )  # fmt: skip
    result.new += len(lines)
    result.matched += len(matches)
    for line, one in zip(lines, new, strict=True):
        found = matches.get(one.line)
        if one.kind in {PAYMENT, REFUND, OTHER}:
            result.cases += _compare(line, found, taken, at=at)
            if found is not None and one.kind == PAYMENT:
                taken.add(found.payment.pk)
        elif one.kind == SETTLEMENT:
            _post(PostingKind.SETTLEMENT, line, AccountKind.BANK, one.amount)
    _post_fees(result, lines)


def _compare(line: StatementLine, found: Match | None, taken: set[uuid.UUID], *, at: dt.datetime) -> bool:
    """Whether the movement is a difference that somebody has to settle."""
    said = f"{line.transaction_id}: {line.amount} F CFA"
    if found is None:
        cases.open_case(kind=CaseKind.THEIRS_ONLY, line=line, detail=f"{line.kind}, {said}", at=at)
        return True
    if found.refund is not None:
        refund = found.refund
        kind, state, payment = _refund_difference(refund, line), refund.state, found.payment
    elif found.payment.pk in taken:
        # On its own line: the payment's first movement is in order.
        kind, state, payment = CaseKind.LATE_DUPLICATE, str(found.payment.reference), None
    else:
        kind, state, payment = _payment_difference(found.payment, line, at=at), found.payment.state, found.payment
    if kind is None:
        return False
    cases.open_case(kind=kind, payment=payment, line=line, detail=f"{state}, {said}", at=at)
    return True


def _refund_difference(refund: Refund, line: StatementLine) -> CaseKind | None:
    if refund.amount != line.amount:
        return CaseKind.AMOUNT_DIFFERS
    return None if refund.state == RefundState.SUCCEEDED else CaseKind.THEIRS_ONLY


def _payment_difference(payment: Payment, line: StatementLine, *, at: dt.datetime) -> CaseKind | None:
    if line.amount != payment.provider_amount:
        return CaseKind.AMOUNT_DIFFERS
    if payment.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
        return None
    # The operator has the money and we do not know it yet: only an authenticated query may say so.
    callbacks.ask_soon(payment, callback_id=None, at=at)
    is_waiting = payment.state in {PaymentState.PENDING, PaymentState.UNKNOWN} and not payment.mismatch
    return None if is_waiting and payment.created_at > at - YOUNG else CaseKind.THEIRS_ONLY


def _post(kind: PostingKind, line: StatementLine, account: AccountKind, amount: int) -> None:
    legs = [Leg(account, amount), Leg(AccountKind.CLEARING, -amount, provider=line.provider)]
    ledger.post(kind=kind, cause=line, legs=legs, at=line.at)


def _post_fees(result: Imported, lines: Sequence[StatementLine]) -> None:
    """Fees of a batch in one posting, which names the batch's last line with a fee: a hundred for a file of 100,000."""
    charged = [(line, line.amount if line.kind == FEE else line.fee) for line in lines if line.kind == FEE or line.fee]
    total = sum(amount for _line, amount in charged)
    result.fees += total
    if total:
        _post(PostingKind.FEE, charged[-1][0], AccountKind.FEES, total)


def _finish(result: Imported, *, covers: tuple[dt.date, dt.date] | None, closing_balance: int | None, at: dt.datetime) -> None:
    statement = result.statement
    if closing_balance is not None:
        statement.closing_balance = closing_balance
    if covers is not None:
        first, last = (dt.datetime.combine(day, dt.time(), tzinfo=DOUALA) for day in (covers[0], covers[1] + dt.timedelta(days=1)))
        statement.first_at = min(statement.first_at or first, first)
        statement.last_at = max(statement.last_at or last, last)
    result.cases += _open_ours_only(statement, at=at)
    expected = None
    if statement.closing_balance is not None and statement.last_at is not None:
        expected = clearing_at(ProviderCode(statement.provider), statement.last_at)
        if expected != statement.closing_balance:
            provider = str(statement.provider)
            publish(
                events.operator_alarm, key=provider, provider=provider, what="balance",
                detail=f"{statement.closing_balance} / {expected}", since=statement.last_at.isoformat(),
            )  # fmt: skip
    statement.report = {
        **result.counts(), "expected_balance": expected, "bad": [{"line": bad.line, "field": bad.field} for bad in result.bad],
    }  # fmt: skip
    statement.save(update_fields=["first_at", "last_at", "closing_balance", "report"])


def _open_ours_only(statement: Statement, *, at: dt.datetime) -> int:
    """Payments that began and succeeded within what the statement covers, and that no statement knows."""
    if statement.first_at is None or statement.last_at is None:
        return 0
    lined = StatementLine.objects.filter(payment=OuterRef("pk"), kind=PAYMENT)
    ours = Payment.objects.filter(
        ~Exists(lined), provider=statement.provider, livemode=True, state__in=(PaymentState.SUCCEEDED, PaymentState.REFUNDED),
        submitted_at__gte=statement.first_at, finished_at__lte=statement.last_at,
    )  # fmt: skip
    count = 0
    for payment in ours.order_by("pk").iterator(chunk_size=BATCH):
        cases.open_case(kind=CaseKind.OURS_ONLY, payment=payment, detail=f"{payment.amount} F CFA, {payment.transaction_id}", at=at)
        count += 1
    return count
