"""Answers with entries: finished bytes with their conditional and cache headers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.models import Resource
from apps.core.api.conditional import etag, matches_none
from apps.core.api.params import InvalidParameter
from apps.core.api.views import PRIVATE_CACHE, PUBLIC_CACHE
from apps.core.exceptions import NotFound

JSON = "application/json"


def answer(request: HttpRequest, body: bytes, *, tag: str, is_public: bool = True) -> HttpResponse:
    """The body, or a 304 when the caller has it. `tag` is a quoted ETag."""
    response = HttpResponseNotModified() if matches_none(request, tag) else HttpResponse(body, content_type=JSON)
    response["ETag"] = tag
    response["Cache-Control"] = PUBLIC_CACHE if is_public else PRIVATE_CACHE
    return response


def detail_response(resource: Resource, *, language: str, at: dt.datetime, status: int = 200) -> HttpResponse:
    """An entry as it is stored now, whether or not it is public; never kept by a shared cache."""
    card = selectors.live_card(resource.pk, language=language)
    if card is None:
        raise NotFound
    response = HttpResponse(card.detail_json(at), status=status, content_type=JSON)
    response["ETag"] = card_tag(card, language, at)
    response["Cache-Control"] = PRIVATE_CACHE
    return response


def card_tag(card: selectors.Card, language: str, at: dt.datetime, *parts: str) -> str:
    """ETag of an entry's detail: its version, for `If-Match`, then what else is shown."""
    return etag(card.version, language, card.digest(at), *parts)


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
