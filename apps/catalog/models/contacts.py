"""How to reach an entry."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ContactKind
from apps.catalog.models.resources import Resource
from apps.core.ids import uuid7


class ContactPoint(models.Model):
    """One phone (E.164), e-mail address or web site of an entry. Ends with the entry or when its owner removes it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The unique key begins with it.
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="contacts", db_index=False, verbose_name=_("fiche"))
    kind = models.CharField(_("moyen"), max_length=10, choices=ContactKind)
    value = models.CharField(_("valeur"), max_length=255)
    is_whatsapp = models.BooleanField(_("WhatsApp"), default=False)
    is_primary = models.BooleanField(_("principal"), default=False)
    order_index = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        db_table = "contact_points"
        ordering = ("order_index", "id")
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ContactKind.values), name="contact_points_kind_known"),
            models.UniqueConstraint(fields=("resource", "kind", "value"), name="contact_points_unique"),
            models.UniqueConstraint(fields=("resource", "kind"), condition=Q(is_primary=True), name="contact_points_one_primary_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind=ContactKind.PHONE) | Q(value__regex=r"^\+[1-9][0-9]{6,14}$"), name="contact_points_phone_e164"
            ),
            models.CheckConstraint(condition=Q(kind=ContactKind.PHONE) | Q(is_whatsapp=False), name="contact_points_whatsapp_is_phone"),
            models.CheckConstraint(
                condition=~Q(kind=ContactKind.WEBSITE) | Q(value__regex=r"^https?://[^\s<>\"]+$"),
                name="contact_points_website_http",
            ),
        )

    def __str__(self) -> str:
        return self.value
