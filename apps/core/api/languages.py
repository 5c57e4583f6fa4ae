"""The language of an answer."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation

from apps.core.process_cache import ProcessCache

LANGUAGES = ("fr", "en")
# Callers send a handful of `Accept-Language` headers, and weighing one costs more than the rest of the choice.
_preferred: ProcessCache[str] = ProcessCache(maxsize=1000, ttl_s=lambda: 3600)
_REMEMBERED_MAX = 100


def request_language(request: HttpRequest) -> str:
    """`lang` when it is a language of ours, else what `Accept-Language` prefers, French when in doubt."""
    asked = request.GET.get("lang")
    if asked in LANGUAGES:
        return asked
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    # A cookie of a visitor's own choice comes before the header.
    if request.COOKIES or len(header) > _REMEMBERED_MAX:
        return translation.get_language_from_request(request)[:2]
    return _preferred.get(header) or _preferred.set(header, translation.get_language_from_request(request)[:2])
