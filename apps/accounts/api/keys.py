"""API keys over HTTP. People manage them in person: by session or their own token, never with a key."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import schema
from apps.accounts.api.serializers import KeyInputSerializer, KeyPatchSerializer, KeySerializer, RotateSerializer
from apps.accounts.callers import caller_of
from apps.accounts.models import ApiKey
from apps.accounts.origins import origin_of
from apps.accounts.selectors.keys import find_key, keys_of
from apps.accounts.services.keys import OVERLAP_DEFAULT, KeyInput, change_key, create_key, revoke_key, rotate_key
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.idempotency import answer_once


def _answer(key: ApiKey, *, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(KeySerializer(key).data, default=str), status=status, content_type="application/json")


def _with_secret(response: HttpResponse, secret: str | None) -> HttpResponse:
    """The answer with the secret, which is added after the answer was stored for repetition: a repeated one has none."""
    response.content = json.dumps({**json.loads(response.content), "key": secret}).encode()
    return response


class KeyListView(ApiView):
    """The caller's keys."""

    @extend_schema(**schema.LIST_KEYS)
    def get(self, request: Request) -> Response:
        """Keys, newest first, ended ones included."""
        user = caller_of(request).require_person()
        return Response({"data": KeySerializer(keys_of(user), many=True).data, "has_more": False, "next": None, "previous": None})

    @extend_schema(**schema.CREATE_KEY)
    def post(self, request: Request) -> HttpResponse:
        """Make a key. Its secret is in this answer alone."""
        user = caller_of(request).require_person()
        body = KeyInputSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        at, secrets = now(), []

        def answer() -> HttpResponse:
            key, secret = create_key(user=user, data=KeyInput(**body.validated_data), at=at, origin=origin_of(request._request))  # noqa: SLF001  DRF's way to Django's request
            secrets.append(secret)
            response = _answer(key, status=201)
            response["Location"] = request.build_absolute_uri(f"{request.path}/{key.pk}")
            return response

        return _once(request, at=at, answer=answer, secrets=secrets)


class KeyView(ApiView):
    """One key."""

    @extend_schema(**schema.READ_KEY)
    def get(self, request: Request, key_id: uuid.UUID) -> HttpResponse:
        """The key without its secret, which nobody has any more."""
        return _answer(find_key(caller_of(request).require_person(), key_id))

    @extend_schema(**schema.CHANGE_KEY)
    def patch(self, request: Request, key_id: uuid.UUID) -> HttpResponse:
        """Change name, scopes, rate, end or addresses."""
        user = caller_of(request).require_person()
        body = KeyPatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return _answer(change_key(user=user, key_id=key_id, changes=body.validated_data, at=now(), origin=origin_of(request._request)))  # noqa: SLF001  likewise

    @extend_schema(**schema.REVOKE_KEY)
    def delete(self, request: Request, key_id: uuid.UUID) -> HttpResponse:
        """End the key at once."""
        user = caller_of(request).require_person()
        revoke_key(user=user, key_id=key_id, at=now(), origin=origin_of(request._request))  # noqa: SLF001  likewise
        return HttpResponse(status=204)


class RotateKeyView(ApiView):
    """Replacing a key."""

    @extend_schema(**schema.ROTATE_KEY)
    def post(self, request: Request, key_id: uuid.UUID) -> HttpResponse:
        """Make the key that replaces this one; both work until the overlap is over."""
        user = caller_of(request).require_person()
        body = RotateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        seconds = body.validated_data.get("overlap")
        overlap = OVERLAP_DEFAULT if seconds is None else dt.timedelta(seconds=seconds)
        at, secrets = now(), []

        def answer() -> HttpResponse:
            key, secret = rotate_key(user=user, key_id=key_id, at=at, overlap=overlap, origin=origin_of(request._request))  # noqa: SLF001  likewise
            secrets.append(secret)
            return _answer(key, status=201)

        return _once(request, at=at, answer=answer, secrets=secrets)


def _once(request: Request, *, at: dt.datetime, answer: Callable[[], HttpResponse], secrets: list[str]) -> HttpResponse:
    body = repr(request.data).encode()
    response = answer_once(request._request, caller=caller_of(request).identity, body=body, at=at, answer=answer)  # noqa: SLF001  likewise
    return _with_secret(response, secrets[0] if secrets else None)
