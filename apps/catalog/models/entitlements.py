"""What an entry has a right to. Code asks for rights, never for the names of plans."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ListingRight
from apps.catalog.models.resources import Resource


class ListingEntitlement(models.Model):
    """A right given to one entry, by a payment or by staff. Past `valid_until` it reads as the default; nothing deletes it."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="entitlements", verbose_name=_("fiche"))
    key = models.CharField(_("droit"), max_length=30, choices=ListingRight)
    value = models.PositiveIntegerField(_("valeur"))
    valid_until = models.DateTimeField(_("valable jusqu’au"), null=True, blank=True)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        db_table = "listing_entitlements"
        verbose_name = _("droit d’une fiche")
        verbose_name_plural = _("droits des fiches")
        constraints = (
            models.UniqueConstraint(F("resource"), F("key"), name="listing_entitlements_once"),
            models.CheckConstraint(condition=Q(key__in=ListingRight.values), name="listing_entitlements_key_known"),
        )

    def __str__(self) -> str:
        return f"{self.resource_id} {self.key}"
