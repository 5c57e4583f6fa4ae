"""How a visitor wants pages to look: theme and data-saving mode, kept in two cookies that hold nothing else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.web.middleware import ACCOUNT_PAGES
from apps.web.pages import alternates

THEMES = ("light", "dark")
YEAR_S = 365 * 24 * 3600


def appearance(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `theme` ("", "light" or "dark") and `saver`, also on when the browser asks to save data.

    Account pages, of which allauth renders many, get their twin in the other language here; other views give it themselves.
    """
    theme = request.COOKIES.get("theme", "")
    saver = request.COOKIES.get("saver")
    asked = request.headers.get("Save-Data", "").lower() == "on"
    values: dict[str, Any] = {"theme": theme if theme in THEMES else "", "saver": saver == "1" or (saver is None and asked)}
    if request.path[3:].startswith(ACCOUNT_PAGES):
        values["alternates"] = alternates(request, request.GET.urlencode())
    return values


# No CSRF token: a forged request could only change colours, and a token would put a cookie on every page and keep
# shared caches from holding any.
@csrf_exempt
@require_POST
def set_appearance(request: HttpRequest) -> HttpResponse:
    """Keep a choice of theme (`theme`: light, dark or empty for the system's) or of data saving (`saver`: 1 or empty)."""
    response = HttpResponseRedirect(_way_back(request))
    if "theme" in request.POST:
        theme = request.POST["theme"]
        if theme in THEMES:
            _keep(request, response, "theme", theme)
        else:
            response.delete_cookie("theme", samesite="Lax")
    if "saver" in request.POST:
        _keep(request, response, "saver", "1" if request.POST["saver"] == "1" else "0")
    return response


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Set one cookie; app.js reads and writes the theme's, so it is not hidden from scripts."""
    response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())


def _way_back(request: HttpRequest) -> str:
    """The page that the form was on, when it is ours; the home page otherwise."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return address if is_ours else "/"
