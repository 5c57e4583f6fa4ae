"""How long calls of the API took."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiKey
from apps.analytics.constants import LATENCY_BOUNDS_MS


class ApiLatency(models.Model):
    """Calls of an hour, user, key and operation that took about as long; how many there were says the usage of accounts. Kept 25 months.

    `bucket` is a place in `LATENCY_BOUNDS_MS`: at most so many milliseconds; the one after the last is for all that took longer.
    """

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField(_("heure"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("clé"))
    operation = models.CharField(_("opération"), max_length=60)
    bucket = models.PositiveSmallIntegerField(_("durée"))
    calls = models.PositiveIntegerField(_("appels"))
    refused = models.PositiveIntegerField(_("refusés"), help_text=_("Réponses 4xx."))
    errors = models.PositiveIntegerField(_("erreurs"), help_text=_("Réponses 5xx."))

    class Meta:
        db_table = "analytics_api_latency"
        verbose_name = _("durée d’appels de l’API")
        verbose_name_plural = _("durées d’appels de l’API")
        constraints = (
            models.UniqueConstraint(
                F("user"), F("hour"), F("key"), F("operation"), F("bucket"), nulls_distinct=False, name="analytics_api_latency_once"
            ),
            models.CheckConstraint(condition=Q(bucket__lte=len(LATENCY_BOUNDS_MS)), name="analytics_api_latency_bucket_known"),
            models.CheckConstraint(condition=Q(calls__gte=F("refused") + F("errors")), name="analytics_api_latency_parts_fit"),
        )

    def __str__(self) -> str:
        return f"{self.hour} {self.user_id} {self.operation}"
