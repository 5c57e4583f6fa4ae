"""Whether a receipt is real, said to anybody who has its code."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from apps.billing.check_codes import read_check_code
from apps.billing.choices import InvoiceState, Product
from apps.billing.models import Invoice

WORDS_SHOWN = 3


@dataclass(frozen=True)
class Receipt:
    """What a stranger may know: enough to compare with the paper in his hand, too little to find the buyer."""

    issued_at: dt.datetime
    total: int
    credited: int
    product: Product
    buyer: str


def receipt_of(typed: str) -> Receipt | None:
    """The receipt of a code, None when there is none; a test is none. One statement whatever was typed."""
    found = (
        Invoice.objects.filter(check_code=read_check_code(typed), state=InvoiceState.PAID, livemode=True)
        .annotate(credited=Sum("credit_notes__total", default=0))
        .values_list("issued_at", "total", "credited", "subscription__product", "buyer__name")
        .first()
    )
    if found is None:
        return None
    issued_at, total, credited, product, name = found
    if issued_at is None:  # the column allows it, a constraint does not
        return None
    return Receipt(issued_at, total, credited, Product(product), masked_name(name or ""))


def masked_name(name: str) -> str:
    """`A… N…` for `Awa Ngo`."""
    return " ".join(f"{word[0]}…" for word in name.split()[:WORDS_SHOWN])
