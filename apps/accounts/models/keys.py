"""Keys of programs."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.users import User
from apps.core.ids import uuid7


class ApiKey(models.Model):
    """A secret with which a program acts for its owner. Ends revoked, replaced or expired; the row stays for the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("utilisateur"))
    name = models.CharField(_("nom"), max_length=100)
    key_hash = models.CharField(_("empreinte"), max_length=64, unique=True, editable=False)
    key_prefix = models.CharField(_("début"), max_length=20, editable=False)
    last_four = models.CharField(_("fin"), max_length=4, editable=False)
    permissions = models.JSONField(_("portées"), default=list)
    rate_limit = models.PositiveIntegerField(_("appels par heure"), default=1000)
    livemode = models.BooleanField(_("réelle"), default=True, editable=False)
    ip_allow = models.JSONField(_("adresses IP permises"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    expires_at = models.DateTimeField(_("expire le"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("remplacée par")
    )
    exposed_at = models.DateTimeField(_("vue dans une adresse le"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("révoquée le"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("dernier appel"), null=True, blank=True)
    last_used_from = models.CharField(_("appelée depuis"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)

    class Meta:
        db_table = "api_keys"
        verbose_name = _("clé d’API")
        verbose_name_plural = _("clés d’API")
        constraints = (
            models.CheckConstraint(condition=Q(key_hash__regex=r"^[0-9a-f]{64}$"), name="api_keys_hash_hex"),
            models.CheckConstraint(condition=Q(is_active=True) ^ Q(revoked_at__isnull=False), name="api_keys_revoked_inactive"),
            models.CheckConstraint(condition=Q(rate_limit__gte=1), name="api_keys_rate_positive"),
        )
        indexes = (models.Index(fields=("user", "-created_at"), name="api_keys_by_user"),)

    def __str__(self) -> str:
        return f"{self.key_prefix}…{self.last_four}"

    def is_usable(self, at: dt.datetime) -> bool:
        """Whether the key still opens anything at this moment."""
        return self.is_active and (self.expires_at is None or at < self.expires_at)
