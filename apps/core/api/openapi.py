"""Parts of the OpenAPI document that every endpoint shares."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

PROBLEM_JSON = "application/problem+json"

_DESCRIPTIONS = {
    400: "A parameter, cursor or body that cannot be read; `errors` names each.",
    401: "Nobody is logged in, or the key or token is wrong or has ended.",
    403: "The caller may not do this, the key lacks the scope, or the CSRF token is missing.",
    404: "Nothing is here, or not for this caller.",
    405: "The path does not take this method.",
    406: "The path does not answer in the asked format.",
    409: "The state of the entry does not allow it, or the same request is still running.",
    410: "The entry is deleted.",
    411: "A body without `Content-Length`.",
    412: "The entry has changed since the version in `If-Match`.",
    413: "The body is too large.",
    415: "The body has a type that is not read here.",
    422: "Members that break a rule; `errors` points at each.",
    428: "`If-Match` is missing.",
    429: "Too many requests or attempts; `Retry-After` says when to come back.",
}


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One refusal: `pointer` names a member of the body (RFC 6901), `parameter` one of the query."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). Programs go by `code`; `type` is the address of a page that explains it."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # the name of the wire
    suggestions = serializers.ListField(child=serializers.CharField(), required=False, help_text="Near slugs that exist.")


def problems(*statuses: int) -> dict[Any, Any]:
    """The error responses of these statuses, and of limits, which stand before every operation; for `extend_schema`."""
    return {key: value for status in sorted({*statuses, 429}) for key, value in problem(status).items()}


def problem(status: int, description: str = "", code: str = "") -> dict[Any, Any]:
    """The error response of one status; what it means here when that is not what it means elsewhere."""
    description = description or _DESCRIPTIONS[status]
    example = _example(status, description, code)
    return {(status, PROBLEM_JSON): OpenApiResponse(ProblemSerializer, description=description, examples=[example])}


def _example(status: int, description: str, code: str) -> OpenApiExample:
    codes = {
        400: "invalid_parameter", 401: "authentication_required", 403: "permission_refused", 404: "not_found",
        405: "method_not_allowed", 406: "not_acceptable", 409: "conflict", 410: "gone", 411: "length_required",
        412: "precondition_failed", 413: "body_too_large", 415: "unsupported_media_type", 422: "validation_failed",
        428: "precondition_required", 429: "rate_limited",
    }  # fmt: skip
    code = code or codes[status]
    value = {
        "type": f"https://ecosyste.example/problems/{code.replace('_', '-')}", "title": description.split(",", maxsplit=1)[0].rstrip("."),
        "status": status, "detail": description, "instance": "/api/v1/api-resources", "code": code,
        "request_id": "0f3c9a7e5b1d4c2e",
    }  # fmt: skip
    return OpenApiExample(code, value, response_only=True, media_type=PROBLEM_JSON, status_codes=[str(status)])


# Who may call: nobody in particular, or somebody who says who he is.
ANYBODY: Final[list[dict[str, list[str]]]] = [{}, {"apiKey": []}, {"bearer": []}, {"session": []}]


# Only people themselves, by session or their own token: no key and no application.
IN_PERSON: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"session": []}]


def header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    """A request header."""
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description, required=required)


def query(name: str, description: str, kind: Any = OpenApiTypes.STR, **options: Any) -> OpenApiParameter:
    """A parameter of the query."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


LANG = query("lang", "Language of the texts; wins over `Accept-Language`.", enum=["fr", "en"])
IF_MATCH = header("If-Match", 'ETag of the entry that was read, such as `"7-1f0c…"`; only its version counts.', required=True)
IF_NONE_MATCH = header("If-None-Match", "ETag of the answer that the caller has: 304 when it is still right.")
IDEMPOTENCY_KEY = header("Idempotency-Key", "Any text of the caller's: the same request sent again gets the stored answer, for 24 hours.")
