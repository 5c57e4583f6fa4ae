"""Closed word lists of accounts, with the values of the public API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UserType(models.TextChoices):
    """Nature of an account."""

    INDIVIDUAL = "individual", _("Particulier")
    BUSINESS = "business", _("Entreprise")
    ADMIN = "admin", _("Équipe")


class AccountPlan(models.TextChoices):
    """What an account pays for; decides quotas."""

    FREE = "free", _("Gratuit")
    PRO = "pro", _("Pro")
    ENTERPRISE = "enterprise", _("Entreprise")


class PricingTier(models.TextChoices):
    """Price list that applies to an account."""

    STANDARD = "standard", _("Standard")
    BUSINESS = "business", _("Entreprise")
    ENTERPRISE = "enterprise", _("Grand compte")
