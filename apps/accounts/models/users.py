"""People."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import AccountPlan, PricingTier, UserType
from apps.accounts.querysets import UserManager
from apps.core.ids import uuid7


class User(AbstractBaseUser, PermissionsMixin):
    """One person or company that logs in. Deleted on request: the row stays without any personal data, for the accounts' sake."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("adresse e-mail"), max_length=255, unique=True)
    name = models.CharField(_("nom"), max_length=100)
    user_type = models.CharField(_("type"), max_length=20, choices=UserType, default=UserType.INDIVIDUAL)
    plan = models.CharField(_("forfait"), max_length=20, choices=AccountPlan, default=AccountPlan.FREE)
    api_quota = models.PositiveIntegerField(_("appels par mois"), default=1000)
    api_usage = models.PositiveIntegerField(_("appels ce mois-ci"), default=0)
    pricing_tier = models.CharField(_("grille de prix"), max_length=20, choices=PricingTier, default=PricingTier.STANDARD)
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES, default="fr")
    company_name = models.CharField(_("raison sociale"), max_length=200, blank=True)
    phone = models.CharField(_("téléphone"), max_length=16, blank=True, help_text=_("Au format E.164."))
    phone_verified_at = models.DateTimeField(_("téléphone confirmé le"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspendu le"), null=True, blank=True)
    deletion_due_at = models.DateTimeField(_("suppression prévue le"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("supprimé le"), null=True, blank=True)
    is_staff = models.BooleanField(_("équipe"), default=False, help_text=_("Peut ouvrir l’administration."))
    is_active = models.BooleanField(_("actif"), default=True)
    is_demo = models.BooleanField(_("compte de démonstration"), default=False)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "users"
        verbose_name = _("utilisateur")
        verbose_name_plural = _("utilisateurs")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="users_email_unique_any_case"),
            models.CheckConstraint(condition=models.Q(user_type__in=UserType.values), name="users_user_type_known"),
            models.CheckConstraint(condition=models.Q(plan__in=AccountPlan.values), name="users_plan_known"),
            models.CheckConstraint(condition=models.Q(pricing_tier__in=PricingTier.values), name="users_pricing_tier_known"),
            models.CheckConstraint(condition=models.Q(phone="") | models.Q(phone__regex=r"^\+[1-9][0-9]{7,14}$"), name="users_phone_e164"),
            models.CheckConstraint(condition=models.Q(phone_verified_at=None) | ~models.Q(phone=""), name="users_verified_phone_present"),
            models.UniqueConstraint(
                fields=("phone",), condition=models.Q(phone_verified_at__isnull=False), name="users_verified_phone_unique"
            ),
            models.CheckConstraint(condition=models.Q(deleted_at=None) | models.Q(is_active=False), name="users_deleted_inactive"),
        )

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """The name as given."""
        return self.name

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ")[0]
