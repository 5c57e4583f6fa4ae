"""`Idempotency-Key`: a POST that is sent again gets the first answer again, and does nothing twice.

Follows draft-ietf-httpapi-idempotency-key-header; the rules of our own are in the design contracts, section 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError
from apps.core.models import IdempotentRequest

KEPT_FOR = dt.timedelta(hours=24)
# A worker that dies leaves the key taken for this long, not for ever.
LEASE = dt.timedelta(seconds=60)
KEY_MAX = 255
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
) -> HttpResponse:
    """`answer()`, or what it answered before to the same key, caller and route.

    :param caller: who calls, as a stable text.
    :raises IdempotencyKeyReused: the key came with another body. :raises Conflict: the first call still runs.
    """
    key = read_key(request)
    if key is None:
        return answer()
    scope = f"{caller} {request.method} {request.path.replace('/api/v1/', '/api/', 1)}"[:200]
    fingerprint = hashlib.sha256(b"\0".join([request.headers.get("Content-Type", "").encode(), body])).hexdigest()
    stored = _claim(scope=scope, key=key, fingerprint=fingerprint, at=at, kept_for=kept_for)
    if stored is not None:
        replay = HttpResponse(bytes(stored.body), status=stored.status, headers=stored.headers)
        replay["Idempotent-Replayed"] = "true"
        return replay
    try:
        response = answer()
    except BaseException:
        _release(scope=scope, key=key)
        raise
    if hasattr(response, "render"):
        response = response.render()
    if response.status_code >= 500:
        _release(scope=scope, key=key)
        return response
    kept: Mapping[str, str] = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    IdempotentRequest.objects.filter(scope=scope, key=key).update(
        is_running=False, status=response.status_code, headers=kept, body=response.content
    )
    return response


@transaction.atomic
def _claim(*, scope: str, key: str, fingerprint: str, at: dt.datetime, kept_for: dt.timedelta) -> IdempotentRequest | None:
    """Take the key for this call (None), or return the finished call that had it."""
    fresh = IdempotentRequest(scope=scope, key=key, fingerprint=fingerprint, lease_until=at + LEASE, expires_at=at + kept_for)
    IdempotentRequest.objects.bulk_create([fresh], ignore_conflicts=True)
    found = IdempotentRequest.objects.select_for_update().get(scope=scope, key=key)
    is_ours = found.lease_until == fresh.lease_until and found.expires_at == fresh.expires_at and found.is_running
    if found.expires_at <= at or (found.is_running and found.lease_until <= at):
        found.fingerprint, found.is_running = fingerprint, True
        found.lease_until, found.expires_at = fresh.lease_until, fresh.expires_at
        found.save(update_fields=["fingerprint", "is_running", "lease_until", "expires_at"])
        return None
    if found.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if is_ours:
        return None
    if found.is_running:
        raise Conflict(_("La première requête avec cette Idempotency-Key est encore en cours. Réessayez dans un instant."))
    return found


def _release(*, scope: str, key: str) -> None:
    IdempotentRequest.objects.filter(scope=scope, key=key, is_running=True).delete()


def prune(*, at: dt.datetime) -> int:
    """Forget expired keys; returns how many."""
    return IdempotentRequest.objects.filter(expires_at__lt=at).delete()[0]
