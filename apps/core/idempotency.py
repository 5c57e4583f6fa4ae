"""`Idempotency-Key`: a POST that is sent again gets the first answer again, and does nothing twice.

Follows draft-ietf-httpapi-idempotency-key-header; the rules of our own are in the design contracts, section 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import NoReturn

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from apps.core.exceptions import Conflict, DomainError
from apps.core.models import IdempotentRequest

KEPT_FOR = dt.timedelta(hours=24)
KEY_MAX, SCOPE_MAX = 255, 200
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Location", "ETag")


class IdempotencyKeyReused(DomainError):
    """The key came before with another request."""

    code = "idempotency_key_reused"
    status = 422
    title = _("Clé d’idempotence déjà employée")
    detail = _("Cette Idempotency-Key a servi pour une autre requête. Employez une nouvelle clé pour chaque opération.")


class IdempotencyKeyInvalid(DomainError):
    """The header is empty, too long or not printable ASCII."""

    code = "invalid_parameter"
    status = 400
    detail = _("Idempotency-Key doit être un texte de 1 à 255 caractères ASCII visibles.")


class IdempotencyKeyMissing(DomainError):
    """The operation asks for the header, because doing it twice costs somebody money."""

    code = "idempotency_key_missing"
    status = 400
    title = _("Idempotency-Key manquante")
    detail = _("Ajoutez un en-tête Idempotency-Key, nouveau pour chaque opération et le même quand vous la renvoyez.")


def require_key(request: HttpRequest) -> None:
    """For operations that may not go without. :raises IdempotencyKeyMissing: no header. :raises IdempotencyKeyInvalid: see there."""
    if read_key(request) is None:
        raise IdempotencyKeyMissing


def read_key(request: HttpRequest) -> str | None:
    """The key, quoted (as the draft says) or bare; None without the header.

    :raises IdempotencyKeyInvalid: see the error.
    """
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    quoted = re.fullmatch(r'"(.*)"', header.strip())
    key = quoted[1] if quoted else header.strip()
    if not re.fullmatch(rf"[\x21-\x7e]{{1,{KEY_MAX}}}", key):
        raise IdempotencyKeyInvalid
    return key


def answer_once(
    request: HttpRequest,
    *,
    caller: str,
    body: bytes,
    at: dt.datetime,
    answer: Callable[[], HttpResponse],
    kept_for: dt.timedelta = KEPT_FOR,
    key: str | None = None,
) -> HttpResponse:
    """`answer()`, or what it answered before to the same key, caller and route.

    The answer is stored in the transaction of what it did, whose lock on the key says that it still runs: a process
    that dies leaves neither effect nor answer nor lock, and the next call starts afresh. An error that is raised and
    a status of 500 or more roll back and are not stored.

    :param caller: who calls, as a stable text.
    :param body: what makes two requests the same. :param key: that of a form, which has no header of its own.
    :raises IdempotencyKeyReused: the key came with another body. :raises Conflict: the first call still runs.
    """
    key = key or read_key(request)
    if key is None:
        return answer()
    scope = _scope(request, caller)
    fingerprint = hashlib.sha256(b"\0".join([request.headers.get("Content-Type", "").encode(), body])).hexdigest()
    fresh = IdempotentRequest(scope=scope, key=key, fingerprint=fingerprint, expires_at=at + kept_for)
    IdempotentRequest.objects.bulk_create([fresh], ignore_conflicts=True)
    with transaction.atomic():
        stored = IdempotentRequest.objects.select_for_update(skip_locked=True).filter(scope=scope, key=key).first()
        if stored is None:
            _refuse_second(scope=scope, key=key, fingerprint=fingerprint)
        if stored.status is not None and stored.expires_at > at:
            return _replay(stored, fingerprint)
        response = _rendered(answer())
        if response.status_code >= 500:
            transaction.set_rollback(True)
            return response
        stored.fingerprint, stored.expires_at = fingerprint, at + kept_for
        stored.status, stored.body = response.status_code, response.content
        stored.headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
        stored.save()
        return response


def _scope(request: HttpRequest, caller: str) -> str:
    """Both prefixes of the API are one route."""
    scope = f"{caller} {request.method} {request.path.replace('/api/v1/', '/api/', 1)}"
    return scope if len(scope) <= SCOPE_MAX else hashlib.sha256(scope.encode()).hexdigest()


def _refuse_second(*, scope: str, key: str, fingerprint: str) -> NoReturn:
    """Another call holds the key now."""
    running = IdempotentRequest.objects.filter(scope=scope, key=key).first()
    if running is not None and running.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    raise Conflict(_("La première requête avec cette Idempotency-Key est encore en cours. Réessayez dans un instant."))


def _replay(stored: IdempotentRequest, fingerprint: str) -> HttpResponse:
    if stored.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    replay = HttpResponse(bytes(stored.body), status=stored.status, headers=stored.headers)
    replay["Idempotent-Replayed"] = "true"
    return replay


def _rendered(response: HttpResponse) -> HttpResponse:
    """DRF renders its answers after the view; what is stored must be bytes now."""
    if not isinstance(response, Response):
        return response
    content = b"" if response.data is None else JSONRenderer().render(response.data)
    return HttpResponse(content, status=response.status_code, headers={**response.headers, "Content-Type": "application/json"})


def prune(*, at: dt.datetime) -> int:
    """Forget expired keys; returns how many."""
    return IdempotentRequest.objects.filter(expires_at__lt=at).delete()[0]
