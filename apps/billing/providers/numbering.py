"""Phone numbers of payers: strict, because money follows them. Which prefix is whose lies in `reference/mobile_prefixes.json`."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import phonenumbers

from apps.billing.choices import Operator
from apps.billing.exceptions import PayerPhoneFixed, PayerPhoneForeign, PayerPhoneInvalid

SANDBOX = "sandbox"
_PREFIXES = Path(__file__).parent.parent / "reference" / "mobile_prefixes.json"
_SEPARATORS = re.compile(r"[ \u00a0\u202f\u2009.()/\u2010\u2011\u2013-]")
_NATIONAL = re.compile(r"[0-9]{9}")
_SANDBOX_NUMBER = re.compile(r"(?:\+|00)?(467331234[0-9]{2})")
_RAW_MAX = 40


@cache
def _operators() -> list[tuple[str, Operator]]:
    table = json.loads(_PREFIXES.read_text())
    found = [(prefix, operator) for operator in Operator for prefix in table[operator.value]]
    return sorted(found, key=lambda one: -len(one[0]))


def guess_operator(e164: str) -> Operator | None:
    """Whose number it most probably is. Numbers can be ported: the payer may say otherwise. None: of neither operator."""
    if _SANDBOX_NUMBER.fullmatch(e164):
        return Operator.MTN
    national = e164.removeprefix("+237")
    return next((operator for prefix, operator in _operators() if national != e164 and national.startswith(prefix)), None)


def parse_payer(raw: str, environment: str) -> str:
    """The number of a payer as E.164 (`+237670000000`).

    Spaces, dots, dashes and parentheses are dropped, `+237`, `00237` and `237` before nine digits too; nothing is repaired.

    :param environment: `MTN_MOMO_TARGET_ENVIRONMENT`: MTN's test numbers 467331234.. pass in its sandbox alone.
    :raises PayerPhoneForeign: of another country. :raises PayerPhoneFixed: a fixed line. :raises PayerPhoneInvalid: anything else.
    """
    if len(raw) > _RAW_MAX:
        raise PayerPhoneInvalid
    digits = _SEPARATORS.sub("", raw.strip())
    if trial := _SANDBOX_NUMBER.fullmatch(digits):
        if environment == SANDBOX:
            return f"+{trial[1]}"
        raise PayerPhoneForeign
    national = re.sub(r"^(?:\+237|00237|237)(?=[0-9]{9}$)", "", digits)
    if not _NATIONAL.fullmatch(national):
        raise PayerPhoneForeign if _is_foreign(digits) else PayerPhoneInvalid
    number = phonenumbers.parse(f"+237{national}")
    if not phonenumbers.is_valid_number(number):
        raise PayerPhoneInvalid
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise PayerPhoneFixed
    return f"+237{national}"


def _is_foreign(digits: str) -> bool:
    """Whether it is written with the code of another country."""
    international = re.fullmatch(r"(?:\+|00)([0-9]{5,15})", digits)
    return international is not None and not international[1].startswith("237")
