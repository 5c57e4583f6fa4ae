"""Ending a key from a mail, without a log-in: the link is the proof."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.keys import read_revocation_token
from apps.accounts.models import ApiKey
from apps.accounts.origins import origin_of
from apps.accounts.selectors.keys import find_key_of
from apps.accounts.services.keys import revoke_key as end_key
from apps.core.clock import now
from apps.core.exceptions import NotFound
from apps.web.pages import Meta, frame


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: HttpRequest, token: str) -> HttpResponse:
    """Say which key it is and ask; a POST ends it. Opening the link alone does nothing: mail scanners open links."""
    try:
        key_id, user_id = read_revocation_token(token)
        key = find_key_of(user_id=user_id, key_id=key_id)
    except signing.SignatureExpired:
        return _page(request, state="expired", title=_("Lien expiré"), status=410)
    except (signing.BadSignature, NotFound):
        return _page(request, state="unknown", title=_("Lien incomplet ou inconnu"), status=404)
    if not key.is_active:
        return _page(request, state="ended", title=_("Cette clé est déjà révoquée"), key=key)
    if request.method == "POST":
        key = end_key(user=key.user, key_id=key.pk, at=now(), origin=origin_of(request))
        return _page(request, state="done", title=_("Clé révoquée"), key=key)
    return _page(request, state="ask", title=_("Révoquer cette clé ?"), key=key)


def _page(request: HttpRequest, *, state: str, title: str, key: ApiKey | None = None, status: int = 200) -> HttpResponse:
    meta = Meta(title=title, description=_("Révoquer une clé d’API depuis un message."), robots="noindex")
    context = frame(request, meta=meta, nav="developers", portal="", heading=title, state=state, key=key)
    response = render(request, "web/developers/revoke_from_mail.html", context, status=status)
    # The address is a proof: it goes to no other site.
    response["Referrer-Policy"] = "no-referrer"
    return response
