"""What a person wants to be told, how, and when."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.notifications.choices import DIGEST_MODES, MANDATORY, Category, Channel, Mode

QUIET_FROM, QUIET_UNTIL = dt.time(21, 0), dt.time(7, 0)


class Preference(models.Model):
    """A person's own choice for a category and channel; without a row the default of `preferences.py` holds. Ends with the account."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    category = models.CharField(_("catégorie"), max_length=12, choices=Category)
    channel = models.CharField(_("canal"), max_length=10, choices=Channel)
    mode = models.CharField(_("envoi"), max_length=8, choices=Mode)
    updated_at = models.DateTimeField(_("modifié le"))

    class Meta:
        verbose_name = _("préférence")
        verbose_name_plural = _("préférences")
        constraints = (
            models.UniqueConstraint(fields=("user", "category", "channel"), name="notifications_preference_once"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="notifications_preference_category_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notifications_preference_channel_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="notifications_preference_mode_known"),
            models.CheckConstraint(
                condition=~Q(category__in=MANDATORY, channel__in=(Channel.IN_APP, Channel.EMAIL)) | Q(mode=Mode.NOW),
                name="notifications_preference_mandatory_not_muted",
            ),
            models.CheckConstraint(
                condition=~Q(mode__in=DIGEST_MODES) | Q(channel=Channel.EMAIL), name="notifications_preference_digest_by_mail"
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.channel} {self.mode}"


class QuietHours(models.Model):
    """A person's own quiet hours, on the clock of Douala; without a row the default holds. Ends with the account."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("utilisateur"))
    is_on = models.BooleanField(_("actives"), default=True)
    starts_at = models.TimeField(_("de"), default=QUIET_FROM)
    ends_at = models.TimeField(_("à"), default=QUIET_UNTIL)
    updated_at = models.DateTimeField(_("modifié le"))

    class Meta:
        verbose_name = _("heures calmes")
        verbose_name_plural = _("heures calmes")
        constraints = (models.CheckConstraint(condition=~Q(starts_at=F("ends_at")), name="notifications_quiet_hours_have_length"),)

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"
