"""Pictures of shared addresses."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from apps.catalog import selectors
from apps.core.clock import now
from apps.web.pages import current_language
from apps.web.share_images import draw_share_image


@require_safe
@cache_control(public=True, max_age=7 * 24 * 3600)
@condition(etag_func=lambda _request: f'"{current_language()}-1"')
def share_image(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    """The picture of every page that has none of its own."""
    content = draw_share_image(title=_("L’annuaire du Cameroun"), line=_("Établissements, services, données et API"), seed="romapi")
    return HttpResponse(content, content_type="image/png")


@require_safe
@cache_control(public=True, max_age=7 * 24 * 3600)
def listing_share_image(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001  Django's signature
    """The picture of an entry: its name, category and place."""
    found = selectors.get_card(slug, language=current_language())
    if not isinstance(found, selectors.Card):
        raise Http404
    listing = found.data(now())
    words = [part["name"] for part in (listing["category"], listing["quarter"], listing["city"]) if part]
    content = draw_share_image(title=listing["name"], line=" · ".join(words), seed=listing["slug"])
    return HttpResponse(content, content_type="image/png")
