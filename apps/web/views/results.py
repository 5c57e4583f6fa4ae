"""Pages that list entries: by words and filters, by category, by place."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from apps.catalog import selectors
from apps.core.clock import now
from apps.core.numbers import group_thousands
from apps.search import selectors as search_selectors
from apps.search import services
from apps.search.analysis import QUERY_LENGTH_MAX
from apps.search.askers import asker_of
from apps.search.models import SearchDemand
from apps.web import lookups
from apps.web.pages import (
    DESCRIPTION_MAX,
    TITLE_MAX,
    Meta,
    breadcrumb_json_ld,
    current_language,
    dump_json_ld,
    frame,
    page_url,
    shorten,
)
from apps.web.questions import Question, read_question
from apps.web.results import Results, find_results

# A landing page is indexed when it has this many entries to show.
INDEXED_FROM = 3
SUGGESTIONS_MAX = 8
SUGGESTIONS_LIVE_S = 60


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results of words and filters. One address per question: empty parameters go, a mere place or category has its page."""
    question = read_question(request.GET)
    has_empty = any(not value for _name, values in request.GET.lists() for value in values)
    if has_empty or question.landing_url() or (request.GET.get("location") and not question.location):
        return HttpResponseRedirect(question.url(page=question.page))
    return _results(request, question, is_landing=False, crumbs=[])


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Lines under the search fields while somebody types, as JSON: `value`, `label`, and `url` of an entry.

    Of places alone with `what=places`. Outside the API's limits, which are for programs.
    """
    language = current_language()
    text = request.GET.get("q", "")[:QUERY_LENGTH_MAX]
    lines = search_selectors.suggest(text, language=language, limit=SUGGESTIONS_MAX, at=now())
    if request.GET.get("what") == "places":
        lines = [line for line in lines if line.kind in {"city", "quarter", "region"}]
    kinds = {"category": _("Catégorie"), "city": _("Ville"), "region": _("Région")}
    found = [
        {
            "value": f"{line.name}, {line.detail}" if line.kind == "quarter" else line.name,
            "label": kinds.get(line.kind) or (_("Quartier") if line.kind == "quarter" else line.detail),
            **({"url": reverse("web:detail", args=[line.slug])} if line.kind == "resource" else {}),
        }
        for line in lines
    ]
    response = JsonResponse({"data": found})
    response["Cache-Control"] = f"public, max-age={SUGGESTIONS_LIVE_S}"
    return response


@require_safe
def category(request: HttpRequest, category: str) -> HttpResponse:
    """A category in the whole country."""
    _name_or_404(selectors.category_name(category, current_language()))
    return _landing(request, crumbs=[], category=category)


@require_safe
def region(request: HttpRequest, region: str) -> HttpResponse:
    """Everything in a region."""
    _name_or_404(selectors.place_name(region=region, language=current_language()))
    return _landing(request, crumbs=[], region=region)


@require_safe
def city(request: HttpRequest, city: str) -> HttpResponse:
    """Everything in a town."""
    _name_or_404(selectors.place_name(city=city, language=current_language()))
    return _landing(request, crumbs=[], city=city)


@require_safe
def city_category(request: HttpRequest, city: str, category: str) -> HttpResponse:
    """A category in a town."""
    place = _name_or_404(selectors.place_name(city=city, language=current_language()))
    _name_or_404(selectors.category_name(category, current_language()))
    crumbs = [{"name": place, "url": reverse("web:city", args=[city])}]
    return _landing(request, crumbs=crumbs, city=city, category=category)


@require_safe
def quarter_category(request: HttpRequest, city: str, quarter: str, category: str) -> HttpResponse:
    """A category in a quarter of a town."""
    language = current_language()
    place = _name_or_404(selectors.place_name(city=city, language=language))
    _name_or_404(selectors.place_name(city=city, quarter=quarter, language=language))
    name = _name_or_404(selectors.category_name(category, language))
    crumbs = [
        {"name": place, "url": reverse("web:city", args=[city])},
        {"name": name, "url": reverse("web:city_category", args=[city, category])},
    ]
    return _landing(request, crumbs=crumbs, city=city, quarter=quarter, category=category)


def _landing(request: HttpRequest, *, crumbs: list[dict[str, str]], **place: str) -> HttpResponse:
    """A page with a clean address; any filter beside it makes it a search, at the search's address."""
    question = read_question(request.GET, **place)
    if not question.landing_url() or set(question.fixed()) != set(place.items()):
        return HttpResponseRedirect(question.url(page=question.page))
    return _results(request, question, is_landing=True, crumbs=crumbs)


def _name_or_404(name: str) -> str:
    if not name:
        raise Http404
    return name


def _results(request: HttpRequest, question: Question, *, is_landing: bool, crumbs: list[dict[str, str]]) -> HttpResponse:
    language = current_language()
    at = now()
    found = find_results(question, language=language, at=at)
    if question.page == 1:
        services.count_search(
            text=question.q, language=language, channel=SearchDemand.Channel.PAGE, found=len(found.listings), asker=asker_of(request),
            at=at, shown=found.shown, where=found.where,
        )  # fmt: skip
    trail = [{"name": _("Accueil"), "url": reverse("web:home")}, *crumbs, {"name": found.title, "url": ""}]
    is_part = request.headers.get("HX-Target") == "resultats"
    context: dict[str, Any] = frame(
        request,
        meta=_meta(request, found, trail, is_landing=is_landing),
        query=urlencode(found.question.pairs()) if not is_landing else f"page={question.page}" if question.page > 1 else "",
        results=found,
        crumbs=trail,
        search={
            "q": found.question.q, "location": found.question.location or _place_words(found, language), "type": found.question.type,
            "title": found.title, "place": ", ".join(chip.label for chip in found.chips), "suggestions": lookups.suggestions(language),
            "places": lookups.places(language),
        },
        nav="search",
        is_part=is_part,
        contact=settings.CONTACT_EMAIL,
    )  # fmt: skip
    response = render(request, "web/_results.html" if is_part else "web/results.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _place_words(found: Results, language: str) -> str:
    asked = found.question
    quarter = asked.quarter[0] if len(asked.quarter) == 1 else ""
    return selectors.place_name(region=asked.region, city=asked.city, quarter=quarter, language=language)


def _meta(request: HttpRequest, found: Results, trail: list[dict[str, str]], *, is_landing: bool) -> Meta:
    page = found.question.page
    title = found.title if page == 1 else _("%(title)s, page %(page)s") % {"title": found.title, "page": page}
    # What is only there to show the site is not for search engines, nor is a page with next to nothing.
    is_indexed = is_landing and sum(not listing["is_demo"] for listing in found.listings) >= INDEXED_FROM
    url = page_url(request) + (f"?page={page}" if page > 1 else "")
    item_list = {
        "@type": "ItemList",
        "name": found.title,
        "numberOfItems": len(found.listings),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": listing["name"],
                "url": request.build_absolute_uri(listing["url"]),
            }
            for position, listing in enumerate(found.listings, 1)
        ],
    }
    description = ngettext(
        "%(title)s : adresses, horaires, téléphones et plan. %(count)s fiche dans l’annuaire du Cameroun.",
        "%(title)s : adresses, horaires, téléphones et plan. %(count)s fiches dans l’annuaire du Cameroun.",
        found.count,
    )
    return Meta(
        title=shorten(title, TITLE_MAX),
        description=shorten(description % {"title": found.title, "count": group_thousands(found.count)}, DESCRIPTION_MAX),
        canonical=url if is_indexed else None,
        robots=None if is_indexed else "noindex,follow",
        json_ld=[*([dump_json_ld(item_list)] if found.listings else []), breadcrumb_json_ld(request, trail)],
    )
