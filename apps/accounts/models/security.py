"""What happened to the safety of accounts."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models.users import User
from apps.core.ids import uuid7


class SecurityEvent(models.Model):
    """One thing that happened, shown to its user and to staff. Never changed; a retention task alone deletes old ones."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="security_events", verbose_name=_("utilisateur"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fait par"))
    kind = models.CharField(_("événement"), max_length=30, choices=SecurityEventKind)
    ip_prefix = models.CharField(_("réseau"), max_length=45, blank=True)
    device = models.CharField(_("appareil"), max_length=100, blank=True)
    details = models.JSONField(_("précisions"), default=dict, blank=True)
    created_at = models.DateTimeField(_("le"), auto_now_add=True)

    class Meta:
        verbose_name = _("événement de sécurité")
        verbose_name_plural = _("événements de sécurité")
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=SecurityEventKind.values), name="accounts_securityevent_kind_known"),
        )
        indexes = (models.Index(fields=("user", "-created_at"), name="accounts_securityevent_by_user"),)
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
