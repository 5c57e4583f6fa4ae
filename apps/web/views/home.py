"""The first page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.catalog import selectors
from apps.core.clock import now
from apps.web.listings import as_listings
from apps.web.lookups import places, suggestions
from apps.web.maps import town_marks
from apps.web.pages import Meta, current_language, dump_json_ld, frame, page_url
from apps.web.questions import Question

SHOWN_CATEGORIES = 8
SHOWN_LISTINGS = 8
SHOWN_CITIES = 12
TONES = ("sun", "clay", "indigo", "brand", "plum")


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """`/` leads to the language that the browser prefers, French when in doubt."""
    response = HttpResponseRedirect(f"/{get_language_from_request(request)[:2]}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the directory holds, and the ways in."""
    language = current_language()
    at = now()
    counts = selectors.catalogue_counts(language)

    def listed(resource_type: str, limit: int) -> list[dict[str, Any]]:
        chosen = selectors.card_filter(resource_type=resource_type)
        return as_listings(selectors.list_cards(chosen, language=language, at=at, limit=limit).cards, at=at)

    tiles = [_tile(node, number) for number, node in enumerate(counts.categories)]
    meta = Meta(
        title=_("L’annuaire du Cameroun"),
        description=_("Entreprises, services, jeux de données et API du Cameroun : horaires, contacts et plans, en un seul endroit."),
        canonical=page_url(request),
        json_ld=[_web_site(request, language)],
    )
    context = frame(
        request,
        meta=meta,
        total=counts.total,
        tiles=tiles[:SHOWN_CATEGORIES],
        other_tiles=tiles[SHOWN_CATEGORIES:],
        regions=_regions(counts),
        cities=[city for city in counts.cities if city.count][:SHOWN_CITIES],
        towns=town_marks({city.slug: city.count for city in counts.cities}),
        listings=listed("business", SHOWN_LISTINGS),
        open_resources=[*listed("api", 2), *listed("data", 1)],
        box={"suggestions": suggestions(language), "places": places(language)},
        samples=_samples(),
        api_url=request.build_absolute_uri("/api/v1/api-resources"),
        contact=settings.CONTACT_EMAIL,
    )
    return render(request, "web/home.html", context)


def _web_site(request: HttpRequest, language: str) -> SafeString:
    return dump_json_ld(
        {
            "@type": "WebSite",
            "name": "Ecosyste",
            "url": page_url(request),
            "inLanguage": language,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{page_url(request)}recherche/?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        }
    )


def _tile(node: selectors.CategoryNode, number: int) -> dict[str, Any]:
    url = reverse("web:category", args=[node.slug])
    return {"category": {"name": node.name, "icon": node.icon, "url": url, "count": node.count}, "tone": TONES[number % len(TONES)]}


def _regions(counts: selectors.CatalogueCounts) -> list[dict[str, Any]]:
    """The regions with the length of their bar, as text: a template would write a comma."""
    most = max((region.count for region in counts.regions), default=0) or 1
    return [
        {
            "slug": region.slug,
            "name": region.name,
            "url": reverse("web:region", args=[region.slug]),
            "count": region.count,
            "share": str(round(100 * region.count / most)),
        }
        for region in counts.regions
    ]


def _samples() -> list[dict[str, str]]:
    """Questions that people ask often, as links."""
    asked = [
        (_("Pharmacies à Yaoundé"), Question(category=("pharmacies",), city="yaounde")),
        (_("Hôtels à Douala"), Question(category=("hotels",), city="douala")),
        (_("Carte d’identité"), Question(q=_("carte identité"))),
        (_("API de paiement"), Question(category=("api-paiement",))),
    ]
    return [{"label": label, "url": question.url()} for label, question in asked]
