"""Pages whose text is ours: legal notices, credits, the problem types of the API, robots.txt."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

from apps.core.api.problem_types import problem_types
from apps.web import sitemaps
from apps.web.credits import CREDITS, source_credits
from apps.web.legal_text import shown
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
        description=_("Texte légal d’Ecosyste : %(title)s") % {"title": title},
        canonical=page_url(request),
    )
    return render(request, "web/legal.html", frame(request, meta=meta, title=title, body=shown(text.body_in(language)), page=text))


@require_safe
def credits_page(request: HttpRequest) -> HttpResponse:
    """Whose data, drawings and fonts the product ships, under which licence."""
    meta = Meta(
        title=_("Sources et crédits"),
        description=_("Les données, icônes et polices que le site emploie, avec leur licence."),
        canonical=page_url(request),
    )
    return render(request, "web/credits.html", frame(request, meta=meta, credits=[*source_credits(), *CREDITS]))


@require_safe
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """What an error of the API means and how to mend it; its address is the error's `type`."""
    found = problem_types().get(slug)
    if found is None:
        raise Http404
    meta = Meta(title=shorten(str(found.title), 48), description=shorten(str(found.cause), 160), robots="noindex")
    return render(request, "web/problem.html", {"meta": meta, "alternates": [], "problem": found, "slug": slug})


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """Every kind of error of the API."""
    meta = Meta(
        title=_("Erreurs de l’API"), description=_("Ce que signifie chaque erreur de l’API et comment la corriger."), robots="noindex"
    )
    return render(request, "web/problems.html", {"meta": meta, "alternates": [], "problems": problem_types().values()})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may fetch."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /fr/aller/",
        "Disallow: /en/aller/",
        "Allow: /",
        f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    """Browsers ask for it at this address whatever a page says."""
    return HttpResponsePermanentRedirect(static("img/favicon.ico"))


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A size of an uploaded picture; its name changes with its content. Originals are for the worker only."""
    if path.startswith("originals"):
        raise Http404
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The files of the sitemap."""
    origin = request.build_absolute_uri("/")[:-1]
    files: list[dict[str, object]] = [{"url": f"{origin}/sitemap-pages.xml", "updated_at": None}]
    files += [{"url": f"{origin}/sitemap-{part}.xml", "updated_at": updated_at} for part, updated_at in sitemaps.parts()]
    return render(request, "web/sitemap_index.xml", {"files": files}, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """Landing pages and pages that always exist."""
    return _sitemap(request, [*sitemaps.fixed_pages(), *sitemaps.landings()])


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_entries(request: HttpRequest, part: int) -> HttpResponse:
    """One file of entries."""
    found = sitemaps.entries(part) if part < sitemaps.PARTS_MAX else []
    if not found:
        raise Http404
    return _sitemap(request, found)


def _sitemap(request: HttpRequest, addresses: list[sitemaps.Address]) -> HttpResponse:
    rows = sitemaps.in_languages(addresses, request.build_absolute_uri("/")[:-1])
    context = {"rows": rows, "default": settings.LANGUAGE_CODE}
    return render(request, "web/sitemap.xml", context, content_type="application/xml")
