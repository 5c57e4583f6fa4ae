"""What a visitor sees when a page cannot be shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.api.problems import current_request_id
from apps.web.pages import Meta, frame


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's signature
    """404: offers the search, in the language of the address."""
    return render(request, "404.html", _error_frame(request, _("Page introuvable")), status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's signature
    """403: who can give access."""
    return render(request, "403.html", _error_frame(request, _("Accès refusé")), status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's signature
    """400: the browser sent what no page can read."""
    return render(request, "400.html", _error_frame(request, _("Demande illisible")), status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's signature
    """403 of a form whose token is missing or old."""
    context = _error_frame(request, _("Formulaire expiré"))
    return render(request, "403_csrf.html", context, status=403)


def gone(request: HttpRequest) -> HttpResponse:
    """410: the entry was deleted and will not come back here."""
    return render(request, "web/gone.html", _error_frame(request, _("Fiche supprimée")), status=410)


def _error_frame(request: HttpRequest, title: str) -> dict[str, object]:
    """Errors have no twin: the other language would not find the page either."""
    context = frame(request, meta=Meta(title, "", robots="noindex"), reference=current_request_id())
    return {**context, "alternates": []}
