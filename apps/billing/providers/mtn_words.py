"""The words of MTN, and what each means to us: design page "Mobile Money", 2.4 to 2.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.billing.choices import Reason
from apps.billing.providers.port import Seen, Submitted
from apps.billing.providers.reading import BEFORE_ACCEPTANCE, object_of, text_of
from apps.billing.providers.redaction import in_words

IN_PROGRESS = frozenset({"PENDING", "CREATED", "ONGOING", "DELAYED", ""})
SUCCESS = frozenset({"SUCCESSFUL", "SUCCESS"})
FAILED = frozenset({"FAILED", "REJECTED", "TIMEOUT"})
NOT_FOUND = frozenset({"RESOURCE_NOT_FOUND", "TRANSACTION_NOT_FOUND"})
DUPLICATE = "RESOURCE_ALREADY_EXIST"

REASONS: Mapping[str, Reason] = {
    "APPROVAL_REJECTED": Reason.DECLINED,
    "PAYMENT_NOT_APPROVED": Reason.DECLINED,
    "EXPIRED": Reason.EXPIRED,
    "COULD_NOT_PERFORM_TRANSACTION": Reason.EXPIRED,
    "NOT_ENOUGH_FUNDS": Reason.INSUFFICIENT_FUNDS,
    "INTERNAL_PROCESSING_ERROR": Reason.PROVIDER_ERROR,
    "PAYER_NOT_FOUND": Reason.INVALID_PAYER,
    "PAYER_LIMIT_REACHED": Reason.PAYER_LIMIT,
    "SENDER_ACCOUNT_NOT_ACTIVE": Reason.PAYER_BLOCKED,
    "PAYEE_NOT_FOUND": Reason.PAYEE_PROBLEM,
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": Reason.PAYEE_PROBLEM,
    "NOT_ALLOWED": Reason.CONFIGURATION,
    "NOT_ALLOWED_TARGET_ENVIRONMENT": Reason.CONFIGURATION,
    "INVALID_CALLBACK_URL_HOST": Reason.CONFIGURATION,
    "INVALID_CURRENCY": Reason.CONFIGURATION,
    "SERVICE_UNAVAILABLE": Reason.PROVIDER_UNAVAILABLE,
    "TRANSACTION_CANCELED": Reason.CANCELED,
}
# As HTTP 500 they are a definite no; every other word there decides nothing.
DEFINITE_500 = frozenset({
    "INVALID_CURRENCY", "NOT_ALLOWED_TARGET_ENVIRONMENT", "INVALID_CALLBACK_URL_HOST", "NOT_ALLOWED", "PAYER_NOT_FOUND",
    "PAYEE_NOT_ALLOWED_TO_RECEIVE", "NOT_ENOUGH_FUNDS", "PAYER_LIMIT_REACHED",
})  # fmt: skip
# Whatever the body says, if it can be read.
_BY_STATUS: Mapping[int, tuple[Submitted, Reason | None]] = {
    **BEFORE_ACCEPTANCE,
    202: (Submitted.ACCEPTED, None),
    409: (Submitted.DUPLICATE, None),
}
# With any status, somebody's trouble that says nothing about the payment.
PASSING = frozenset({"INTERNAL_PROCESSING_ERROR", "SERVICE_UNAVAILABLE"})


def code_of(reason: object) -> str:
    """The code of a reason, an object in MTN's schema and a text in its announcements, in capitals."""
    return text_of(object_of(reason).get("code") or reason).upper()


def reason_text(reason: object) -> str:
    """A reason as it came, on one line."""
    return in_words(*(object_of(reason).get(name) for name in ("code", "message"))) if isinstance(reason, dict) else in_words(reason)


def word_of(data: Mapping[str, Any]) -> str:
    """The code of an error's body, in capitals."""
    return next((word for word in (code_of(data.get(name)) for name in ("code", "error", "reason")) if word), "")


def has_documented_shape(data: Mapping[str, Any]) -> bool:
    """`{"code", "message"}`, `{"error"}`, or the gateway's `{"statusCode", "message"}`."""
    return any(isinstance(data.get(name), str) and data[name] for name in ("code", "error", "message"))


def of_submit(status: int, data: Mapping[str, Any] | None) -> tuple[Submitted, Reason | None]:
    """What a readable answer to a submit means. `data` None: an empty body."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    word = word_of(data or {})
    if word == DUPLICATE and status in {400, 500}:
        return Submitted.DUPLICATE, None
    if status == 500 and word in DEFINITE_500:
        return Submitted.REFUSED, REASONS[word]
    is_definite = 400 <= status < 500 and status != 408 and word not in PASSING
    if data is None or not is_definite or not has_documented_shape(data):
        return Submitted.UNCLEAR, None
    return Submitted.REFUSED, Reason.CONFIGURATION if status == 404 else REASONS.get(word, Reason.BAD_REQUEST)


def of_status(word: str, reason: object) -> tuple[Seen, Reason | None, bool]:
    """What a status word means, why, and whether it is one that MTN documents."""
    if word in SUCCESS:
        return Seen.SUCCEEDED, None, True
    if word not in FAILED:
        return Seen.IN_PROGRESS, None, word in IN_PROGRESS
    code = code_of(reason)
    if code in NOT_FOUND:
        # About the reference, never a decline.
        return Seen.NOT_FOUND, None, True
    if code == DUPLICATE:
        return Seen.IN_PROGRESS, None, True
    without_code = {"TIMEOUT": Reason.EXPIRED, "REJECTED": Reason.DECLINED}.get(word, Reason.PROVIDER_ERROR)
    why = REASONS.get(code, Reason.PROVIDER_ERROR) if code else without_code
    return (Seen.EXPIRED if why is Reason.EXPIRED else Seen.FAILED), why, not code or code in REASONS
