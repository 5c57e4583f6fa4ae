"""What surrounds every request: its id, errors of the API outside its views, the slash of pages."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation
from django.utils.module_loading import import_string

from apps.core.api.problems import problem_http_response
from apps.core.api.views import LANGUAGES

logger = structlog.get_logger(__name__)
_access = logging.getLogger(__name__)

# The documentation below /api/ is pages.
_API_PATHS = ("/api/v1/", "/api/api-resources", "/api/businesses", "/api/categories")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PAGE_WITHOUT_SLASH = re.compile(r"/(?:fr|en)(?:/[\w/-]*)?[^/.]|/(?:fr|en)")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Keeps a sane `X-Request-ID` or makes one, sends it back, and logs one line a request; logs and problems carry the id.

    django-structlog has such a middleware too, which costs half as much again as the rest of an API read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if _access.isEnabledFor(logging.INFO):
            logger.info(
                "request", method=request.method, path=request.path, status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )  # fmt: skip
        return response


class VisitorMiddleware:
    """The middleware of `VISITOR_MIDDLEWARE` around everything but API calls without cookies, which have no use for it.

    None of them may have a `process_view`: Django looks for those in `MIDDLEWARE` alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        handler: Any = get_response
        for path in reversed(settings.VISITOR_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self.visitor = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(_API_PATHS) and not request.COOKIES:
            return self.get_response(request)
        response: HttpResponse = self.visitor(request)
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
