"""Bodies of requests, read strictly: what JSON allows, in UTF-8, within bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.core.exceptions import DomainError


class BodyTooLarge(DomainError):
    """The body is longer than the endpoint reads."""

    code = "body_too_large"
    status = 413


class JsonParser(BaseParser):
    """`application/json`; refuses NaN, repeated members, NUL characters, depth that ends in a crash, and huge numbers."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:  # noqa: ARG002
        """:raises ParseError: not such JSON. :raises BodyTooLarge: longer than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
        limit = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge(_("Le corps dépasse %(limit)s octets.") % {"limit": limit})
        try:
            data = json.loads(
                raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique_members, parse_int=_bounded_int
            )
        except (ValueError, RecursionError) as error:
            raise ParseError(str(error)[:200]) from error
        if b"\\u0000" in raw or b"\x00" in raw:
            raise ParseError(_("Le caractère NUL n’est pas permis."))
        return data


class MergePatchParser(JsonParser):
    """`application/merge-patch+json` (https://www.rfc-editor.org/rfc/rfc7396)."""

    media_type = "application/merge-patch+json"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bounded_int(text: str) -> int | float:
    if len(text) > 18:
        raise ValueError("number too large")
    return int(text)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member name")
    return members
