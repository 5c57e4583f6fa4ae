"""Reports that people have made of their figures."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.analytics.choices import Dimension, ReportFormat, ReportPeriod, ReportState, Schedule
from apps.core.ids import uuid7


def private_storage() -> Storage:
    """Files that no address leads to. A callable, so that no path stands in a migration."""
    return storages["private"]


class Report(models.Model):
    """Metrics by a dimension over a period, with filters, as a file that a worker makes. The file is kept for seven days, the row for
    ninety; a scheduled one lives until its owner deletes it, and is made again on its days.

    `attempt` fences: a worker that was given up for dead writes nothing any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    name = models.CharField(_("nom"), max_length=80)
    metrics = models.JSONField(_("mesures"), default=list)
    dimension = models.CharField(_("par"), max_length=10, choices=Dimension)
    period = models.CharField(_("période"), max_length=10, choices=ReportPeriod)
    first = models.DateField(_("du"))
    last = models.DateField(_("au"))
    filters = models.JSONField(_("filtres"), default=dict, blank=True)
    format = models.CharField(_("format"), max_length=10, choices=ReportFormat)
    language = models.CharField(_("langue"), max_length=2, default="fr")
    schedule = models.CharField(_("envoi"), max_length=10, choices=Schedule, default=Schedule.NEVER, blank=True)
    next_at = models.DateTimeField(_("prochain envoi"), null=True, blank=True)

    state = models.CharField(_("état"), max_length=10, choices=ReportState, default=ReportState.QUEUED)
    progress = models.PositiveSmallIntegerField(_("avancement"), default=0)
    attempt = models.PositiveIntegerField(_("essai"), default=0)
    tries = models.PositiveSmallIntegerField(_("essais de suite"), default=0)
    error = models.CharField(_("erreur"), max_length=40, blank=True)
    file = models.FileField(_("fichier"), upload_to="reports/", storage=private_storage, max_length=255, blank=True)
    size = models.PositiveIntegerField(_("taille"), default=0)
    rows = models.PositiveIntegerField(_("lignes"), default=0)
    created_at = models.DateTimeField(_("demandé le"))
    # When it was put in the queue, or its worker last said that it lives.
    touched_at = models.DateTimeField(_("dernier signe"))
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    expires_at = models.DateTimeField(_("gardé jusqu’au"), null=True, blank=True)

    class Meta:
        db_table = "analytics_reports"
        ordering = ("-id",)
        verbose_name = _("rapport")
        verbose_name_plural = _("rapports")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="analytics_reports_state_known"),
            models.CheckConstraint(condition=Q(dimension__in=Dimension.values), name="analytics_reports_dimension_known"),
            models.CheckConstraint(condition=Q(period__in=ReportPeriod.values), name="analytics_reports_period_known"),
            models.CheckConstraint(condition=Q(format__in=ReportFormat.values), name="analytics_reports_format_known"),
            models.CheckConstraint(condition=Q(schedule__in=Schedule.values), name="analytics_reports_schedule_known"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="analytics_reports_period_forward"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="analytics_reports_progress_percent"),
            models.CheckConstraint(condition=Q(schedule="") | Q(next_at__isnull=False), name="analytics_reports_scheduled_has_day"),
            models.CheckConstraint(
                condition=~Q(state=ReportState.READY) | (~Q(file="") & Q(finished_at__isnull=False, expires_at__isnull=False)),
                name="analytics_reports_ready_has_file",
            ),
        )
        indexes = (
            models.Index(fields=("user", "-id"), name="analytics_reports_by_user"),
            models.Index(
                fields=("touched_at",), condition=Q(state__in=(ReportState.QUEUED, ReportState.RUNNING)), name="analytics_reports_waiting"
            ),
            models.Index(fields=("next_at",), condition=~Q(schedule=""), name="analytics_reports_scheduled"),
        )

    def __str__(self) -> str:
        return self.name
