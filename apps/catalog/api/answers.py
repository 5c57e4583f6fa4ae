"""Answers with one entry."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from apps.catalog import selectors
from apps.catalog.models import Resource
from apps.core.api.answers import JSON
from apps.core.api.conditional import etag
from apps.core.api.views import PRIVATE_CACHE
from apps.core.exceptions import NotFound


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
