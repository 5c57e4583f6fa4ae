"""Errors of the API as `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.core.api.languages import request_language
from apps.core.api.problem_types import problem_type
from apps.core.exceptions import DomainError, FieldsInvalid

logger = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
_DRF_CODES: dict[type[Exception], tuple[str, int]] = {
    drf.ParseError: ("malformed_request", 400),
    drf.NotAuthenticated: ("authentication_required", 401),
    drf.AuthenticationFailed: ("authentication_required", 401),
    drf.PermissionDenied: ("permission_refused", 403),
    drf.NotFound: ("not_found", 404),
    Http404: ("not_found", 404),
    PermissionDenied: ("permission_refused", 403),
    drf.MethodNotAllowed: ("method_not_allowed", 405),
    drf.NotAcceptable: ("not_acceptable", 406),
    drf.UnsupportedMediaType: ("unsupported_media_type", 415),
    drf.ValidationError: ("validation_failed", 422),
    drf.Throttled: ("rate_limited", 429),
    RequestDataTooBig: ("body_too_large", 413),
    SuspiciousOperation: ("malformed_request", 400),
    UnreadablePostError: ("malformed_request", 400),
    # The database is away, or gave up waiting: the same request works later.
    OperationalError: ("unavailable", 503),
    InterfaceError: ("unavailable", 503),
    # A value that the checks before it let through and no column holds: to be refused sooner, hence logged.
    DataError: ("validation_failed", 422),
}
RETRY_AFTER_S = 5


def current_request_id() -> str:
    """The id of the request being answered, as logs and the X-Request-ID header have it."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def problem_body(
    request: HttpRequest, *, code: str, status: int, title: object = None, detail: object = None, **extensions: Any
) -> dict[str, Any]:
    """The members of a problem; `title` and `detail` default to those of the type."""
    kind = problem_type(code, status)
    return {
        "type": request.build_absolute_uri(f"/problems/{kind.slug}"),
        "title": str(title or kind.title),
        "status": status,
        "detail": str(detail or kind.remedy),
        "instance": escape_uri_path(request.path),
        "code": code,
        "request_id": current_request_id(),
        **extensions,
    }


def problem_http_response(request: HttpRequest, *, status: int, code: str = "", detail: object = None, **extensions: Any) -> HttpResponse:
    """A problem from outside the API's views: unknown path, middleware, a crash.

    :param code: defaults to the general one of the status.
    """
    body = problem_body(request, code=code or problem_type("", status).code, status=status, detail=detail, **extensions)
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    response["Content-Language"] = get_language() or "fr"
    return response


@csrf_exempt
def unknown_path(request: HttpRequest) -> HttpResponse:
    """The view of every path below /api/ that is nobody's, so that no page is drawn to be thrown away.

    Nothing is here that a token could guard: a write to a mistyped path is a 404, not a refusal.
    """
    with translation.override(request_language(request)):
        return problem_http_response(request, status=404)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`: None for a crash, which becomes a 500 problem further up and is reported."""
    set_rollback()
    if isinstance(error, DatabaseError):
        logger.error("database_error", exc_info=error)
    request: HttpRequest = context["request"]._request  # noqa: SLF001  DRF's documented way to Django's request
    if isinstance(error, DomainError):
        return _response(request, error.code, error.status, error.title, error.detail, _extensions(error))
    for kind, (code, status) in _DRF_CODES.items():
        if isinstance(error, kind):
            return _from_drf(request, error, code, status)
    if isinstance(error, drf.APIException):
        return _response(request, str(error.default_code), error.status_code, None, error.detail, {})
    return None


def _extensions(error: DomainError) -> dict[str, Any]:
    extensions = {name: value for name, value in error.extensions.items() if not name.startswith("_")}
    if isinstance(error, FieldsInvalid):
        extensions["errors"] = [{"pointer": pointer, "code": code, "detail": str(detail)} for pointer, code, detail in error.errors]
    return extensions


def _from_drf(request: HttpRequest, error: Exception, code: str, status: int) -> Response:
    extensions: dict[str, Any] = {}
    detail: object = None
    if isinstance(error, drf.PermissionDenied) and "CSRF" in str(error.detail):
        code = "csrf_failed"
    elif isinstance(error, drf.ValidationError):
        extensions["errors"] = list(_pointers(error.detail, error.get_codes()))
    response = _response(request, code, status, None, detail, extensions)
    wait_s = getattr(error, "wait", None)
    if wait_s or status == 503:
        response["Retry-After"] = str(math.ceil(wait_s or RETRY_AFTER_S))
    return response


def _pointers(detail: Any, codes: Any, path: str = "") -> Sequence[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            item
            for name, value in detail.items()
            for item in _pointers(value, codes[name], f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}")
        ]
    if isinstance(detail, list):
        found: list[dict[str, str]] = []
        for index, value in enumerate(detail):
            inner = f"{path}/{index}" if isinstance(value, dict | list) else path
            found += _pointers(value, codes[index], inner)
        return found
    return [{"pointer": path.removesuffix("/non_field_errors"), "code": str(codes), "detail": str(detail)}]


def _response(request: HttpRequest, code: str, status: int, title: object, detail: object, extensions: dict[str, Any]) -> Response:
    response = Response(
        problem_body(request, code=code, status=status, title=title, detail=detail, **extensions),
        status=status,
        content_type=CONTENT_TYPE,
    )
    response["Content-Language"] = get_language() or "fr"
    if status == 401:
        # https://www.rfc-editor.org/rfc/rfc6750#section-3.1: an error is named only when something was presented.
        was_presented = code in {"credential_invalid", "credential_expired", "credential_revoked", "key_rotated"}
        response["WWW-Authenticate"] = 'Bearer realm="api"' + (', error="invalid_token"' if was_presented else "")
    return response
