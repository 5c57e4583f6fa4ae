"""Endpoints that need several parts."""

from __future__ import annotations

from django.urls import path

from apps.api import dashboards

urlpatterns = [
    path("analytics/dashboard", dashboards.ComposedOwnDashboardView.as_view(), name="own_dashboard"),
    path("analytics/dashboard/<uuid:resource_id>", dashboards.ComposedListingDashboardView.as_view(), name="dashboard"),
]
