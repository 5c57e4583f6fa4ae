"""What a statement's balance is compared with, and what its page shows."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.billing.choices import AccountKind, ProviderCode
from apps.billing.models import LedgerEntry, StatementLine


def clearing_at(provider: ProviderCode, at: dt.datetime) -> int:
    """Francs that the operator owed us at a moment, in our books.

    A movement that a statement knows counts at the operator's time: we learn of it a little later, after midnight perhaps.
    """
    theirs = StatementLine.objects.filter(payment=OuterRef("transaction__payment"), kind="payment").order_by("at").values("at")[:1]
    entries = LedgerEntry.objects.filter(account__kind=AccountKind.CLEARING, account__provider=provider)
    dated = entries.annotate(happened_at=Coalesce(Subquery(theirs), F("transaction__at")))
    return dated.filter(happened_at__lte=at).aggregate(amount=Sum("amount"))["amount"] or 0
