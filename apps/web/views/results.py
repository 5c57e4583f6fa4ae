"""Pages that list entries: by words and filters, by category, by place."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.catalog import selectors
from apps.core.clock import now
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
from apps.web.results import Question, Results, find_results, read_question

# A landing page is indexed when it has this many entries to show.
INDEXED_FROM = 3


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results of words and filters. Empty parameters are stripped by a redirect: one address per question."""
    if any(not value for _name, values in request.GET.lists() for value in values):
        question = read_question(request.GET)
        return HttpResponseRedirect(question.url(page=question.page))
    return _results(request, read_question(request.GET), is_landing=False, crumbs=[])


@require_safe
def category(request: HttpRequest, category: str) -> HttpResponse:
    """A category in the whole country."""
    _name_or_404(selectors.category_name(category, current_language()))
    return _results(request, read_question(request.GET, category=category), is_landing=True, crumbs=[])


@require_safe
def region(request: HttpRequest, region: str) -> HttpResponse:
    """Everything in a region."""
    _name_or_404(selectors.place_name(region=region, language=current_language()))
    return _results(request, read_question(request.GET, region=region), is_landing=True, crumbs=[])


@require_safe
def city(request: HttpRequest, city: str) -> HttpResponse:
    """Everything in a town."""
    _name_or_404(selectors.place_name(city=city, language=current_language()))
    return _results(request, read_question(request.GET, city=city), is_landing=True, crumbs=[])


@require_safe
def city_category(request: HttpRequest, city: str, category: str) -> HttpResponse:
    """A category in a town."""
    place = _name_or_404(selectors.place_name(city=city, language=current_language()))
    _name_or_404(selectors.category_name(category, current_language()))
    crumbs = [{"name": place, "url": reverse("web:city", args=[city])}]
    return _results(request, read_question(request.GET, city=city, category=category), is_landing=True, crumbs=crumbs)


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
    return _results(request, read_question(request.GET, city=city, quarter=quarter, category=category), is_landing=True, crumbs=crumbs)


def _name_or_404(name: str) -> str:
    if not name:
        raise Http404
    return name


def _results(request: HttpRequest, question: Question, *, is_landing: bool, crumbs: list[dict[str, str]]) -> HttpResponse:
    language = current_language()
    found = find_results(question, language=language, at=now())
    trail = [{"name": _("Accueil"), "url": reverse("web:home")}, *crumbs, {"name": found.title, "url": ""}]
    context: dict[str, Any] = frame(
        request,
        meta=_meta(request, found, trail, is_clean=is_landing and set(request.GET) <= {"page"}),
        query="" if is_landing else found.question.query(page=found.question.page),
        results=found,
        crumbs=trail,
        search={
            "q": found.question.q, "location": found.question.location or _place_words(found, language), "type": found.question.type,
            "title": found.title, "place": "", "suggestions": [], "places": [],
        },
        nav="search",
    )  # fmt: skip
    is_part = bool(getattr(request, "htmx", False)) and request.headers.get("HX-Target") == "resultats"
    response = render(request, "web/_results.html" if is_part else "web/results.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _place_words(found: Results, language: str) -> str:
    asked = found.question
    return selectors.place_name(region=asked.region, city=asked.city, quarter=asked.quarter, language=language)


def _meta(request: HttpRequest, found: Results, trail: list[dict[str, str]], *, is_clean: bool) -> Meta:
    page = found.question.page
    title = found.title if page == 1 else _("%(title)s, page %(page)s") % {"title": found.title, "page": page}
    is_indexed = is_clean and found.count >= INDEXED_FROM
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
    return Meta(
        title=shorten(title, TITLE_MAX),
        description=shorten(
            _("%(title)s : adresses, horaires, téléphones et plan. %(count)s fiches dans l’annuaire du Cameroun.")
            % {"title": found.title, "count": found.count},
            DESCRIPTION_MAX,
        ),
        canonical=url if is_indexed else None,
        robots=None if is_indexed else "noindex,follow",
        json_ld=[dump_json_ld(item_list), breadcrumb_json_ld(request, trail)] if found.listings else [breadcrumb_json_ld(request, trail)],
    )
