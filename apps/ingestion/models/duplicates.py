"""Pairs that may be one place, and merges that can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Resource
from apps.core.ids import uuid7
from apps.ingestion.choices import Verdict


class Pair(models.Model):
    """Two entries compared: what the score said and why, and what a person decided. `first` has the smaller id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(Resource, models.CASCADE, related_name="+", verbose_name=_("première fiche"))
    second = models.ForeignKey(Resource, models.CASCADE, related_name="+", verbose_name=_("seconde fiche"))
    score = models.FloatField(_("score (0 à 1)"))
    reasons = models.JSONField(_("raisons"), default=list)
    verdict = models.CharField(_("avis"), max_length=10, choices=Verdict, default=Verdict.ASK)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("tranché par")
    )
    decided_at = models.DateTimeField(_("tranché le"), null=True, blank=True)
    created_at = models.DateTimeField(_("comparées le"))

    class Meta:
        db_table = "ingest_pairs"
        ordering = ("-score",)
        verbose_name = _("doublon possible")
        verbose_name_plural = _("doublons possibles")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="ingest_pairs_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="ingest_pairs_in_order"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="ingest_pairs_score_range"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="ingest_pairs_verdict_known"),
        )
        indexes = (models.Index(F("score").desc(), condition=Q(verdict=Verdict.ASK), name="ingest_pairs_queue"),)

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"


class ComparedEntry(models.Model):
    """Up to which of its versions, and by which weights, an entry was compared with the others that are stored. Ends with the entry."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("fiche"))
    version = models.PositiveIntegerField(_("version"))
    weights = models.BigIntegerField(_("empreinte des poids"))

    class Meta:
        db_table = "ingest_compared_entries"
        verbose_name = _("fiche comparée")
        verbose_name_plural = _("fiches comparées")

    def __str__(self) -> str:
        return f"{self.resource_id} v{self.version}"


class Merge(models.Model):
    """One entry gone into another. `before` holds both exactly as they were, so that undoing restores them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survivor = models.ForeignKey(Resource, models.CASCADE, related_name="merges", verbose_name=_("fiche gardée"))
    absorbed = models.ForeignKey(Resource, models.CASCADE, related_name="merged_into", verbose_name=_("fiche fondue"))
    pair = models.ForeignKey(Pair, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("paire"))
    before = models.JSONField(_("état d’avant"))
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("par"))
    merged_at = models.DateTimeField(_("fondues le"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("défait par")
    )
    undone_at = models.DateTimeField(_("défait le"), null=True, blank=True)

    class Meta:
        db_table = "ingest_merges"
        ordering = ("-merged_at",)
        verbose_name = _("fusion")
        verbose_name_plural = _("fusions")
        constraints = (
            models.UniqueConstraint(fields=("absorbed",), condition=Q(undone_at__isnull=True), name="ingest_merges_once"),
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="ingest_merges_two_entries"),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"
