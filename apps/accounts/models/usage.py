"""How much of the API an account used."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.keys import ApiKey
from apps.accounts.models.users import User


class ApiUsage(models.Model):
    """Calls of one day, user, key and operation, added up by the flush from Redis. Kept 25 months."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField(_("jour"))
    user = models.ForeignKey(User, models.CASCADE, related_name="usage", verbose_name=_("utilisateur"))
    key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="usage", verbose_name=_("clé"))
    operation = models.CharField(_("opération"), max_length=60)
    calls = models.PositiveBigIntegerField(_("appels"), default=0)
    units = models.PositiveBigIntegerField(_("unités"), default=0)
    refused = models.PositiveBigIntegerField(_("refusés"), default=0)
    errors = models.PositiveBigIntegerField(_("erreurs"), default=0)

    class Meta:
        db_table = "api_usage"
        verbose_name = _("usage de l’API")
        verbose_name_plural = _("usage de l’API")
        constraints = (models.UniqueConstraint(F("user"), F("day"), F("key"), F("operation"), nulls_distinct=False, name="api_usage_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.user_id} {self.operation}"


class QuotaAlert(models.Model):
    """A warning about a month's quota that was given, so that each is given once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    month = models.DateField(_("mois"))
    percent = models.PositiveSmallIntegerField(_("pour cent"))
    created_at = models.DateTimeField(_("le"), auto_now_add=True)

    class Meta:
        verbose_name = _("alerte de quota")
        verbose_name_plural = _("alertes de quota")
        constraints = (
            models.UniqueConstraint(F("user"), F("month"), F("percent"), name="accounts_quotaalert_once"),
            models.CheckConstraint(condition=Q(percent__in=(50, 80, 100)), name="accounts_quotaalert_percent_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.month} {self.percent}"


class UsageFlush(models.Model):
    """A batch of counts that was added to `ApiUsage`, written with it so that no crash adds it twice. Pruned after a week."""

    batch_id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("lot d’usage")
        verbose_name_plural = _("lots d’usage")

    def __str__(self) -> str:
        return str(self.batch_id)
