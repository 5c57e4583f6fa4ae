"""ETags and the conditions that name them (https://www.rfc-editor.org/rfc/rfc9110#section-13)."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


class PreconditionFailed(DomainError):
    """The object has changed since the caller read it."""

    code = "precondition_failed"
    status = 412
    title = _("Version dépassée")
    detail = _("La fiche a changé depuis votre lecture. Relisez-la, reportez vos changements et renvoyez-les avec le nouvel ETag.")


class PreconditionRequired(DomainError):
    """The method changes an object and the caller did not say which version he saw."""

    code = "precondition_required"
    status = 428
    title = _("Condition requise")
    detail = _("Envoyez l’en-tête If-Match avec l’ETag de la fiche que vous avez lue.")


def etag(version: object, *parts: object) -> str:
    """A tag whose first part is the version, so that a write can compare it alone: `"7-a1b2c3d4"`."""
    digest = hashlib.blake2b("|".join(str(part) for part in parts).encode(), digest_size=6).hexdigest()
    return f'"{version}-{digest}"'


def matches_none(request: HttpRequest, tag: str) -> bool:
    """Whether `If-None-Match` names this tag, so that a 304 says enough."""
    header = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(header) and (header.strip() == "*" or tag in {found.removeprefix("W/") for found in _TAG.findall(header)})


def require_if_match(request: HttpRequest) -> set[int] | None:
    """The versions that `If-Match` allows; None for `*`, which allows any.

    :raises PreconditionRequired: no such header.
    :raises PreconditionFailed: a header that names no tag of ours.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired
    if header.strip() == "*":
        return None
    versions = {int(match[1]) for found in _TAG.findall(header) if (match := re.match(r'"(\d{1,9})(?:-[0-9a-f]+)?"', found))}
    if not versions:
        raise PreconditionFailed
    return versions
