"""Refresh tokens of programs that log in with a password."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.users import User
from apps.core.ids import uuid7


class TokenFamily(models.Model):
    """One log-in through the API and every token that followed from it. Ends revoked or thirty days after its last token."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="token_families", verbose_name=_("utilisateur"))
    current_jti = models.CharField(_("jeton en cours"), max_length=64, editable=False)
    previous_jti = models.CharField(_("jeton précédent"), max_length=64, blank=True, editable=False)
    client_hash = models.CharField(_("empreinte du client"), max_length=64, editable=False)
    device = models.CharField(_("appareil"), max_length=100, blank=True)
    ip_prefix = models.CharField(_("réseau"), max_length=45, blank=True)
    rotated_at = models.DateTimeField(_("renouvelé le"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expire le"))
    revoked_at = models.DateTimeField(_("révoquée le"), null=True, blank=True)
    created_at = models.DateTimeField(_("ouverte le"), auto_now_add=True)

    class Meta:
        verbose_name = _("connexion par l’API")
        verbose_name_plural = _("connexions par l’API")
        indexes = (models.Index(fields=("user", "-created_at"), name="accounts_tokenfamily_by_user"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"
