"""Paths of search, below `/api/v1/` and `/api/` alike."""

from __future__ import annotations

from django.urls import path

from apps.search.api import views

urlpatterns = [
    path("search", views.SearchView.as_view(), name="search"),
    path("search/suggestions", views.SuggestionsView.as_view(), name="suggestions"),
    path("search/nearby", views.NearbyView.as_view(), name="nearby"),
]
