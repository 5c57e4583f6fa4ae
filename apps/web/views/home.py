"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.catalog import selectors
from apps.core.clock import now
from apps.web.listings import as_listings
from apps.web.maps import town_marks
from apps.web.pages import Meta, current_language, dump_json_ld, frame, page_url

SHOWN_CATEGORIES = 8
SHOWN_LISTINGS = 8


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
    page = selectors.list_cards(selectors.CardFilter(), language=language, at=at, limit=SHOWN_LISTINGS)
    meta = Meta(
        title=_("L’annuaire du Cameroun"),
        description=_("Entreprises, services, jeux de données et API du Cameroun : horaires, contacts et plans, en un seul endroit."),
        canonical=page_url(request),
        json_ld=[
            dump_json_ld(
                {
                    "@type": "WebSite",
                    "name": "Ecosyste",
                    "url": page_url(request),
                    "inLanguage": language,
                    "potentialAction": {
                        "@type": "SearchAction",
                        "target": {
                            "@type": "EntryPoint",
                            "urlTemplate": f"{page_url(request)}recherche/?q={{search_term_string}}",
                        },
                        "query-input": "required name=search_term_string",
                    },
                }
            )
        ],
    )
    context = frame(
        request,
        meta=meta,
        counts=counts,
        categories=selectors.category_tree(language)[:SHOWN_CATEGORIES],
        regions=counts.regions,
        towns=town_marks({city.slug: city.count for city in counts.cities}),
        listings=as_listings(page.cards, at=at),
        search_samples=[_("Pharmacie"), _("Restaurant Douala"), _("Carte d’identité"), _("API de paiement")],
    )
    return render(request, "web/home.html", context)
