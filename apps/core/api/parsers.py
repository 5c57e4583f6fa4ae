"""Bodies of requests, read strictly: what JSON allows, in UTF-8, within bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from apps.core.exceptions import DomainError

DEPTH_MAX = 32
INTEGER_MAX = 2**63 - 1


class MalformedBody(DomainError):
    """The body is not the JSON that we read; the detail says what is wrong and where."""

    code = "malformed_request"
    status = 400


class BodyTooLarge(DomainError):
    """The body is longer than the endpoint reads."""

    code = "body_too_large"
    status = 413


class LengthRequired(DomainError):
    """A body without a length: the server would hand it over as empty."""

    code = "length_required"
    status = 411


class JsonParser(BaseParser):
    """`application/json`; refuses what Python reads and JSON, PostgreSQL or a 64-bit number does not allow."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """:raises MalformedBody: not such JSON. :raises BodyTooLarge: longer than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
        request = parser_context.get("request") if parser_context else None
        if request is not None and request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnsupportedMediaType(media_type or self.media_type)
        limit = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge(_("Le corps dépasse %(limit)s octets.") % {"limit": limit})
        return read_json(raw)


class MergePatchParser(JsonParser):
    """`application/merge-patch+json` (https://www.rfc-editor.org/rfc/rfc7396)."""

    media_type = "application/merge-patch+json"


def read_json(raw: bytes) -> Any:
    """The value of a JSON text.

    :raises MalformedBody: not UTF-8, not JSON, a repeated member, NaN or infinity, a whole number beyond 64 bits, a NUL
        or half a surrogate pair in a text, or more than `DEPTH_MAX` levels.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(_("Le corps n’est pas en UTF-8 (octet %(place)s).") % {"place": error.start + 1}) from error
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_within_64_bits, object_pairs_hook=_unique_members
        )
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise MalformedBody(_("Le corps n’est pas du JSON valide (ligne %(line)s, colonne %(column)s).") % place) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check(value)
    return value


def _check(value: Any) -> None:
    """Depth and texts, without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise _too_deep()
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, list):
                below += item
            elif isinstance(item, dict):
                below += item.values()
                below += item.keys()
        level = below


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise MalformedBody(_("Le caractère NUL n’est pas permis."))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise MalformedBody(_("Un texte contient une moitié de caractère (\\ud800 à \\udfff)."))


def _too_deep() -> MalformedBody:
    return MalformedBody(_("Le corps a plus de %(maximum)s niveaux.") % {"maximum": DEPTH_MAX})


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedBody(_("%(name)s n’est pas un nombre en JSON.") % {"name": name})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedBody(_("Un nombre est trop grand : %(number)s.") % {"number": text[:40]})
    return number


def _within_64_bits(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > INTEGER_MAX:
        raise MalformedBody(_("Un nombre est trop grand : %(number)s.") % {"number": text[:40]})
    return int(text)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise MalformedBody(_("Le membre « %(name)s » est répété.") % {"name": repeated[:100]})
    return members
