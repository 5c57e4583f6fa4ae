"""Who agreed to what."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.notifications.choices import Category, Channel, ConsentSource


class ConsentRecord(models.Model):
    """One yes or no of one person, with the words that were shown. Append-only: a withdrawal is one more row, and the last row counts.

    Kept as a proof after the account is gone: the user's row holds no personal data then.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("utilisateur"))
    category = models.CharField(_("catégorie"), max_length=12, choices=Category)
    channel = models.CharField(_("canal"), max_length=10, choices=Channel)
    is_given = models.BooleanField(_("accordé"))
    source = models.CharField(_("où"), max_length=10, choices=ConsentSource)
    text_version = models.CharField(_("version du texte"), max_length=20, blank=True)
    text_shown = models.TextField(_("texte montré"), blank=True)
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(_("le"))

    class Meta:
        verbose_name = _("consentement")
        verbose_name_plural = _("consentements")
        constraints = (
            models.CheckConstraint(condition=Q(category__in=Category.values), name="notifications_consent_category_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notifications_consent_channel_known"),
            models.CheckConstraint(condition=Q(source__in=ConsentSource.values), name="notifications_consent_source_known"),
            models.CheckConstraint(
                condition=Q(is_given=False) | ~Q(text_version="") & ~Q(text_shown=""), name="notifications_consent_yes_has_words"
            ),
        )
        indexes = (models.Index(fields=("user", "category", "channel", "-created_at"), name="notifications_consent_last"),)
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.category} {self.channel} {self.is_given}"
