"""The API under /api/v1/ and, for the source document's own addresses, equally under /api/. No path ends in a slash."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from apps.accounts.api import urls as accounts
from apps.analytics.api import urls as analytics
from apps.api import composed_urls as composed
from apps.api import views
from apps.billing.api import urls as billing
from apps.catalog.api import urls as catalogue
from apps.core.api.problems import unknown_path
from apps.ingestion.api import urls as ingestion
from apps.notifications.api import urls as notifications
from apps.search.api import urls as search

# One list, not an include in an include: every level costs each request.
_endpoints = [
    *composed.urlpatterns,
    *ingestion.urlpatterns,
    *catalogue.urlpatterns,
    *search.urlpatterns,
    *accounts.urlpatterns,
    *billing.urlpatterns,
    *analytics.urlpatterns,
    *notifications.urlpatterns,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", views.schema, name="schema"),
    path("docs", views.swagger, name="docs"),
    path("redoc", views.redoc, name="redoc"),
    path("v1/", include((_endpoints, "v1"))),
    path("", include((_endpoints, "api"))),
    re_path("", unknown_path),
]
