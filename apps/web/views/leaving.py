"""Leaving for a listing's WhatsApp, site or directions: counted on the server, so that it works and counts without JavaScript."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseRedirectBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.analytics.choices import Channel, EventType
from apps.analytics.incoming import Incoming
from apps.analytics.referrers import NOT_TOLD
from apps.analytics.services.tracking import track
from apps.analytics.visitors import visitor_of
from apps.catalog import selectors
from apps.core.clock import now
from apps.web.pages import current_language
from apps.web.views.errors import gone
from apps.web.ways import DIRECTIONS, SITE, WHATSAPP, target_of

_EVENTS = {
    WHATSAPP: (EventType.CONTACT, Channel.WHATSAPP),
    SITE: (EventType.CONTACT, Channel.SITE),
    DIRECTIONS: (EventType.DIRECTION, Channel.NONE),
}


class LeavingRedirect(HttpResponseRedirectBase):
    """A redirect to a target that is stored: whatever is stored is an address of the web."""

    status_code = 302
    allowed_schemes = ["http", "https"]  # noqa: RUF012  Django's class attribute


@require_safe
def leave(request: HttpRequest, slug: str, way: str) -> HttpResponse:
    """Count, and lead to what is stored with the entry; a former address leads to the present one."""
    at = now()
    found = selectors.get_card(slug, language=current_language())
    if isinstance(found, selectors.Moved):
        return HttpResponsePermanentRedirect(reverse("web:leave", args=[found.slug, way]))
    if isinstance(found, selectors.Removed):
        return gone(request)
    if found is None or way not in _EVENTS:
        raise Http404
    listing = found.data(at, detail=True)
    page = request.build_absolute_uri(reverse("web:detail", args=[listing["slug"]]))
    target = target_of(way, listing, page_address=page)
    if not target:
        raise Http404
    if request.method == "GET":
        kind, channel = _EVENTS[way]
        event = Incoming(0, str(found.id), kind, channel, referrer=NOT_TOLD)
        track([event], visitor=visitor_of(request, at=at), own_host=request.get_host(), at=at)
    response = LeavingRedirect(target)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    return response
