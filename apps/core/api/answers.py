"""Answers of finished bytes, with their conditional and cache headers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _

from apps.core.api.conditional import matches_none
from apps.core.api.params import InvalidParameter
from apps.core.api.views import PRIVATE_CACHE, PUBLIC_CACHE

JSON = "application/json"


def answer(request: HttpRequest, body: bytes, *, tag: str, is_public: bool = True) -> HttpResponse:
    """The body, or a 304 when the caller has it. `tag` is a quoted ETag."""
    response = HttpResponseNotModified() if matches_none(request, tag) else HttpResponse(body, content_type=JSON)
    response["ETag"] = tag
    response["Cache-Control"] = PUBLIC_CACHE if is_public else PRIVATE_CACHE
    return response


def content_tag(*parts: bytes) -> str:
    """An ETag of content that has no version of its own."""
    digest = hashlib.blake2b(digest_size=9)
    for part in parts:
        digest.update(part)
    return f'"{digest.hexdigest()}"'


def list_body(items: Iterable[bytes], *, following: str | None, preceding: str | None, **more: Any) -> bytes:
    """`{data, has_more, next, previous}` and what else the caller asked."""
    tail = msgspec.json.encode({"has_more": following is not None, "next": following, "previous": preceding, **more})
    return b'{"data":[%b],%b' % (b",".join(items), tail[1:])


def project(item: bytes, fields: Sequence[str]) -> bytes:
    """Only these members of an object.

    :raises InvalidParameter: the object has no such member.
    """
    value: dict[str, Any] = msgspec.json.decode(item)
    unknown = [name for name in fields if name not in value]
    if unknown:
        detail = _("« fields » ne connaît pas : %(unknown)s.") % {"unknown": ", ".join(unknown)[:200]}
        raise InvalidParameter([("fields", detail)])
    return msgspec.json.encode({name: value[name] for name in value if name in fields})
