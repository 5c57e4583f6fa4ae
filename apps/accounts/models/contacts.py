"""Proof that a phone number is its user's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.users import User


class PhoneCode(models.Model):
    """The code that was last texted to a user, as an HMAC. One row a user; `sent_count` starts again each day."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="phone_code", verbose_name=_("utilisateur"))
    phone = models.CharField(_("téléphone"), max_length=16, db_index=True)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField(_("envoyé le"))
    day = models.DateField(_("jour"))
    sent_count = models.PositiveSmallIntegerField(_("envois"), default=1)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)

    class Meta:
        verbose_name = _("code de téléphone")
        verbose_name_plural = _("codes de téléphone")

    def __str__(self) -> str:
        return self.phone
