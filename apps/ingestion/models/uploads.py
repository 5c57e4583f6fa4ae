"""Files that staff uploads: which column is what, what an import would do, and the batch that it became."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.ingestion.choices import UploadState
from apps.ingestion.models.batches import Batch, private_storage
from apps.ingestion.models.sources import Source


class Upload(models.Model):
    """One file on its way: uploaded, its columns named, tried, imported. The files themselves end with the import, or after a week."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="uploads", verbose_name=_("source"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("par"))
    name = models.CharField(_("fichier"), max_length=200)
    file = models.FileField(upload_to="uploads/", storage=private_storage, max_length=255, blank=True)
    encoding = models.CharField(_("écriture"), max_length=10, default="utf-8")
    # [{name, samples: [text]}] in the order of the file; {name: field}.
    columns = models.JSONField(_("colonnes"), default=list, blank=True)
    mapping = models.JSONField(_("champs des colonnes"), default=dict, blank=True)
    is_full = models.BooleanField(_("liste complète"), default=False)
    state = models.CharField(_("état"), max_length=10, choices=UploadState, default=UploadState.NEW)
    # One JSON record a line, as the batch will take them.
    lines = models.FileField(upload_to="uploads/", storage=private_storage, max_length=255, blank=True)
    rows = models.PositiveIntegerField(_("lignes"), default=0)
    # {outcome: number}, {code: number}, and [{row, text, reasons}] of the first that would be refused.
    counts = models.JSONField(_("suites"), default=dict, blank=True)
    remarks = models.JSONField(_("remarques"), default=dict, blank=True)
    refused = models.JSONField(_("refusées"), default=list, blank=True)
    error = models.CharField(_("erreur"), max_length=255, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    batch = models.OneToOneField(Batch, models.SET_NULL, related_name="upload", null=True, blank=True, verbose_name=_("lot"))
    created_at = models.DateTimeField(_("reçu le"))

    class Meta:
        db_table = "ingest_uploads"
        ordering = ("-created_at",)
        verbose_name = _("fichier importé")
        verbose_name_plural = _("fichiers importés")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=UploadState.values), name="ingest_uploads_state_known"),
            models.CheckConstraint(condition=~Q(state=UploadState.CHECKED) | ~Q(lines=""), name="ingest_uploads_checked_has_lines"),
        )
        indexes = (models.Index(fields=("source", "-created_at"), name="ingest_uploads_by_source"),)

    def __str__(self) -> str:
        return self.name
