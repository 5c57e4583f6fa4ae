"""What sources propose for fields that a person has fixed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Resource
from apps.core.ids import uuid7
from apps.ingestion.choices import ProposalState
from apps.ingestion.models.records import RawRecord


class Proposal(models.Model):
    """Another value for a fixed field of an entry, waiting for its owner or staff. One open proposal for a field and value."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="proposals", verbose_name=_("fiche"))
    field = models.CharField(_("champ"), max_length=60)
    value = models.JSONField(_("valeur proposée"))
    value_hash = models.BinaryField(max_length=16, editable=False)
    record = models.ForeignKey(RawRecord, models.CASCADE, related_name="+", verbose_name=_("enregistrement"))
    state = models.CharField(_("état"), max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("décidé par")
    )
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    created_at = models.DateTimeField(_("proposée le"))

    class Meta:
        db_table = "ingest_proposals"
        ordering = ("-created_at",)
        verbose_name = _("proposition")
        verbose_name_plural = _("propositions")
        constraints = (
            # A value once declined is not proposed again.
            models.UniqueConstraint(fields=("resource", "field", "value_hash"), name="ingest_proposals_once"),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="ingest_proposals_state_known"),
        )
        indexes = (models.Index(fields=("-created_at",), condition=Q(state=ProposalState.OPEN), name="ingest_proposals_open"),)

    def __str__(self) -> str:
        return f"{self.field} · {str(self.pk)[-6:]}"
