"""What was sent together, and what became of each record of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Resource
from apps.core.ids import uuid7
from apps.ingestion.choices import BatchState, Outcome
from apps.ingestion.models.records import RawRecord
from apps.ingestion.models.sources import Source


def private_storage() -> Storage:
    """Where bodies wait: files that no address leads to."""
    return storages["private"]


class Batch(models.Model):
    """One call, file or reading of a source. A large one waits as a file for a worker, which goes on after `done` when it starts anew."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="batches", verbose_name=_("source"))
    sent_by = models.CharField(_("envoyé par"), max_length=120, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("pour"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    is_full = models.BooleanField(_("relevé complet"), default=False)
    resource_type = models.CharField(_("type imposé"), max_length=20, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=BatchState, default=BatchState.QUEUED)
    file = models.FileField(_("fichier"), upload_to="ingest/", storage=private_storage, max_length=255, blank=True)
    received = models.PositiveIntegerField(_("reçus"), default=0)
    done = models.PositiveIntegerField(_("traités"), default=0)
    created = models.PositiveIntegerField(_("créés"), default=0)
    updated = models.PositiveIntegerField(_("mis à jour"), default=0)
    unchanged = models.PositiveIntegerField(_("inchangés"), default=0)
    merged = models.PositiveIntegerField(_("rattachés"), default=0)
    duplicate_suspected = models.PositiveIntegerField(_("doublons possibles"), default=0)
    rejected = models.PositiveIntegerField(_("refusés"), default=0)
    error = models.CharField(_("erreur"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("reçu le"))
    started_at = models.DateTimeField(_("commencé le"), null=True, blank=True)
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    class Meta:
        db_table = "ingest_batches"
        ordering = ("-created_at",)
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="ingest_batches_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=(BatchState.DONE, BatchState.FAILED)) | Q(finished_at__isnull=False), name="ingest_batches_end_dated"
            ),
        )
        indexes = (
            models.Index(fields=("source", "-created_at"), name="ingest_batches_by_source"),
            models.Index(
                fields=("created_at",), condition=Q(state__in=(BatchState.QUEUED, BatchState.RUNNING)), name="ingest_batches_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} · {str(self.pk)[-6:]}"


class BatchItem(models.Model):
    """What became of one record of a batch, unless a `BatchRun` says it. Kept 90 days; read as `BatchLine`."""

    id = models.BigAutoField(primary_key=True)
    # Looked up by batch and rank alone, and written by the thousand: neither indexes nor checks that nobody needs. The batch is counted
    # up in the transaction that writes them.
    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="items", db_index=False, db_constraint=False, verbose_name=_("lot")
    )  # fmt: skip
    index = models.PositiveIntegerField(_("rang"))
    outcome = models.CharField(_("suite"), max_length=20, choices=Outcome)
    record = models.ForeignKey(
        RawRecord, models.DO_NOTHING, related_name="+", null=True, blank=True, db_index=False, db_constraint=False,
        verbose_name=_("enregistrement"),
    )  # fmt: skip
    resource = models.ForeignKey(
        Resource, models.DO_NOTHING, related_name="+", null=True, blank=True, db_index=False, db_constraint=False, verbose_name=_("fiche")
    )
    reasons = models.JSONField(_("raisons"), default=list, blank=True)

    class Meta:
        db_table = "ingest_batch_items"
        verbose_name = _("ligne d’un lot")
        verbose_name_plural = _("lignes des lots")
        constraints = (
            models.UniqueConstraint(fields=("batch", "index"), name="ingest_batch_items_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="ingest_batch_items_outcome_known"),
        )

    def __str__(self) -> str:
        return f"{self.index}: {self.outcome}"


class BatchRun(models.Model):
    """Records of one chunk that came byte for byte as they are stored: three lists of the same length, by rank. Kept 90 days."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="runs", db_index=False, verbose_name=_("lot"))
    first = models.PositiveIntegerField(_("premier rang"))
    last = models.PositiveIntegerField(_("dernier rang"))
    indexes = ArrayField(models.IntegerField(), verbose_name=_("rangs"))
    records = ArrayField(models.BigIntegerField(), verbose_name=_("enregistrements"))
    resources = ArrayField(models.UUIDField(), verbose_name=_("fiches"))

    class Meta:
        db_table = "ingest_batch_runs"
        verbose_name = _("suite de lignes d’un lot")
        verbose_name_plural = _("suites de lignes des lots")
        constraints = (models.UniqueConstraint(fields=("batch", "first"), name="ingest_batch_runs_once"),)

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class BatchLine(models.Model):
    """What became of one record of a batch, wherever it is written. Of one batch only: its rank is the key."""

    index = models.PositiveIntegerField(_("rang"), primary_key=True)
    batch = models.ForeignKey(Batch, models.DO_NOTHING, related_name="lines", verbose_name=_("lot"))
    outcome = models.CharField(_("suite"), max_length=20, choices=Outcome)
    record = models.ForeignKey(RawRecord, models.DO_NOTHING, related_name="+", null=True, verbose_name=_("enregistrement"))
    resource = models.ForeignKey(Resource, models.DO_NOTHING, related_name="+", null=True, verbose_name=_("fiche"))
    reasons = models.JSONField(_("raisons"))

    class Meta:
        managed = False  # a view: the migration writes its SQL
        db_table = "ingest_batch_lines"
        verbose_name = _("ligne d’un lot")
        verbose_name_plural = _("lignes des lots")

    def __str__(self) -> str:
        return f"{self.index}: {self.outcome}"
