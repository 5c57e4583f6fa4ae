"""Leaving a category of messages by the link of a mail, without a login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core.clock import now
from apps.notifications.services.unsubscribing import unsubscribe as leave
from apps.notifications.unsubscribe_links import read_token
from apps.web.pages import Meta, frame


# Mail programs post here by themselves (RFC 8058): they have no cookie and no token of a form. The signed link is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Say what it is about and ask; a POST leaves, at once. Opening the link alone does nothing: mail scanners open links."""
    leaving = read_token(token)
    is_done = request.method == "POST" and leave(token=token, at=now()) is not None
    if leaving is None or (request.method == "POST" and not is_done):
        state, title = "unknown", _("Lien incomplet ou inconnu")
    elif is_done:
        state, title = "done", _("C’est noté : ces messages ne vous seront plus envoyés")
    else:
        state, title = "ask", _("Ne plus recevoir ces messages ?")
    meta = Meta(title=title, description=_("Se désabonner de messages, sans connexion."), robots="noindex")
    categories = [one.label for one in leaving.categories] if leaving else []
    context = frame(request, meta=meta, nav="account", portal="", heading=title, state=state, categories=categories)
    response = render(request, "web/unsubscribe.html", context, status=404 if state == "unknown" else 200)
    # The address is a proof: it goes to no other site.
    response["Referrer-Policy"] = "no-referrer"
    return response
