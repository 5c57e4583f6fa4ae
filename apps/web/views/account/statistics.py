"""What listings bring: the owner's page of figures."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from apps.core.clock import now
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.statistics.owner import STEPS_SHOWN, address_of, choose, measures_of, statistics
from apps.web.statistics.periods import CHOICES, asked_choice


@gzip_page
@login_required
@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """All of somebody's listings, or one (`fiche`), over a period (`periode`), with the chart of one measure (`mesure`).

    What the address asks for and does not exist is the usual one, but a listing: one that is nobody's to look at is not found.
    """
    user, at, language = user_of(request), now(), current_language()
    slug = request.GET.get("fiche", "")[:200]
    # PostgreSQL takes no such character, and no listing has one.
    chosen = choose(user, slug) if "\0" not in slug else None
    if chosen is None:
        raise Http404
    if not chosen.listings:
        return render(request, "web/account/statistics_empty.html", {"ways": _first_ways(), "nav": "statistics"})
    choice, known = asked_choice(request.GET), measures_of(chosen)
    measure = next((one for one in known if one.key == request.GET.get("mesure")), known[0])
    one = chosen.one.resource if chosen.one else None
    # The address names the listing only where there is a choice.
    name = slug if one else ""
    context = {
        "figures": statistics(
            chosen, choice=choice, measure=measure, language=language, at=at, address=lambda key: address_of(name, choice, key)
        ),
        "listing": one,
        "listing_name": one.name_in(language) if one else "",
        "listing_url": reverse("web:detail", args=[one.slug]) if one and one.is_public else "",
        "share_url": _share_url(request, one.slug, one.name_in(language)) if one and one.is_public else "",
        "is_own": chosen.is_own,
        "periods": [(other.label, address_of(name, other, measure.key), other is choice) for other in CHOICES],
        "listings": [
            (row.resource.name_in(language), address_of(row.resource.slug, choice, measure.key), row is chosen.one) for row in chosen.others
        ],
        "all_url": address_of("", choice, measure.key),
        "has_more": chosen.has_more,
        "steps_shown": STEPS_SHOWN,
        "contact": settings.CONTACT_EMAIL,
        "help_subject": quote(_("Compléter ma fiche : %(name)s") % {"name": one.slug}) if one else "",
    }
    return render(request, "web/account/statistics.html", context)


def _first_ways() -> list[dict[str, str]]:
    return [
        {"label": _("Chercher mon établissement"), "url": reverse("web:search")},
        {"label": _("Voir les tarifs"), "url": reverse("web:prices")},
    ]


def _share_url(request: HttpRequest, slug: str, name: str) -> str:
    text = f"{name}\n{request.build_absolute_uri(reverse('web:detail', args=[slug]))}"
    return f"https://wa.me/?text={quote(text, safe='')}"
