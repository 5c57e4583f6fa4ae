"""What the OpenAPI document says of accounts."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from apps.accounts.api.serializers import (
    KeyInputSerializer,
    KeyPatchSerializer,
    KeySerializer,
    LoginSerializer,
    MePatchSerializer,
    MeSerializer,
    NewKeySerializer,
    RefreshSerializer,
    RegisterSerializer,
    RotateSerializer,
    TokenPairSerializer,
)
from apps.core.api.openapi import ANYBODY, IDEMPOTENCY_KEY, IN_PERSON, LANG, problems

_ACCOUNT, _KEYS = ["account"], ["API keys"]
_READ = problems(400, 401, 403, 406)
_WRITE = {**_READ, **problems(411, 413, 415, 422)}
_PAIR = {
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2ln",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJmYW0iOiIwMTkzIn0.c2ln",
    "expires_in": 900,
}
_KEY: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90", "name": "Application mobile", "key_prefix": "romapi_live_4fQ2", "last_four": "9xKa",
    "scopes": ["resources:read", "search:read"], "permissions": ["resources:read", "search:read"], "rate_limit": 1000, "livemode": True,
    "ip_allow": [], "is_active": True, "expires_at": None, "revoked_at": None, "replaced_by": None, "exposed_at": None,
    "last_used_at": "2026-11-24T09:30:00Z", "last_used_from": "curl, 192.0.2.0/24", "created_at": "2026-11-24T08:00:00Z",
    "updated_at": "2026-11-24T08:00:00Z",
}  # fmt: skip


def _shown(name: str, value: object, *status: str) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, response_only=True, status_codes=list(status))]


def _asked(name: str, value: object) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, request_only=True)]


REGISTER: Final[dict[str, Any]] = {
    "operation_id": "register", "summary": "Open an account", "tags": _ACCOUNT, "auth": [], "parameters": [LANG],
    "request": {"application/json": RegisterSerializer},
    "responses": {
        202: OpenApiResponse(
            inline_serializer("Registration", {"status": serializers.CharField(help_text="`confirmation_sent`.")}),
            description="A mail is on its way. Nothing tells whether the address has an account already.",
        ),
        **_WRITE,
        **problems(429),
    },
    "examples": [
        *_asked(
            "A business",
            {
                "email": "awa@exemple.cm", "password": "une phrase assez longue", "name": "Awa Ngo", "user_type": "business",
                "company_name": "Ngo et fils", "phone": "+237670000000", "language": "fr",
            },
        ),
        *_shown("On its way", {"status": "confirmation_sent"}, "202"),
    ],
}  # fmt: skip
LOGIN: Final[dict[str, Any]] = {
    "operation_id": "log_in", "summary": "Log in", "tags": _ACCOUNT, "auth": [],
    "request": {"application/json": LoginSerializer},
    "responses": {200: TokenPairSerializer, **_WRITE, **problems(429)},
    "examples": [
        *_asked("With a second factor", {"email": "awa@exemple.cm", "password": "…", "otp": "123456"}),
        *_shown("Tokens", _PAIR, "200"),
    ],
}  # fmt: skip
REFRESH: Final[dict[str, Any]] = {
    "operation_id": "refresh_tokens", "summary": "Renew tokens", "tags": _ACCOUNT, "auth": [],
    "request": {"application/json": RefreshSerializer},
    "responses": {200: TokenPairSerializer, **_WRITE},
    "examples": [*_asked("A refresh token", {"refresh": _PAIR["refresh"]}), *_shown("Tokens", _PAIR, "200")],
}  # fmt: skip
LOGOUT: Final[dict[str, Any]] = {
    "operation_id": "log_out", "summary": "Log out", "tags": _ACCOUNT, "auth": [],
    "request": {"application/json": RefreshSerializer},
    "responses": {204: None, **_WRITE},
    "examples": _asked("A refresh token", {"refresh": _PAIR["refresh"]}),
}  # fmt: skip
ME: Final[dict[str, Any]] = {
    "operation_id": "get_me", "summary": "Read the caller's account", "tags": _ACCOUNT, "responses": {200: MeSerializer, **_READ},
}  # fmt: skip
CHANGE_ME: Final[dict[str, Any]] = {
    "operation_id": "change_me", "summary": "Change the caller's account", "tags": _ACCOUNT, "auth": IN_PERSON,
    "request": {"application/json": MePatchSerializer},
    "responses": {200: MeSerializer, **_WRITE},
    "examples": _asked("Another language", {"language": "en"}),
}  # fmt: skip

_ALLOWANCE = inline_serializer(
    "Allowance",
    {
        "name": serializers.ChoiceField(choices=["burst", "sustained", "monthly"]),
        "quota": serializers.IntegerField(help_text="Calls of the window; units of the month."),
        "window_s": serializers.IntegerField(allow_null=True, help_text="Null for a calendar month of Cameroon."),
        "remaining": serializers.IntegerField(),
        "reset_s": serializers.IntegerField(help_text="Seconds until all of it is back."),
    },
    many=True,
)
LIMITS: Final[dict[str, Any]] = {
    "operation_id": "get_limits", "summary": "Read the caller's limits", "tags": _ACCOUNT, "auth": ANYBODY, "parameters": [LANG],
    "responses": {
        200: inline_serializer(
            "Limits",
            {
                "caller": serializers.CharField(help_text="anonymous, session, jwt, api_key or oauth."),
                "livemode": serializers.BooleanField(), "plan": serializers.CharField(allow_null=True), "month": serializers.DateField(),
                "limits": _ALLOWANCE,
            },
        ),
        **_READ,
    },
    "examples": _shown(
        "A key",
        {
            "caller": "api_key", "livemode": True, "plan": "free", "month": "2026-11-01",
            "limits": [{"name": "monthly", "quota": 1000, "window_s": None, "remaining": 953, "reset_s": 561600}],
        },
        "200",
    ),
}  # fmt: skip

_MISSING = problems(404)
_NEW = OpenApiResponse(NewKeySerializer, description="The key with its secret, shown this once. A repeated request has null instead.")
_SECRET = {**_KEY, "key": "romapi_live_4fQ2…"}
LIST_KEYS: Final[dict[str, Any]] = {
    "operation_id": "list_keys", "summary": "List the caller's keys", "tags": _KEYS, "auth": IN_PERSON,
    "responses": {
        200: inline_serializer(
            "KeyPage",
            {
                "data": KeySerializer(many=True), "has_more": serializers.BooleanField(), "next": serializers.URLField(allow_null=True),
                "previous": serializers.URLField(allow_null=True),
            },
        ),
        **_READ,
    },
}  # fmt: skip
CREATE_KEY: Final[dict[str, Any]] = {
    "operation_id": "create_key", "summary": "Make a key", "tags": _KEYS, "auth": IN_PERSON, "parameters": [IDEMPOTENCY_KEY],
    "request": {"application/json": KeyInputSerializer},
    "responses": {201: _NEW, **_WRITE, **problems(409)},
    "examples": [*_asked("To read", {"name": "Application mobile", "scopes": ["resources:read"]}), *_shown("The key", _SECRET, "201")],
}  # fmt: skip
READ_KEY: Final[dict[str, Any]] = {
    "operation_id": "get_key", "summary": "Read a key", "tags": _KEYS, "auth": IN_PERSON,
    "responses": {200: KeySerializer, **_READ, **_MISSING},
}  # fmt: skip
CHANGE_KEY: Final[dict[str, Any]] = {
    "operation_id": "change_key", "summary": "Change a key", "tags": _KEYS, "auth": IN_PERSON,
    "request": {"application/json": KeyPatchSerializer},
    "responses": {200: KeySerializer, **_WRITE, **_MISSING, **problems(409)},
    "examples": _asked("Another name", {"name": "Site web"}),
}  # fmt: skip
REVOKE_KEY: Final[dict[str, Any]] = {
    "operation_id": "revoke_key", "summary": "End a key", "tags": _KEYS, "auth": IN_PERSON, "request": None,
    "responses": {204: None, **_READ, **_MISSING},
}  # fmt: skip
ROTATE_KEY: Final[dict[str, Any]] = {
    "operation_id": "rotate_key", "summary": "Replace a key", "tags": _KEYS, "auth": IN_PERSON, "parameters": [IDEMPOTENCY_KEY],
    "request": {"application/json": RotateSerializer},
    "responses": {201: _NEW, **_WRITE, **_MISSING, **problems(409)},
    "examples": [*_asked("Both for an hour", {"overlap": 3600}), *_shown("The key", _SECRET, "201")],
}  # fmt: skip
