"""Addresses that nothing more is sent to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.notifications.choices import Category, Channel, SuppressionReason


class Suppression(models.Model):
    """An address that refused, complained or left a category. Ends when it is lifted, by staff or by a mail that arrived after all."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(_("canal"), max_length=10, choices=Channel)
    address = models.CharField(_("adresse"), max_length=255)
    reason = models.CharField(_("motif"), max_length=12, choices=SuppressionReason)
    category = models.CharField(_("catégorie"), max_length=12, choices=Category, blank=True, help_text=_("Vide : toutes."))
    detail = models.CharField(_("détail"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("depuis"))
    lifted_at = models.DateTimeField(_("levé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("adresse écartée")
        verbose_name_plural = _("adresses écartées")
        constraints = (
            models.UniqueConstraint(
                Lower("address"), "channel", "reason", "category", condition=Q(lifted_at=None), name="notifications_suppression_once"
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notifications_suppression_channel_known"),
            models.CheckConstraint(condition=Q(reason__in=SuppressionReason.values), name="notifications_suppression_reason_known"),
            models.CheckConstraint(
                condition=Q(category="") | Q(category__in=Category.values, reason=SuppressionReason.UNSUBSCRIBE),
                name="notifications_suppression_category_left",
            ),
            models.CheckConstraint(condition=Q(address=Lower("address")), name="notifications_suppression_address_lower"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.reason}"
