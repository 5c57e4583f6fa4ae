"""The base of every endpoint's view."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.api.languages import LANGUAGES, request_language
from apps.core.api.params import InvalidParameter
from apps.core.api.parsers import LengthRequired

PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
PRIVATE_CACHE = "private, no-store"
_TAKES_JSON = {"*/*", "application/json", "application/json, */*"}


class ApiView(APIView):
    """Answers in the caller's language, says so, and refuses a query that nobody reads.

    A view whose GET takes parameters sets `reads_query`; all others refuse every parameter but `lang`.
    """

    reads_query = False
    language = "fr"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """DRF's own choice, spared when the caller takes anything or JSON, as nearly all do."""
        if request.META.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON:
            renderer = self.renderer_classes[0]()
            return renderer, str(renderer.media_type)
        chosen: tuple[Any, str] = super().perform_content_negotiation(request, force)
        return chosen

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method: language, then DRF's own checks, then the query."""
        asked = request.query_params.get("lang")
        self.language = request_language(request._request)  # noqa: SLF001  DRF's way to Django's request
        translation.activate(self.language)
        if asked not in {None, *LANGUAGES}:
            raise InvalidParameter([("lang", translation.gettext("« lang » doit être fr ou en."))])
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired(translation.gettext("Envoyez le corps en une fois avec l’en-tête Content-Length."))
        super().initial(request, *args, **kwargs)
        unknown = set(request.query_params) - {"lang"}
        if unknown and not (self.reads_query and request.method in {"GET", "HEAD"}):
            raise InvalidParameter(
                [(name[:100], translation.gettext("Paramètre inconnu : %(name)s.") % {"name": name[:100]}) for name in sorted(unknown)]
            )

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  DRF's signature
        """The methods of the path; the rest is in the OpenAPI document."""
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """After the method: language and cache headers."""
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        answered.headers.setdefault("Content-Language", self.language)
        answered.headers.setdefault("Cache-Control", PRIVATE_CACHE)
        patch_vary_headers(answered, ["Accept-Language"])
        return answered
