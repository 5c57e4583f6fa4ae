"""Dashboards with what other parts know of the same listings: the searches that showed them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.analytics.api import dashboard_schema
from apps.analytics.api.dashboards import ListingDashboardView, OwnDashboardView
from apps.analytics.figures import Period
from apps.search.selectors.listing_queries import listing_queries


def searches(numbers: Sequence[int], period: Period) -> dict[str, Any]:
    """The searches that showed these listings most often, as the API shows them."""
    found = listing_queries(numbers, first=period.first, last=period.last)
    return {
        "queries": [
            {"text": one.text, "language": one.language, "shown": one.shown, "clicks": one.clicks, "position": round(one.place, 2)}
            for one in found
        ]
    }


class ComposedListingDashboardView(ListingDashboardView):
    """One listing, with its searches."""

    def more(self, numbers: Sequence[int], period: Period) -> dict[str, Any]:
        """The searches."""
        return searches(numbers, period)

    @extend_schema(**dashboard_schema.LISTING)
    def get(self, request: Request, resource_id: uuid.UUID) -> HttpResponse:
        """For its owner, and for staff."""
        return super().get(request, resource_id)


class ComposedOwnDashboardView(OwnDashboardView):
    """All of the caller's listings, with their searches."""

    def more(self, numbers: Sequence[int], period: Period) -> dict[str, Any]:
        """The searches."""
        return searches(numbers, period)

    @extend_schema(**dashboard_schema.OWN)
    def get(self, request: Request) -> HttpResponse:
        """In the caller's mode."""
        return super().get(request)
