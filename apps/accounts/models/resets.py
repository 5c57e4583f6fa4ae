"""Lost second factors."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.users import User


class MfaReset(models.Model):
    """A request of one member of staff to take a lost second factor off an account, which another one carries out."""

    user = models.ForeignKey(User, models.PROTECT, related_name="mfa_resets", verbose_name=_("utilisateur"))
    reason = models.CharField(_("motif"), max_length=300)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("demandé par"))
    requested_at = models.DateTimeField(_("demandé le"))
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approuvé par"))
    approved_at = models.DateTimeField(_("approuvé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("remise à zéro d’un second facteur")
        verbose_name_plural = _("remises à zéro de seconds facteurs")
        constraints = (
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")), name="accounts_mfareset_two_people"),
            models.CheckConstraint(condition=~Q(requested_by=F("user")), name="accounts_mfareset_not_oneself"),
            models.UniqueConstraint(fields=("user",), condition=Q(approved_at=None), name="accounts_mfareset_one_open"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.requested_at:%Y-%m-%d}"
