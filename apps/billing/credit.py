"""How much of a customer's credit an invoice takes."""

from __future__ import annotations

from apps.billing.constants import AMOUNT_MIN, AMOUNT_STEP


def credit_to_use(total: int, available: int) -> int:
    """Francs of credit for an invoice of `total`, so that what is left can be paid.

    What is left is nothing, or at least what operators take and a multiple of 5: a little credit is kept back rather
    than leaving coins that nobody can send.
    """
    if available >= total:
        return total
    due = total - max(available, 0)
    due = max(-(-due // AMOUNT_STEP) * AMOUNT_STEP, AMOUNT_MIN)
    return max(total - due, 0)
