"""What the OpenAPI document describes: each endpoint once, under /api/v1/."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include(f"apps.{app}.api.urls"))
    for app in ("ingestion", "catalog", "search", "accounts", "billing", "analytics", "notifications")
]
urlpatterns += [path("api/v1/", include("apps.api.composed_urls"))]
