"""Rules for single members of a body, shared by entries and profiles."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from apps.catalog.constants import UNSEEN

_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>")


class Refused(Exception):
    """One member breaks a rule: `code` is stable, `detail` names the remedy."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def pointer(name: str) -> str:
    """A member's name inside a JSON pointer (RFC 6901)."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def one_of(values: list[str]) -> str:
    """The sentence that lists what is allowed."""
    return _("Valeurs possibles : %(values)s.") % {"values": ", ".join(values)}


def string(value: object, limit: int) -> str:
    """A text without control characters, nor what turns the direction of writing; null is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("not_a_string", _("Une chaîne de caractères est attendue."))
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise Refused("not_unicode", _("Ce texte contient un caractère qui n’existe pas."))
    if len(value) > limit:
        raise Refused("too_long", _("Au plus %(limit)s caractères.") % {"limit": limit})
    return UNSEEN.sub("", value)


def line(value: object, limit: int) -> str:
    """One line of plain text."""
    text = " ".join(string(value, limit).split())
    if _TAG.search(text):
        raise Refused("html", _("Le HTML n’est pas permis ici. Écrivez du texte simple."))
    return text


def choice(value: object, values: list[str]) -> str:
    """One of a closed list."""
    if value not in values:
        raise Refused("unknown_value", one_of(values))
    return str(value)


def integer(value: object, minimum: int, maximum: int) -> int | None:
    """A whole number within bounds; null is None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        bounds = {"minimum": minimum, "maximum": maximum}
        raise Refused("invalid_number", _("Un nombre entier de %(minimum)s à %(maximum)s est attendu.") % bounds)
    return value
