"""Endpoints of analytics."""

from __future__ import annotations

from django.urls import path

from apps.analytics.api import views

urlpatterns = [path("analytics/track", views.TrackView.as_view(), name="track")]
