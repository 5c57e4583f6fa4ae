"""Every path of the product. Pages live under their language; the API, admin and probes do not."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", include("apps.api.urls")),
]
