"""What the pages of the portal share: their frame, and the answer that holds a secret."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from apps.web.pages import Meta, frame, shorten


def portal_frame(request: HttpRequest, *, title: str, section: str, is_refused: bool = False, **context: Any) -> dict[str, Any]:
    """The context of a signed-in person's page.

    :param section: the entry of the side navigation that is current. :param is_refused: a form has to be corrected.
    """
    shown = _("Erreur : %(title)s") % {"title": title} if is_refused else title
    meta = Meta(title=shorten(shown, 48), description=_("Clés, usage et applications de l’API ROMAPI."), robots="noindex")
    return frame(request, meta=meta, nav="developers", portal=section, heading=title, **context)


def refused(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A form with its errors."""
    return render(request, template, context, status=422)


@sensitive_variables()
def secret_answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The one page that holds a secret: kept by nobody, neither here nor in the browser."""
    response = render(request, template, context)
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    return response
