"""Pictures of an entry."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ImageState
from apps.catalog.models.resources import Resource
from apps.core.ids import uuid7


class ResourceImage(models.Model):
    """One picture: a file of ours with sizes made by a worker, or an address elsewhere.

    `renditions` maps a width in pixels to {"file", "height", "bytes"}. Ends with the entry or when its owner removes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="images", db_column="business_id", verbose_name=_("fiche"))
    file = models.FileField(_("fichier"), upload_to="originals/", max_length=255, blank=True)
    external_url = models.URLField(_("adresse externe"), max_length=500, blank=True)
    alt_text = models.CharField(_("texte de remplacement"), max_length=255, blank=True)
    alt_text_en = models.CharField(_("texte de remplacement en anglais"), max_length=255, blank=True)
    is_primary = models.BooleanField(_("principale"), default=False)
    order_index = models.PositiveIntegerField(_("ordre"), default=0)
    state = models.CharField(_("état"), max_length=10, choices=ImageState, default=ImageState.PENDING)
    width = models.PositiveIntegerField(_("largeur"), null=True, blank=True)
    height = models.PositiveIntegerField(_("hauteur"), null=True, blank=True)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    renditions = models.JSONField(_("tailles"), default=dict, blank=True)
    created_at = models.DateTimeField(_("ajoutée le"))

    class Meta:
        db_table = "business_images"
        ordering = ("order_index", "id")
        verbose_name = _("image")
        verbose_name_plural = _("images")
        constraints = (
            models.UniqueConstraint(fields=("resource",), condition=Q(is_primary=True), name="business_images_one_primary"),
            models.UniqueConstraint(fields=("resource", "sha256"), condition=~Q(sha256=""), name="business_images_same_file_once"),
            models.CheckConstraint(condition=Q(state__in=ImageState.values), name="business_images_state_known"),
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(external_url="")) | (~Q(file="") & Q(external_url="")),
                name="business_images_one_origin",
            ),
            models.CheckConstraint(
                condition=Q(external_url="") | Q(external_url__startswith="https://"), name="business_images_external_https"
            ),
        )

    def __str__(self) -> str:
        return self.alt_text or str(self.pk)
