"""What an account has a right to. Code asks for entitlements, never for the names of plans."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Entitlement, UserType
from apps.accounts.models.users import User


class EntitlementDefault(models.Model):
    """What every account of a type has without paying, where staff wants something else than `constants.FREE_RIGHTS`."""

    user_type = models.CharField(_("type de compte"), max_length=20, choices=UserType)
    key = models.CharField(_("droit"), max_length=30, choices=Entitlement)
    value = models.PositiveIntegerField(_("valeur"))

    class Meta:
        verbose_name = _("droit par défaut")
        verbose_name_plural = _("droits par défaut")
        constraints = (
            models.UniqueConstraint(F("user_type"), F("key"), name="accounts_entitlementdefault_once"),
            models.CheckConstraint(condition=Q(user_type__in=UserType.values), name="accounts_entitlementdefault_type_known"),
            models.CheckConstraint(condition=Q(key__in=Entitlement.values), name="accounts_entitlementdefault_key_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_type} {self.key}"


class AccountEntitlement(models.Model):
    """A right given to one account, by a payment or by staff. Past `valid_until` it reads as the default; nothing deletes it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="entitlements", verbose_name=_("utilisateur"))
    key = models.CharField(_("droit"), max_length=30, choices=Entitlement)
    value = models.PositiveIntegerField(_("valeur"))
    valid_until = models.DateTimeField(_("valable jusqu’au"), null=True, blank=True)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        verbose_name = _("droit d’un compte")
        verbose_name_plural = _("droits des comptes")
        constraints = (
            models.UniqueConstraint(F("user"), F("key"), name="accounts_accountentitlement_once"),
            models.CheckConstraint(condition=Q(key__in=Entitlement.values), name="accounts_accountentitlement_key_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
