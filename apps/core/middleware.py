"""What surrounds every request: its id, errors of the API outside its views, the slash of pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation

from apps.core.api.problems import problem_http_response
from apps.core.api.views import LANGUAGES

logger = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PAGE_WITHOUT_SLASH = re.compile(r"/(?:fr|en)(?:/[\w/-]*)?[^/.]|/(?:fr|en)")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Keeps a sane `X-Request-ID`, makes one otherwise, and sends it back; logs and problems carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ApiErrorsMiddleware:
    """Turns what Django itself answers under /api/ into problems: unknown paths, refused bodies, crashes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api = request.path_info.startswith("/api/")
        if not is_api or response.status_code < 400 or response.get("Content-Type", "").startswith("application/"):
            return response
        with translation.override(_language(request)):
            code = {
                400: "malformed_request",
                403: "csrf_failed",
                404: "not_found",
                405: "method_not_allowed",
                413: "body_too_large",
            }
            problem = problem_http_response(request, code=code.get(response.status_code, "internal_error"), status=response.status_code)
        if response.has_header("Allow"):
            problem["Allow"] = response["Allow"]
        return problem


class PageSlashMiddleware:
    """A page typed without its last slash leads to the one with it; the API and files have none to add."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and _PAGE_WITHOUT_SLASH.fullmatch(request.path_info):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{request.path}/{f'?{query}' if query else ''}")
        return self.get_response(request)


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else translation.get_language_from_request(request)[:2]
