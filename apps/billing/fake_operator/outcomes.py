"""What becomes of a payment, when nobody said otherwise: the numbers of the sandboxes, and the limits of an amount."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.billing.fake_operator.truth import State, Step

# In XAF, the last four digits of 65345xxxx (MTN) and 69345xxxx (Orange) decide, on every rail.
XAF_NUMBERS = {
    "6019": "PAYER_LIMIT_REACHED",
    "6029": "PAYER_NOT_FOUND",
    "6039": "PAYMENT_NOT_APPROVED",
    "6049": "INSUFFICIENT_BALANCE",
    "6069": "UNSPECIFIED_FAILURE",
}
NEVER_ENDS = "6129"
# The last two digits of MTN's numbers 467331234xx, in EUR.
MTN_SANDBOX = {
    "50": "INTERNAL_PROCESSING_ERROR",
    "51": "APPROVAL_REJECTED",
    "52": "EXPIRED",
    "55": "PAYER_NOT_FOUND",
    "56": "PAYEE_NOT_ALLOWED_TO_RECEIVE",
    "57": "NOT_ALLOWED",
    "58": "NOT_ALLOWED_TARGET_ENVIRONMENT",
    "59": "INVALID_CALLBACK_URL_HOST",
    "60": "INVALID_CURRENCY",
    "61": "INTERNAL_PROCESSING_ERROR",
    "62": "SERVICE_UNAVAILABLE",
    "63": "COULD_NOT_PERFORM_TRANSACTION",
}
SANDBOX_ONGOING, SANDBOX_DELAYED = "46733123453", "46733123454"
# `referenceIdToRefund` of MTN's sandbox.
MTN_REFUNDS = {
    "1": "PAYEE_NOT_FOUND",
    "2": "INTERNAL_PROCESSING_ERROR",
    "3": "APPROVAL_REJECTED",
    "4": "EXPIRED",
    "5": None,
    "6": "",
    "7": "NOT_ALLOWED",
    "8": "NOT_ALLOWED_TARGET_ENVIRONMENT",
    "9": "INVALID_CALLBACK_URL_HOST",
    "10": "INVALID_CURRENCY",
    "11": "INTERNAL_PROCESSING_ERROR",
    "12": "SERVICE_UNAVAILABLE",
    "13": "COULD_NOT_PERFORM_TRANSACTION",
}
# A prompt lives five minutes.
PROMPT_S = 300.0


def full_number(phone: str) -> str:
    """Digits with the country code: `693456789` and `+237 693 45 67 89` are one number."""
    digits = re.sub(r"\D", "", phone)
    return f"237{digits}" if len(digits) == 9 and digits.startswith("6") else digits


def ends(status: State, reason: str = "", after_s: float = 0.0) -> list[Step]:
    """A plan of one step."""
    return [Step(status, reason, after_s)]


def plan_for(phone: str, amount: int, *, delay_s: float, max_amount: int) -> list[Step]:
    """The plan of a payment by that number. An empty plan never ends.

    :param delay_s: the operator's seconds that payers take to type their PIN.
    """
    number = full_number(phone)
    if number.startswith("467331234"):
        return _sandbox_plan(number)
    if amount > max_amount:
        return ends(State.FAILED, "PAYER_LIMIT_REACHED", delay_s)
    if re.fullmatch(r"2376[59]345\d{4}", number):
        last = number[-4:]
        if last == NEVER_ENDS:
            return []
        if last in XAF_NUMBERS:
            return ends(State.FAILED, XAF_NUMBERS[last], delay_s)
    # MTN's sandbox rings no phone: its numbers pay at once.
    return ends(State.SUCCEEDED, after_s=0.0 if number.startswith("467") else delay_s)


def _sandbox_plan(number: str) -> list[Step]:
    if number == SANDBOX_ONGOING:
        return []
    if number == SANDBOX_DELAYED:
        return ends(State.SUCCEEDED, after_s=30)
    reason = MTN_SANDBOX.get(number[-2:])
    if reason is None:
        return ends(State.SUCCEEDED)
    return ends(State.EXPIRED if reason == "EXPIRED" else State.FAILED, reason)


def without_waiting(plan: Sequence[Step]) -> list[Step]:
    """The same plan, its first step taken at once."""
    return [Step(step.status, step.reason) if place == 0 else step for place, step in enumerate(plan)]
