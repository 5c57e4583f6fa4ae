"""Where records come from, under which licence, and which keys may send them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiKey
from apps.core.ids import uuid7
from apps.ingestion.choices import LawfulBasis, Policy, SourceKind


class Source(models.Model):
    """One supplier of records. Paused by staff or by itself when quality falls; withdrawn when its supplier asks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("nom court"), max_length=60, unique=True)
    name = models.CharField(_("nom"), max_length=120)
    kind = models.CharField(_("sorte"), max_length=12, choices=SourceKind, default=SourceKind.PUSH)
    licence = models.CharField(_("licence"), max_length=120)
    licence_url = models.URLField(_("adresse de la licence"), max_length=500, blank=True)
    attribution = models.CharField(_("mention due"), max_length=255, blank=True)
    lawful_basis = models.CharField(_("base légale"), max_length=20, choices=LawfulBasis)
    contact = models.CharField(_("contact"), max_length=255, blank=True)
    trust = models.FloatField(_("confiance (0 à 1)"), default=0.5)
    allowed_fields = ArrayField(
        models.CharField(max_length=30), verbose_name=_("champs permis"), default=list, blank=True, help_text=_("Vide : tous.")
    )
    policy = models.CharField(_("publication"), max_length=10, choices=Policy, default=Policy.REVIEW)
    url = models.URLField(_("adresse à lire"), max_length=500, blank=True)
    recipe = models.JSONField(_("recette"), default=dict, blank=True)
    # {column: field} of files that staff uploaded before.
    column_fields = models.JSONField(_("champs des colonnes"), default=dict, blank=True, editable=False)
    every_hours = models.PositiveIntegerField(_("relire toutes les (heures)"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("prochaine lecture"), null=True, blank=True)
    min_quality = models.FloatField(_("qualité minimale (0 à 1)"), default=0.5)
    expires_at = models.DateTimeField(_("droit d’usage jusqu’au"), null=True, blank=True)
    paused_at = models.DateTimeField(_("en pause depuis"), null=True, blank=True)
    pause_reason = models.CharField(_("motif de la pause"), max_length=255, blank=True)
    resumed_at = models.DateTimeField(_("rouverte le"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    # A reading that has begun and not ended, and until when its worker is believed to live.
    run_started_at = models.DateTimeField(_("lecture commencée le"), null=True, blank=True, editable=False)
    run_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_run_at = models.DateTimeField(_("dernière lecture"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("dernière erreur"), max_length=255, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("échecs de suite"), default=0, editable=False)
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)

    class Meta:
        db_table = "ingest_sources"
        ordering = ("name",)
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=SourceKind.values), name="ingest_sources_kind_known"),
            models.CheckConstraint(condition=Q(lawful_basis__in=LawfulBasis.values), name="ingest_sources_basis_known"),
            models.CheckConstraint(condition=Q(policy__in=Policy.values), name="ingest_sources_policy_known"),
            models.CheckConstraint(condition=Q(trust__gte=0, trust__lte=1), name="ingest_sources_trust_range"),
            models.CheckConstraint(condition=Q(min_quality__gte=0, min_quality__lte=1), name="ingest_sources_quality_range"),
            models.CheckConstraint(condition=~Q(licence=""), name="ingest_sources_licence_given"),
            models.CheckConstraint(
                condition=Q(run_lease_until__isnull=True) | Q(run_started_at__isnull=False), name="ingest_sources_lease_of_run"
            ),
            models.CheckConstraint(condition=Q(every_hours__isnull=True) | Q(every_hours__gte=1), name="ingest_sources_pace"),
        )
        indexes = (models.Index(fields=("next_run_at",), condition=Q(next_run_at__isnull=False), name="ingest_sources_due"),)

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A key with `ingest:write` speaks for one source. Ends with the key."""

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="ingest_source", verbose_name=_("clé"))
    source = models.ForeignKey(Source, models.CASCADE, related_name="keys", verbose_name=_("source"))

    class Meta:
        db_table = "ingest_source_keys"
        verbose_name = _("clé d’une source")
        verbose_name_plural = _("clés des sources")

    def __str__(self) -> str:
        return f"{self.key} → {self.source}"
