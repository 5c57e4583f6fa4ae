"""Pages, under /fr/ and /en/ alike. City paths come last: every word above them is a reserved slug."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from apps.web.appearance import set_appearance
from apps.web.styleguide import styleguide
from apps.web.views import detail, fixed, home, results, sharing

app_name = "web"

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", results.search, name="search"),
    path("apparence/", set_appearance, name="appearance"),
    path("partage.png", sharing.share_image, name="share_image"),
    path("fiche/<slug:slug>/partage.png", sharing.listing_share_image, name="listing_share_image"),
    path("fiche/<slug:slug>/", detail.detail, name="detail"),
    path("c/<slug:category>/", results.category, name="category"),
    path("regions/<slug:region>/", results.region, name="region"),
    path("legal/<slug:page>/", fixed.legal, name="legal"),
    path("credits/", fixed.credits_page, name="credits"),
    *([path("styleguide/", styleguide, name="styleguide")] if settings.DEBUG else []),
    path("<slug:city>/", results.city, name="city"),
    path("<slug:city>/<slug:category>/", results.city_category, name="city_category"),
    path("<slug:city>/<slug:quarter>/<slug:category>/", results.quarter_category, name="quarter_category"),
]
