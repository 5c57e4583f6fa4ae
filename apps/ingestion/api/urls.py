"""Paths of ingestion, below `/api/v1/` and `/api/` alike. They stand before those of single entries."""

from __future__ import annotations

from django.urls import path

from apps.ingestion.api import views

urlpatterns = [
    path("api-resources/ingest", views.IngestView.as_view(), name="ingest"),
    path("businesses/ingest", views.IngestBusinessesView.as_view(), name="ingest_businesses"),
    path("ingest/batches/<uuid:batch_id>", views.BatchView.as_view(), name="ingest_batch"),
]
