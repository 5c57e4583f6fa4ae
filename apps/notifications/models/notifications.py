"""What a person was told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.notifications.choices import Category


class Notification(models.Model):
    """One thing told to one person, by whatever channels; written once for each event. Pruned after a year, or with the account.

    `context` makes the words again in the reader's language; it holds no link that opens something without a password.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    message = models.CharField(_("message"), max_length=60)
    category = models.CharField(_("catégorie"), max_length=12, choices=Category)
    context = models.JSONField(default=dict, blank=True)
    url = models.CharField(_("page"), max_length=500, blank=True)
    dedup_key = models.CharField(_("événement"), max_length=160)
    is_listed = models.BooleanField(_("sur le site"), default=True, help_text=_("Faux si la personne ne veut pas de cette catégorie ici."))
    created_at = models.DateTimeField(_("créé le"))
    read_at = models.DateTimeField(_("lu le"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = (
            models.UniqueConstraint(fields=("user", "message", "dedup_key"), name="notifications_notification_once"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="notifications_notification_category_known"),
            models.CheckConstraint(condition=~Q(dedup_key=""), name="notifications_notification_has_event"),
        )
        indexes = (
            models.Index(fields=("user", "-created_at", "-id"), condition=Q(is_listed=True), name="notifications_inbox"),
            models.Index(fields=("user",), condition=Q(is_listed=True, read_at=None), name="notifications_unread"),
            models.Index(fields=("created_at",), name="notifications_notification_age"),
            # What became of an announcement is asked by its event alone.
            models.Index(fields=("dedup_key",), condition=Q(category=Category.NEWS), name="notifications_announced"),
        )

    def __str__(self) -> str:
        return f"{self.message} {self.dedup_key}"
