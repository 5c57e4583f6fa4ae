"""Phone numbers: stored as E.164, read strictly from people, repaired only when imported."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError

_OLD_LENGTH = 8


class InvalidPhone(DomainError):
    """The text is not a phone number that can be called."""

    code = "phone_invalid"
    title = _("Numéro de téléphone non valide")
    detail = _("Écrivez le numéro avec son indicatif, par exemple +237 6 70 00 00 00.")


def parse_phone(raw: str, region: str = "CM") -> str:
    """The number as E.164 (`+237670000000`).

    :param region: country whose national form is understood without a prefix.
    :raises InvalidPhone: not a possible and valid number of its country.
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise InvalidPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def repair_old_phone(raw: str) -> str | None:
    """A Cameroonian number of before 21 November 2014 (8 digits) in its 9-digit form, as E.164; None when it is not one.

    Mobiles (5, 6, 7, 9) took a 6 and fixed lines (2, 3) a 2. For imports only: a person types today's number.
    """
    digits = re.sub(r"\D", "", raw)
    digits = re.sub(r"^(?:00)?237(?=\d{8}$)", "", digits)
    if len(digits) != _OLD_LENGTH or digits[0] not in "235679":
        return None
    prefix = "2" if digits[0] in "23" else "6"
    try:
        return parse_phone(f"+237{prefix}{digits}")
    except InvalidPhone:
        return None


def national_format(e164: str) -> str:
    """As people write it: `6 70 00 00 00` in Cameroon, the international form elsewhere."""
    match = re.fullmatch(r"\+237(\d)(\d\d)(\d\d)(\d\d)(\d\d)", e164)
    if match:
        return " ".join(match.groups())
    number = phonenumbers.parse(e164)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
