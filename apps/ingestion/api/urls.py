"""Paths of ingestion, below `/api/v1/` and `/api/` alike. They stand before those of single entries."""

from __future__ import annotations

from django.urls import path

from apps.ingestion.api import proposals, views

urlpatterns = [
    path("api-resources/ingest", views.IngestView.as_view(), name="ingest"),
    path("businesses/ingest", views.IngestBusinessesView.as_view(), name="ingest_businesses"),
    path("proposals", proposals.ProposalListView.as_view(), name="proposal_list"),
    path("proposals/<uuid:proposal_id>/accept", proposals.AcceptProposalView.as_view(), name="proposal_accept"),
    path("proposals/<uuid:proposal_id>/decline", proposals.DeclineProposalView.as_view(), name="proposal_decline"),
    path("ingest/batches/<uuid:batch_id>", views.BatchView.as_view(), name="ingest_batch"),
]
