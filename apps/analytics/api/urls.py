"""Endpoints of analytics."""

from __future__ import annotations

from django.urls import path

from apps.analytics.api import reports, views

urlpatterns = [
    path("analytics/track", views.TrackView.as_view(), name="track"),
    path("analytics/reports", reports.ReportListView.as_view(), name="reports"),
    path("analytics/reports/<uuid:report_id>", reports.ReportView.as_view(), name="report"),
    path("analytics/reports/<uuid:report_id>/download", reports.ReportFileView.as_view(), name="report_file"),
]
