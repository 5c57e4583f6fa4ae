"""Which payment or refund a movement of a statement is."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.billing.choices import ProviderCode
from apps.billing.models import Payment, Refund, StatementLine
from apps.billing.providers.statements import DOUALA, PAYMENT, REFUND, Movement


@dataclass(frozen=True)
class Match:
    """What a movement is, and how that was seen: `transaction`, `reference` or `payer`. `refund` beside its payment."""

    payment: Payment
    by: str
    refund: Refund | None = None


def match(provider: ProviderCode, movements: Sequence[Movement]) -> dict[int, Match]:
    """By line: transaction id first, then our reference or order id, then payer, amount and day when only one fits."""
    payments = [one for one in movements if one.kind == PAYMENT]
    found = _by_transaction(provider, payments)
    found |= _by_reference(provider, [one for one in payments if one.line not in found])
    found |= _by_payer(provider, [one for one in payments if one.line not in found], {match.payment.pk for match in found.values()})
    return found | _refunds(provider, [one for one in movements if one.kind == REFUND])


def _by_transaction(provider: ProviderCode, movements: Sequence[Movement]) -> dict[int, Match]:
    rows = Payment.objects.filter(provider=provider, transaction_id__in={one.transaction_id for one in movements})
    known = {row.transaction_id: row for row in rows}
    return {one.line: Match(known[one.transaction_id], "transaction") for one in movements if one.transaction_id in known}


def _by_reference(provider: ProviderCode, movements: Sequence[Movement]) -> dict[int, Match]:
    named = [one for one in movements if one.external_id]
    if not named:
        return {}
    references = {reference for one in named if (reference := _uuid(one.external_id))}
    rows = Payment.objects.filter(Q(reference__in=references) | Q(order_id__in={one.external_id for one in named}), provider=provider)
    known: dict[str, Payment] = {}
    for row in rows:
        known[str(row.reference)] = known[row.order_id] = row
    matches = {one.line: known.get(str(_uuid(one.external_id) or one.external_id)) for one in named}
    return {line: Match(payment, "reference") for line, payment in matches.items() if payment is not None}


def _by_payer(provider: ProviderCode, movements: Sequence[Movement], taken: set[uuid.UUID]) -> dict[int, Match]:
    """A last resort: exactly one payment of that number, amount and day that no line has yet, and one such movement."""
    by_key: dict[tuple[str, int, dt.date], list[Movement]] = defaultdict(list)
    for one in movements:
        if one.msisdn:
            by_key[one.msisdn, one.amount, one.at.astimezone(DOUALA).date()].append(one)
    if not by_key:
        return {}
    rows = Payment.objects.filter(
        provider=provider, msisdn__in={key[0] for key in by_key}, amount__in={key[1] for key in by_key}, submitted_at__isnull=False,
        created_at__date__range=(min(key[2] for key in by_key), max(key[2] for key in by_key)),
    )  # fmt: skip
    lined = set(StatementLine.objects.filter(payment__in=rows, kind=PAYMENT).values_list("payment_id", flat=True)) | taken
    candidates: dict[tuple[str, int, dt.date], list[Payment]] = defaultdict(list)
    for row in rows:
        if row.pk not in lined:
            candidates[row.msisdn, row.amount, row.created_at.astimezone(DOUALA).date()].append(row)
    return {
        ones[0].line: Match(candidates[key][0], "payer") for key, ones in by_key.items() if len(ones) == len(candidates.get(key, [])) == 1
    }


def _refunds(provider: ProviderCode, movements: Sequence[Movement]) -> dict[int, Match]:
    if not movements:
        return {}
    references = {reference for one in movements if (reference := _uuid(one.external_id))}
    rows = Refund.objects.filter(
        Q(transaction_id__in={one.transaction_id for one in movements}) | Q(reference__in=references), payment__provider=provider
    ).select_related("payment")
    known: dict[str, Refund] = {}
    for row in rows:
        known[str(row.reference)] = row
        if row.transaction_id:
            known[row.transaction_id] = row
    found: dict[int, Match] = {}
    for one in movements:
        refund, by = known.get(one.transaction_id), "transaction"
        if refund is None:
            refund, by = known.get(str(_uuid(one.external_id))), "reference"
        if refund is not None:
            found[one.line] = Match(refund.payment, by, refund)
    return found


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
