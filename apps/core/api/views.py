"""The base of every endpoint's view."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.api.params import InvalidParameter

LANGUAGES = ("fr", "en")
PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
PRIVATE_CACHE = "private, no-store"
_TAKES_JSON = {"*/*", "application/json", "application/json, */*"}


def request_language(request: HttpRequest) -> str:
    """`lang` when given, else what `Accept-Language` prefers, French when in doubt.

    :raises InvalidParameter: a `lang` that is neither fr nor en.
    """
    asked = request.GET.get("lang")
    if asked is not None:
        if asked not in LANGUAGES:
            raise InvalidParameter([("lang", translation.gettext("« lang » doit être fr ou en."))])
        return asked
    return translation.get_language_from_request(request)[:2]


class ApiView(APIView):
    """Answers in the caller's language, says so, and refuses a query that nobody reads.

    A view whose GET takes parameters sets `reads_query`; all others refuse every parameter but `lang`.
    """

    reads_query = False
    language = "fr"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:  # noqa: FBT001, FBT002  DRF's signature
        """DRF's own choice, spared when the caller takes anything or JSON, as nearly all do."""
        if request.META.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON:
            renderer = self.renderer_classes[0]()
            return renderer, str(renderer.media_type)
        chosen: tuple[Any, str] = super().perform_content_negotiation(request, force)
        return chosen

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method: language, then DRF's own checks, then the query."""
        self.language = request_language(request._request)  # noqa: SLF001  DRF's way to Django's request
        translation.activate(self.language)
        super().initial(request, *args, **kwargs)
        unknown = set(request.query_params) - {"lang"}
        if unknown and not (self.reads_query and request.method in {"GET", "HEAD"}):
            raise InvalidParameter(
                [(name[:100], translation.gettext("Paramètre inconnu : %(name)s.") % {"name": name[:100]}) for name in sorted(unknown)]
            )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """After the method: language and cache headers."""
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        answered.headers.setdefault("Content-Language", self.language)
        answered.headers.setdefault("Cache-Control", PRIVATE_CACHE)
        patch_vary_headers(answered, ["Accept-Language"])
        return answered
