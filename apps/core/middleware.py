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
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponsePermanentRedirect
from django.utils import translation
from django.utils.module_loading import import_string

from apps.core.api.languages import request_language
from apps.core.api.problems import CONTENT_TYPE, problem_http_response

logger = structlog.get_logger(__name__)
_access = logging.getLogger(__name__)

# The documentation below /api/ is pages.
API_PATHS = (
    "/api/v1/",
    "/api/analytics/",
    "/api/api-resources",
    "/api/auth/",
    "/api/businesses",
    "/api/categories",
    "/api/ingest/",
    "/api/me/",
    "/api/payments/",
    "/api/search",
)

# Nobody is known there, whatever his browser sends along (sendBeacon sends cookies).
WITHOUT_VISITOR = frozenset({"/api/v1/analytics/track", "/api/analytics/track"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PAGE_WITHOUT_SLASH = re.compile(r"/(?:fr|en)(?:/[\w-]+)*")
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
# Asked every few seconds, or sent by the thousand: seen at DEBUG only.
_QUIET_PATHS = ("/health", "/static/", "/media/")

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
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        if level == logging.INFO and request.path_info.startswith(_QUIET_PATHS):
            level = logging.DEBUG
        if _access.isEnabledFor(level):
            # Neither query nor address of the caller: they may hold secrets, and are personal data.
            logger.log(
                level, "request", method=request.method, path=request.path, status=response.status_code,
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
        path = request.path_info
        if path in WITHOUT_VISITOR or (path.startswith(API_PATHS) and not request.COOKIES):
            answer = self.get_response(request)
            # All that it would have of Django's CommonMiddleware.
            if not answer.streaming:
                answer.headers.setdefault("Content-Length", str(len(answer.content)))
            return answer
        response: HttpResponse = self.visitor(request)
        return response


class ApiErrorsMiddleware:
    """Turns what Django itself answers under /api/ into problems: unknown paths, refused bodies, crashes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api = request.path_info.startswith("/api/")
        if not is_api or response.status_code < 400 or response.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        with translation.override(request_language(request)):
            problem = problem_http_response(request, status=response.status_code)
        for name in _KEPT_HEADERS:
            if response.has_header(name):
                problem[name] = response[name]
        return problem


class KnownHostMiddleware:
    """Refuses a host that is not ours before anything writes an address with it, error pages included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponseBadRequest("Bad Request: unknown host", content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class PageSlashMiddleware:
    """A page typed without its last slash leads to the one with it; the API and files have none to add."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and _PAGE_WITHOUT_SLASH.fullmatch(request.path_info):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{request.path}/{f'?{query}' if query else ''}")
        return self.get_response(request)
