"""The base of every endpoint's view."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.api.languages import LANGUAGES, request_language
from apps.core.api.params import InvalidParameter
from apps.core.api.parsers import LengthRequired
from apps.core.exceptions import DomainError

PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
PRIVATE_CACHE = "private, no-store"
_TAKES_JSON = {"*/*", "application/json", "application/json, */*"}


def has_credentials(request: HttpRequest) -> bool:
    """Whether the caller says who he is, rightly or in the wrong place (a key in the query): only then is that checked."""
    meta = request.META
    return bool(
        meta.get("HTTP_COOKIE") or meta.get("HTTP_AUTHORIZATION") or meta.get("HTTP_X_API_KEY") or "romapi_" in meta.get("QUERY_STRING", "")
    )


class ApiView(APIView):
    """Answers in the caller's language, says so, and refuses a query that nobody reads.

    A view whose GET takes parameters sets `reads_query`; all others refuse every parameter but `lang`.
    """

    reads_query = False
    language = "fr"
    # What a key or token must allow for reading here; empty when any will do.
    read_scope = ""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """DRF's own choice, spared when the caller takes anything or JSON, as nearly all do."""
        if request.META.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON:
            renderer = self.renderer_classes[0]()
            return renderer, str(renderer.media_type)
        chosen: tuple[Any, str] = super().perform_content_negotiation(request, force)
        return chosen

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method: language, then DRF's own checks, then the query."""
        self._choose_language(request._request)  # noqa: SLF001  DRF's way to Django's request
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired(translation.gettext("Envoyez le corps en une fois avec l’en-tête Content-Length."))
        super().initial(request, *args, **kwargs)
        self._refuse_unread(request._request)  # noqa: SLF001  likewise

    def _choose_language(self, request: HttpRequest) -> None:
        self.language = request_language(request)
        translation.activate(self.language)
        if request.GET.get("lang") not in {None, *LANGUAGES}:
            raise InvalidParameter([("lang", translation.gettext("« lang » doit être fr ou en."))])

    def _refuse_unread(self, request: HttpRequest) -> None:
        unknown = set(request.GET) - {"lang"}
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
        self._add_headers(answered)
        return answered

    def _add_headers(self, response: HttpResponseBase) -> None:
        response.headers.setdefault("Content-Language", self.language)
        response.headers.setdefault("Cache-Control", PRIVATE_CACHE)
        patch_vary_headers(response, ["Accept-Language"])


class PlainReadView(ApiView):
    """A view whose GET is public: who asks nothing but JSON and presents nothing is answered without DRF's machinery.

    That is a tenth of what a detail costs (16 of 195 us of CPU, without the database). Any refusal is answered by the
    ordinary way, which asks the view again: reading twice changes nothing.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Try the short way, else DRF's."""
        if request.method == "GET" and request.META.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON and not has_credentials(request):
            try:
                self._choose_language(request)
                self._refuse_unread(request)
                response: HttpResponseBase = self.get(request, *args, **kwargs)  # type: ignore[attr-defined]  # of the view
            except DomainError:
                return super().dispatch(request, *args, **kwargs)
            self._add_headers(response)
            return response
        return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Who presents nothing need not be looked for when he only reads."""
        if request.method not in {"GET", "HEAD", "OPTIONS"} or has_credentials(request._request):  # noqa: SLF001  DRF's way to Django's request
            super().perform_authentication(request)

    def check_permissions(self, request: Request) -> None:
        """Likewise."""
        if has_credentials(request._request):  # noqa: SLF001  likewise
            super().check_permissions(request)
