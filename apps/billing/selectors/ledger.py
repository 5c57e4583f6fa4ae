"""What the ledger says. Sums are computed from the entries each time: there is no second copy to keep in step."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from apps.billing.choices import AccountKind, InvoiceState
from apps.billing.models import Invoice, LedgerEntry


@dataclass(frozen=True)
class Balance:
    """Francs on one account; debit positive. `debit` and `credit` are the two columns of a trial balance."""

    kind: AccountKind
    provider: str
    amount: int

    @property
    def debit(self) -> int:
        """What stands on the left."""
        return max(self.amount, 0)

    @property
    def credit(self) -> int:
        """What stands on the right."""
        return max(-self.amount, 0)


def trial_balance() -> list[Balance]:
    """Every account with its balance, in the order of the chart. The balances sum to zero."""
    rows = LedgerEntry.objects.values("account__kind", "account__provider").annotate(amount=Sum("amount"))
    order = list(AccountKind)
    found = [Balance(AccountKind(row["account__kind"]), row["account__provider"], row["amount"]) for row in rows]
    return sorted(found, key=lambda row: (order.index(row.kind), row.provider))


def balance_of(kind: AccountKind, *, provider: str | None = None, user_id: uuid.UUID | None = None) -> int:
    """Francs on the accounts of a kind, debit positive; of one operator or one customer when given."""
    entries = LedgerEntry.objects.filter(account__kind=kind)
    if provider is not None:
        entries = entries.filter(account__provider=provider)
    return _sum(entries if user_id is None else entries.filter(user_id=user_id))


def credit_of(user_id: uuid.UUID) -> int:
    """Francs that we owe a customer, in what the ledger says; positive. Part of it may be spoken for by open invoices."""
    return -balance_of(AccountKind.CREDIT, user_id=user_id)


def spoken_for(user_id: uuid.UUID) -> int:
    """Francs of credit that the customer's open invoices use."""
    rows = Invoice.objects.filter(user_id=user_id, state=InvoiceState.OPEN, livemode=True)
    return rows.aggregate(amount=Sum("credit_used"))["amount"] or 0


def available_credit(user_id: uuid.UUID, *, livemode: bool = True) -> int:
    """Francs that a new invoice or a refund may take. Test invoices have none: tests never touch the ledger."""
    return max(credit_of(user_id) - spoken_for(user_id), 0) if livemode else 0


def _sum(entries: QuerySet[LedgerEntry]) -> int:
    return entries.aggregate(amount=Sum("amount"))["amount"] or 0
