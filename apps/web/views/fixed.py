"""Pages whose text is ours: legal notices, credits, the problem types of the API, robots.txt."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.api.problem_types import problem_types
from apps.web.credits import CREDITS
from apps.web.models import LegalPage
from apps.web.pages import Meta, current_language, frame, page_url, shorten


@require_safe
def legal(request: HttpRequest, page: str) -> HttpResponse:
    """A legal page, as staff last wrote it."""
    text = LegalPage.objects.filter(slug=page).first()
    if text is None:
        raise Http404
    language = current_language()
    title = text.title_in(language)
    meta = Meta(
        title=shorten(title, 48),
        description=_("Texte légal d’Ecosyste : %(title)s") % {"title": title},
        canonical=page_url(request),
    )
    return render(request, "web/legal.html", frame(request, meta=meta, title=title, body=text.body_in(language), page=text))


@require_safe
def credits_page(request: HttpRequest) -> HttpResponse:
    """Whose data, drawings and fonts the product ships, under which licence."""
    meta = Meta(
        title=_("Sources et crédits"),
        description=_("Les données, icônes et polices que le site emploie, avec leur licence."),
        canonical=page_url(request),
    )
    return render(request, "web/credits.html", frame(request, meta=meta, credits=CREDITS))


@require_safe
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """What an error of the API means and how to mend it; its address is the error's `type`."""
    found = problem_types().get(slug)
    if found is None:
        raise Http404
    meta = Meta(title=shorten(str(found.title), 48), description=shorten(str(found.cause), 160), robots="noindex")
    return render(request, "web/problem.html", {"meta": meta, "alternates": [], "problem": found, "slug": slug})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may fetch."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /fr/recherche/",
        "Disallow: /en/recherche/",
        "Allow: /",
        f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
