"""What listings brought: figures of one, and of all of the caller's. Each path is one class."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apps.accounts.callers import caller_of
from apps.accounts.choices import Scope
from apps.analytics import periods
from apps.analytics.api.figures import dashboard_data
from apps.analytics.figures import Granularity, Period
from apps.analytics.selectors.dashboard import dashboard
from apps.analytics.selectors.listings import LISTINGS_MAX, Listing, find_listing, own_listings
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now


class _DashboardView(ApiView):
    """Reads a period and answers its figures. Who composes several parts adds members by `more`."""

    read_scope = Scope.ANALYTICS_READ.value
    reads_query = True

    def more(self, numbers: Sequence[int], period: Period) -> dict[str, Any]:  # noqa: ARG002  what a subclass is told
        """Members of other parts, such as the searches that led here."""
        return {}

    def _answer(self, request: Request, listings: Sequence[Listing], subject: dict[str, Any], at: dt.datetime) -> HttpResponse:
        period, granularity = _asked(request._request, at)  # noqa: SLF001  DRF's way to Django's request
        numbers = [listing.number for listing in listings]
        found = dashboard(numbers, period=period, at=at, granularity=granularity)
        return JsonResponse({**subject, **dashboard_data(found, language=self.language), **self.more(numbers, period)})


class ListingDashboardView(_DashboardView):
    """One listing."""

    def get(self, request: Request, resource_id: uuid.UUID) -> HttpResponse:
        """For its owner, and for staff."""
        caller = caller_of(request)
        caller.require(Scope.ANALYTICS_READ)
        listing = find_listing(caller, resource_id)
        return self._answer(request, [listing], {"resource": listing_data(listing)}, now())


class OwnDashboardView(_DashboardView):
    """All of the caller's listings together."""

    def get(self, request: Request) -> HttpResponse:
        """In the caller's mode."""
        caller = caller_of(request)
        caller.require(Scope.ANALYTICS_READ)
        listings = own_listings(caller)
        return self._answer(request, listings, {"listings": len(listings), "listings_max": LISTINGS_MAX}, now())


def listing_data(listing: Listing) -> dict[str, str]:
    """A listing, named."""
    return {"id": str(listing.id), "slug": listing.slug, "name": listing.name}


def _asked(request: HttpRequest, at: dt.datetime) -> tuple[Period, Granularity | None]:
    """The period and granularity of the query. :raises InvalidParameter: naming each that cannot be used."""
    params = Params(request.GET)
    name, first, last = params.choice("period", periods.NAMES), params.day("first"), params.day("last")
    granularity = params.choice("granularity", list(Granularity))
    if name and (first or last):
        params.error("period", _("Demandez « period », ou « first » et « last »."))
    elif (first is None) != (last is None):
        missing = "last" if last is None else "first"
        params.error(missing, _("« first » et « last » vont ensemble."))
    elif first and last and (refused := periods.refusal(first, last, at=at)):
        params.error(*refused)
    params.finish()
    period = Period(first, last) if first and last else periods.named_period(name or periods.DEFAULT, periods.today(at))
    return period, Granularity(granularity) if granularity else None
