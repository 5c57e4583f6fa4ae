"""The first page of the portal: what the API is for visitors, how things stand for who is signed in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.choices import Entitlement, UserType
from apps.accounts.selectors.entitlements import free_rights
from apps.accounts.selectors.keys import keys_of
from apps.accounts.selectors.usage import usage_report
from apps.core.clock import now
from apps.core.numbers import group_thousands
from apps.web.key_rows import key_row
from apps.web.pages import Meta, frame, page_url
from apps.web.people import user_of
from apps.web.samples import first_call
from apps.web.usage_figures import DEFAULT_PERIOD, asked_period, first_day, operations, period_links, quota_of, usage_chart
from apps.web.views.developers.frames import portal_frame

SHOWN_KEYS, SHOWN_OPERATIONS = 5, 5


@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """The guide for visitors, the overview for who is signed in."""
    return _overview(request) if request.user.is_authenticated else _guide(request)


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The guide again, for who is signed in; visitors have it one level up."""
    return _guide(request) if request.user.is_authenticated else redirect("web:developers")


def _guide(request: HttpRequest) -> HttpResponse:
    is_signed_in = request.user.is_authenticated
    meta = Meta(
        title=_("API ROMAPI pour développeurs"),
        description=_("Lisez l’annuaire du Cameroun depuis vos programmes : premier appel, clés, limites, documentation."),
        canonical=None if is_signed_in else page_url(request),
        robots="noindex" if is_signed_in else None,
    )
    context = frame(
        request, meta=meta, nav="developers", portal="guide" if is_signed_in else "", heading=_("Premiers pas"),
        samples=first_call(request), limits=_limits(),
        open_url=request.build_absolute_uri("/api/v1/api-resources?limit=3"),
    )  # fmt: skip
    return render(request, "web/developers/guide.html", context)


def _limits() -> list[list[str]]:
    """The rows of the table of limits: who, how many at once, an hour, a month."""

    def row(who: str, burst: int, hourly: int, monthly: str) -> list[str]:
        return [who, group_thousands(burst), group_thousands(hourly), monthly]

    person, business = free_rights(UserType.INDIVIDUAL), free_rights(UserType.BUSINESS)
    return [
        row(_("Sans clé, par adresse IP"), settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE, "–"),
        *(
            row(who, settings.KEY_BURST, rights[Entitlement.HOURLY_RATE], group_thousands(rights[Entitlement.MONTHLY_QUOTA]))
            for who, rights in ((_("Compte gratuit, particulier"), person), (_("Compte gratuit, entreprise"), business))
        ),
    ]


@login_required
def _overview(request: HttpRequest) -> HttpResponse:
    user, at = user_of(request), now()
    today, period = timezone.localdate(at), asked_period(request)
    report = usage_report(user, first=first_day(period, today), last=today)
    month = report if period == DEFAULT_PERIOD else usage_report(user, first=first_day(DEFAULT_PERIOD, today), last=today)
    calls = {key: counts.calls for key, _name, counts in month.by_key}
    rows = [key_row(key, at=at, calls=calls) for key in keys_of(user)]
    living = [row for row in rows if row.can_change]
    scopes = {scope for row in living for scope in row.key.permissions} if living else None
    context = portal_frame(
        request,
        title=_("Aperçu"),
        section="overview",
        periods=period_links(period),
        period=period,
        report=report,
        chart=usage_chart(report, period),
        quota=quota_of(user, at=at),
        plan=user.get_plan_display(),
        rows=living[:SHOWN_KEYS],
        more=max(len(living) - SHOWN_KEYS, 0),
        samples=first_call(request, scopes=scopes),
        operations=operations(report)[:SHOWN_OPERATIONS],
    )
    return render(request, "web/developers/overview.html", context)
