"""The only writer of the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from apps.billing.choices import AccountKind, PostingKind
from apps.billing.models import (
    CreditNote,
    Invoice,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Refund,
    StatementLine,
)

Cause = Payment | Invoice | CreditNote | Refund | StatementLine

# Accounts that say whose money it is.
PERSONAL = (AccountKind.RECEIVABLE, AccountKind.CREDIT, AccountKind.REFUNDS)
_FIELDS: dict[type[Cause], str] = {
    Payment: "payment",
    Invoice: "invoice",
    CreditNote: "credit_note",
    Refund: "refund",
    StatementLine: "line",
}


@dataclass(frozen=True)
class Leg:
    """Whole francs on one account: debit positive, credit negative.

    `provider` on clearing accounts, `user_id` on receivables, credit and refunds; nowhere else.
    """

    account_kind: AccountKind
    amount: int
    provider: str = ""
    user_id: uuid.UUID | None = None


@transaction.atomic
def post(*, kind: PostingKind, cause: Cause, legs: Sequence[Leg], at: dt.datetime) -> LedgerTransaction | None:
    """Record that money moved, once for this kind and cause; legs of zero francs are left out.

    Harmless when repeated with the same legs. The caller holds the lock of the cause; without it, the database refuses
    the second of two at once. None when no leg moves anything.

    :raises ValueError: the legs do not sum to zero, one lacks its operator or customer, the cause is a test, or the same
        cause was posted with other legs.
    """
    moving = _checked(cause, legs)
    if not moving:
        return None
    field = _FIELDS[type(cause)]
    posted = LedgerTransaction.objects.filter(kind=kind, reverses=None, **{field: cause}).first()
    if posted is None:
        return _write(LedgerTransaction(kind=kind, at=at, **{field: cause}), moving)
    if sorted(_legs_of(posted), key=repr) != sorted(moving, key=repr):
        raise ValueError(f"{kind} of {field} {cause.pk} is posted with other legs")
    return posted


@transaction.atomic
def reverse(*, posted: LedgerTransaction, at: dt.datetime) -> LedgerTransaction:
    """Undo a transaction by its mirror, which names it; what replaces it is posted as a `correction`. Harmless when repeated."""
    locked = LedgerTransaction.objects.select_for_update(of=("self",)).get(pk=posted.pk)
    if (before := LedgerTransaction.objects.filter(reverses=locked).first()) is not None:
        return before
    mirror = LedgerTransaction(kind=PostingKind.CORRECTION, at=at, reverses=locked)
    for field in _FIELDS.values():
        setattr(mirror, f"{field}_id", getattr(locked, f"{field}_id"))
    return _write(mirror, [replace(leg, amount=-leg.amount) for leg in _legs_of(locked)])


def _checked(cause: Cause, legs: Sequence[Leg]) -> list[Leg]:
    if total := sum(leg.amount for leg in legs):
        raise ValueError(f"legs sum to {total}")
    if not _is_live(cause):
        raise ValueError("what is a test never reaches the ledger")
    for leg in legs:
        if (leg.account_kind == AccountKind.CLEARING) != bool(leg.provider):
            raise ValueError(f"{leg.account_kind} with operator {leg.provider!r}")
        if (leg.account_kind in PERSONAL) != (leg.user_id is not None):
            raise ValueError(f"{leg.account_kind} with customer {leg.user_id}")
    return [replace(leg, account_kind=AccountKind(leg.account_kind), provider=str(leg.provider)) for leg in legs if leg.amount]


def _is_live(cause: Cause) -> bool:
    if isinstance(cause, Refund):
        return cause.payment.livemode
    return isinstance(cause, StatementLine) or cause.livemode


def _write(row: LedgerTransaction, legs: Sequence[Leg]) -> LedgerTransaction:
    accounts = _accounts({(leg.account_kind.value, leg.provider) for leg in legs})
    row.save(force_insert=True)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=row, account=accounts[leg.account_kind.value, leg.provider], user_id=leg.user_id, amount=leg.amount)
        for leg in legs
    )
    return row


def _accounts(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], LedgerAccount]:
    """Accounts by kind and operator, made when they are first used."""

    def kept() -> dict[tuple[str, str], LedgerAccount]:
        rows = LedgerAccount.objects.filter(kind__in={kind for kind, _ in wanted})
        return {(row.kind, row.provider): row for row in rows}

    found = kept()
    if missing := wanted - found.keys():
        LedgerAccount.objects.bulk_create(
            (LedgerAccount(kind=kind, provider=code) for kind, code in sorted(missing)), ignore_conflicts=True
        )
        found = kept()
    return found


def _legs_of(posted: LedgerTransaction) -> list[Leg]:
    rows = posted.entries.select_related("account").order_by("pk")
    return [Leg(AccountKind(row.account.kind), row.amount, row.account.provider, row.user_id) for row in rows]
