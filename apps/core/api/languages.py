"""The language of an answer."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation

LANGUAGES = ("fr", "en")


def request_language(request: HttpRequest) -> str:
    """`lang` when it is a language of ours, else what `Accept-Language` prefers, French when in doubt."""
    asked = request.GET.get("lang")
    return asked if asked in LANGUAGES else translation.get_language_from_request(request)[:2]
