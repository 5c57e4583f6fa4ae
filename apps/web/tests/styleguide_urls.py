"""The style guide with the addresses that the base page names, for tests that look at components alone."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from apps.web.appearance import set_appearance
from apps.web.styleguide import styleguide


def blank(request: HttpRequest, **_: str) -> HttpResponse:
    """Any other page."""
    return HttpResponse(request.path)


@csrf_exempt
def told(_request: HttpRequest) -> HttpResponse:
    """What the page tells of its visitors, who are none."""
    return HttpResponse(status=202)


pages = [
    path("", blank, name="home"),
    path("recherche/", blank, name="search"),
    path("apparence/", set_appearance, name="appearance"),
    path("legal/<slug:page>/", blank, name="legal"),
    path("compte/", blank, name="account"),
    path("credits/", blank, name="credits"),
    path("developpeurs/", blank, name="developers"),
    path("tarifs/", blank, name="prices"),
    path("styleguide/", styleguide, name="styleguide"),
]
urlpatterns = [path("api/v1/analytics/track", told), *i18n_patterns(path("", include((pages, "web"))))]
