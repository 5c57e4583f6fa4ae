"""An API with one view of each kind, for the tests of what all views share."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.conditional import PreconditionFailed, etag, matches_none, require_if_match
from apps.core.api.pagination import Keyset, link_header, page_urls
from apps.core.api.params import Params
from apps.core.api.problems import unknown_path
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.exceptions import AuthenticationRequired, Conflict, FieldsInvalid, Gone, NotFound, PermissionRefused
from apps.core.idempotency import answer_once

VERSION = 7
ERRORS: dict[str, Exception] = {
    "401": AuthenticationRequired(),
    "403": PermissionRefused(missing_scope="things:write"),
    "404": NotFound(),
    "409": Conflict(),
    "410": Gone(),
    "422": FieldsInvalid([("/contacts/0/value", "phone_invalid", "Numéro non valide")]),
    "429": Throttled(wait=12.2),
    "500": ZeroDivisionError(),
    "503": OperationalError("the database is away"),
    "data": DataError("value too long"),
    "suspicious": SuspiciousOperation("odd"),
}


class ThingSerializer(serializers.Serializer[dict[str, Any]]):
    """Reads a thing."""

    name = serializers.CharField(max_length=10)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)


class Things(ApiView):
    """A list."""

    reads_query = True

    def get(self, request: Request) -> HttpResponse:
        """Two pages of nothing."""
        params = Params(request.query_params)
        read = {
            "limit": params.limit(), "offset": params.offset(), "q": params.text("q"), "open_now": params.boolean("open_now"),
            "sort": params.choice("sort", ("name", "newest")), "has": params.choices("has", ("wifi", "parking")), "bbox": params.bbox(),
            "level": params.integer("level", minimum=-2, maximum=4),
        }  # fmt: skip
        cursor = params.text("cursor", limit=500)
        params.finish()
        place = Keyset.decode(cursor, request._request) if cursor else None
        last = Keyset(2, dt.datetime(2026, 11, 24, 8, 0, 0, 123457, tzinfo=dt.UTC), uuid.UUID(int=1))
        following, preceding = page_urls(request._request, limit=20, following=None if place else last, preceding=place)
        response = Response({"read": read, "place": None if place is None else [place.plan_rank, place.published_at, place.id]})
        response["Link"] = link_header(following, preceding)
        return response

    def post(self, request: Request) -> HttpResponse:
        """Answers with what it read, once for each Idempotency-Key."""
        data = request.data

        def answer() -> HttpResponse:
            return Response({"data": data, "at": now().isoformat()}, status=201)

        return answer_once(request._request, caller="anybody", body=repr(data).encode(), at=now(), answer=answer)


class Thing(ApiView):
    """One object with a version."""

    def get(self, request: Request) -> HttpResponse:
        """Answers 304 to who has it."""
        tag = etag(VERSION, self.language)
        if matches_none(request._request, tag):
            return HttpResponse(status=304, headers={"ETag": tag})
        return Response({"language": self.language}, headers={"ETag": tag})

    def patch(self, request: Request) -> HttpResponse:
        """Changes nothing."""
        versions = require_if_match(request._request)
        if versions is not None and VERSION not in versions:
            raise PreconditionFailed
        return HttpResponse(status=204)

    def put(self, request: Request) -> HttpResponse:
        """Checks fields."""
        ThingSerializer(data=request.data).is_valid(raise_exception=True)
        return HttpResponse(status=204)


class Failing(ApiView):
    """Fails as asked."""

    def get(self, _request: Request, how: str) -> HttpResponse:
        """Raises."""
        raise ERRORS[how]


def plain(_request: HttpRequest) -> HttpResponse:
    """A view of Django, outside the framework, that crashes."""
    raise ZeroDivisionError


def page(request: HttpRequest) -> HttpResponse:
    """A page."""
    return HttpResponse(f"page {request.method}")


urlpatterns = [
    path("api/v1/things", Things.as_view()),
    path("api/v1/thing", Thing.as_view()),
    path("api/v1/failing/<str:how>", Failing.as_view()),
    path("api/plain", plain),
    re_path("^api/", unknown_path),
    path("fr/", page),
    path("fr/douala/", page),
    path("crash/", plain),
]
