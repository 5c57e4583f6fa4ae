"""The answer that shows one entry, for its owner as for the public."""

from __future__ import annotations

import datetime as dt

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from apps.catalog.card_json import card_bytes
from apps.catalog.cards import read_sources
from apps.catalog.holidays import current_holidays
from apps.catalog.models import Resource
from apps.catalog.opening import OpenStatus
from apps.core.api.conditional import etag
from apps.core.api.views import PRIVATE_CACHE


def open_status_json(status: OpenStatus) -> bytes:
    """The member that is appended to the stored bytes, with the closing brace."""
    return b',"open_status":' + msgspec.json.encode(status) + b"}"


def detail_response(request: Request, resource: Resource, *, language: str, at: dt.datetime, status: int = 200) -> HttpResponse:
    """An entry as it is stored now, whether or not it is public; never kept by a shared cache."""
    source = read_sources([resource.pk], only_public=False)[0]
    body, extra = card_bytes(source, language)
    state = source.schedule().status(at, current_holidays())
    response = HttpResponse(body + extra + open_status_json(state), status=status, content_type="application/json")
    response["ETag"] = etag(resource.version, language, state.state)
    response["Cache-Control"] = PRIVATE_CACHE
    return response
