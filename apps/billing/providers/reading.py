"""What operators say, read without trusting its shape: any value may be missing, null, a number or a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from apps.billing.choices import Reason
from apps.billing.providers.port import Seen, Sighting, Submitted

TEXT_MAX = 255
TOKEN_MAX = 200
URL_MAX = 500

# Answers to a submit, empty or JSON, that come before it is accepted: it may be sent again.
BEFORE_ACCEPTANCE: Mapping[int, tuple[Submitted, Reason]] = {
    401: (Submitted.UNSENT, Reason.CONFIGURATION),
    403: (Submitted.UNSENT, Reason.CONFIGURATION),
    429: (Submitted.UNSENT, Reason.PROVIDER_UNAVAILABLE),
}
# What says of a query that we are at fault.
OUR_FAULT = frozenset({401, 403})

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that the body is, numbers with a point as decimals; None for anything else."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def storable(text: str, limit: int = TEXT_MAX) -> str:
    """The text without what a database or a log cannot hold, stripped and cut."""
    return _UNSTORABLE.sub("�", text).strip()[:limit].strip()


def text_of(value: object, limit: int = TEXT_MAX) -> str:
    """A text or a whole number as text, stripped; empty for anything else."""
    if isinstance(value, str):
        return storable(value, limit)
    return storable(str(value), limit) if isinstance(value, int) and not isinstance(value, bool) else ""


def object_of(value: object) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def token_of(value: object, limit: int = TOKEN_MAX) -> str:
    """A token as it came; empty when it cannot be sent back in a header, a path or a body."""
    return value if isinstance(value, str) and len(value) <= limit and _TOKEN.fullmatch(value) else ""


def amount_of(value: object) -> Decimal | None:
    """An amount that came as a number or a text (`5000`, `"5000"`, `"5000.00"`); None when it is none, or absurd."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    if isinstance(value, Decimal) and abs(value.adjusted()) > 15:
        return None
    # In full: 5E+3 is 5000.
    text = f"{value:f}" if isinstance(value, Decimal) else str(value).strip()
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def phone_of(value: object) -> str | None:
    """A number as E.164: operators leave the `+` out, and Orange the country. None when it is no number."""
    digits = text_of(value).removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return f"+237{digits}" if len(digits) == 9 else f"+{digits}"


def same_or_other(ours: str, asked: str, *answered: object) -> str | None:
    """Which payment an answer is about: `ours` when every id in it is the one that we asked with, else the first that is not.

    None: it repeats no id. Letters may come back in the other case.
    """
    found = [text for text in map(text_of, answered) if text]
    others = [text for text in found if text.lower() != asked.lower()]
    return others[0] if others else ours if found else None


def no_answer(raw_reason: str, reason: Reason | None = None, *, status: int | None = None) -> Sighting:
    """A query that saw nothing. `status`: of its answer."""
    ours = Reason.CONFIGURATION if status in OUR_FAULT else None
    return Sighting(Seen.NO_ANSWER, reason=reason or ours, raw_reason=raw_reason)
