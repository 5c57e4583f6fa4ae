"""Records as they were received, with what the steps made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Category, Resource
from apps.ingestion.choices import Outcome
from apps.ingestion.models.sources import Source


class RawRecord(models.Model):
    """The last version of one record of a source, byte for byte, and the entry it speaks of.

    `origin` is the record's own word for where it comes from, `identity` its id there or a fingerprint. An entry is what its records
    say together: `services.survivorship` folds `clean` of all of them by trust and freshness.
    """

    id = models.BigAutoField(primary_key=True)
    # Three indexes begin with it.
    source = models.ForeignKey(Source, models.PROTECT, related_name="records", db_index=False, verbose_name=_("source"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    origin = models.CharField(_("origine"), max_length=60, blank=True)
    identity = models.CharField(_("identité"), max_length=210)
    payload = models.BinaryField(_("tel que reçu"))
    payload_hash = models.BinaryField(max_length=16)
    clean = models.JSONField(_("nettoyé"), default=dict, blank=True)
    steps = models.JSONField(_("étapes"), default=list, blank=True)
    rules_version = models.PositiveSmallIntegerField(_("version des règles"), default=1)
    outcome = models.CharField(_("suite"), max_length=20, choices=Outcome)
    reasons = models.JSONField(_("raisons"), default=list, blank=True)
    is_quarantined = models.BooleanField(_("mis de côté"), default=False)
    resource = models.ForeignKey(Resource, models.SET_NULL, related_name="ingest_records", null=True, blank=True, verbose_name=_("fiche"))
    missed_refreshes = models.PositiveSmallIntegerField(_("absences de suite"), default=0)
    first_seen_at = models.DateTimeField(_("vu la première fois le"))
    seen_at = models.DateTimeField(_("vu la dernière fois le"))
    changed_at = models.DateTimeField(_("changé le"))

    class Meta:
        db_table = "ingest_records"
        verbose_name = _("enregistrement")
        verbose_name_plural = _("enregistrements")
        constraints = (
            models.UniqueConstraint(fields=("source", "livemode", "origin", "identity"), name="ingest_records_identity"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="ingest_records_outcome_known"),
            models.CheckConstraint(condition=~Q(identity=""), name="ingest_records_identity_given"),
        )
        indexes = (
            models.Index(fields=("changed_at",), condition=Q(is_quarantined=True), name="ingest_records_quarantine"),
            models.Index(fields=("source", "outcome"), name="ingest_records_outcomes"),
            # What was sent again byte for byte is found by it, and not even decoded.
            models.Index(fields=("source", "livemode", "payload_hash"), name="ingest_records_bytes"),
        )

    def __str__(self) -> str:
        return f"{self.origin or self.source_id}:{self.identity}"


class FormerRecord(models.Model):
    """An older, different version of a record. Kept 90 days."""

    record = models.ForeignKey(RawRecord, models.CASCADE, related_name="former", verbose_name=_("enregistrement"))
    payload = models.BinaryField(_("tel que reçu"))
    seen_at = models.DateTimeField(_("vu la dernière fois le"))

    class Meta:
        db_table = "ingest_former_records"
        ordering = ("-seen_at",)
        verbose_name = _("version antérieure")
        verbose_name_plural = _("versions antérieures")
        indexes = (models.Index(fields=("seen_at",), name="ingest_former_by_age"),)

    def __str__(self) -> str:
        return f"{self.record_id} ({self.seen_at:%Y-%m-%d})"


class CategoryWord(models.Model):
    """A word of sources for a category: what staff decided it means, or a question in their queue."""

    word = models.CharField(_("mot reçu"), max_length=200, primary_key=True)
    category = models.ForeignKey(Category, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("catégorie"))
    seen = models.PositiveIntegerField(_("fois"), default=0)
    last_seen_at = models.DateTimeField(_("vu la dernière fois le"))

    class Meta:
        db_table = "ingest_category_words"
        ordering = ("-seen",)
        verbose_name = _("mot d’une catégorie")
        verbose_name_plural = _("mots des catégories")

    def __str__(self) -> str:
        return self.word
