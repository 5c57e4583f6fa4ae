"""Who moved an entry from one moderation status to another, and why."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ModerationReason, Status
from apps.catalog.models.resources import Resource


class ModerationDecision(models.Model):
    """One move of an entry's moderation status. Append-only, kept as long as the entry."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="moderation_decisions", verbose_name=_("fiche"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("auteur"))
    from_status = models.CharField(_("de"), max_length=20, choices=Status)
    to_status = models.CharField(_("à"), max_length=20, choices=Status)
    reason = models.CharField(_("motif"), max_length=20, choices=ModerationReason)
    note = models.TextField(_("explication"), blank=True)
    created_at = models.DateTimeField(_("décidé le"))

    class Meta:
        db_table = "moderation_decisions"
        ordering = ("-created_at",)
        verbose_name = _("décision de modération")
        verbose_name_plural = _("décisions de modération")
        constraints = (models.CheckConstraint(condition=Q(reason__in=ModerationReason.values), name="moderation_decisions_reason_known"),)
        triggers = (pgtrigger.ReadOnly(name="append_only", fields=["from_status", "to_status", "reason", "note", "created_at"]),)

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class PendingResource(Resource):
    """The moderation queue: the same rows, shown apart in the admin."""

    class Meta:
        proxy = True
        verbose_name = _("fiche à modérer")
        verbose_name_plural = _("file de modération")
