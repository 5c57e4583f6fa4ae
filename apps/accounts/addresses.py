"""E-mail addresses as people type them."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 255


def clean_email(text: str) -> str:
    """The address in lower case.

    Only ASCII passes: letters of other alphabets that look alike would make two accounts of one name, and mail programs
    disagree on them. A line break or another invisible character is refused, not removed.

    :raises ValidationError: this is no address that we can write to.
    """
    address = unicodedata.normalize("NFKC", text.strip(" ")).lower()
    if not address.isascii() or not address.isprintable() or len(address) > MAX_LENGTH:
        raise ValidationError(_("Écrivez l’adresse en lettres sans accent, par exemple awa@exemple.cm."), code="invalid")
    validate_email(address)
    return address
