"""Every path of the product. Pages live under their language; the API, admin and probes do not."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.core import health, metrics
from apps.web.views import fixed, home, receipts

# Django would call it after itself.
admin.site.site_header = admin.site.site_title = settings.SITE_NAME

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.choose_language, name="root"),
    path("admin/", admin.site.urls),
    path("api/", include("apps.api.urls")),
    path("health", health.live),
    path("health/ready", health.ready),
    path("messages/", include("apps.notifications.urls")),
    path("metrics", metrics.exposition),
    path("problems/", fixed.problem_list, name="problems"),
    path("problems/<slug:slug>", fixed.problem, name="problem"),
    path("recu/", receipts.receipt, name="receipt_form"),
    path("recu/<str:code>", receipts.receipt, name="receipt"),
    path("robots.txt", fixed.robots),
    path("favicon.ico", fixed.favicon),
    path("sitemap.xml", fixed.sitemap_index, name="sitemap"),
    path("sitemap-pages.xml", fixed.sitemap_pages),
    path("sitemap-<int:part>.xml", fixed.sitemap_entries),
    path("", include("apps.accounts.oauth.urls")),
    # A web server in front may answer this path by itself.
    path("media/<path:path>", fixed.media),
    *i18n_patterns(
        # Above the pages, whose town paths would take two words for a town and a category.
        path("compte/", include("allauth.account.urls")),
        path("compte/second-facteur/", include("allauth.mfa.urls")),
        path("", include("apps.web.urls")),
    ),
]

handler400 = "apps.web.views.errors.bad_request"
handler403 = "apps.web.views.errors.forbidden"
handler404 = "apps.web.views.errors.not_found"
