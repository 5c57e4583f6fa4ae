"""The description of the API and its two readers, from our own static files."""

from __future__ import annotations

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import PUBLIC_CACHE


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    authentication_classes: list[type] = []  # noqa: RUF012  DRF's class attribute

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The document, in the language of `lang` or `Accept-Language`."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # the library has no types here
        response["Cache-Control"] = PUBLIC_CACHE
        return response


schema = SchemaView.as_view(urlconf="apps.api.documented_urls")
swagger = SpectacularSwaggerSplitView.as_view(url_name="schema", authentication_classes=[], template_name="api/swagger.html")


@csp_update({"style-src-elem": ["'unsafe-inline'"]})
@cache_control(max_age=3600)
def redoc(request: HttpRequest) -> HttpResponse:
    """Redoc writes its own style elements: the one response that allows them."""
    return render(request, "api/redoc.html")
