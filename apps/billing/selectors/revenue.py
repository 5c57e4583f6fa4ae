"""What was sold, from the ledger: for the staff's board."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import DateField, Sum
from django.db.models.functions import Cast, TruncDay
from django.utils import timezone

from apps.billing.choices import AccountKind
from apps.billing.models import LedgerEntry


@dataclass(frozen=True)
class DaySales:
    """Francs of one day: sold without tax, the tax on it, fees of operators. Credit notes are taken off."""

    day: dt.date
    sales: int = 0
    vat: int = 0
    fees: int = 0


def daily_sales(*, first: dt.date, last: dt.date) -> list[DaySales]:
    """Each day from `first` to `last` in Cameroon, both included. One statement."""
    begin = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    end = timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time()))
    kinds = (AccountKind.REVENUE, AccountKind.VAT, AccountKind.FEES)
    rows = (
        LedgerEntry.objects.filter(account__kind__in=kinds, transaction__at__gte=begin, transaction__at__lt=end)
        .annotate(day=Cast(TruncDay("transaction__at"), DateField()))
        .values_list("day", "account__kind")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    found: dict[dt.date, dict[str, int]] = {}
    for day, kind, amount in rows:
        found.setdefault(day, {})[kind] = amount
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    # Sales and tax stand on the credit side.
    return [
        DaySales(day, -sums.get(AccountKind.REVENUE, 0), -sums.get(AccountKind.VAT, 0), sums.get(AccountKind.FEES, 0))
        for day in days
        for sums in (found.get(day, {}),)
    ]
