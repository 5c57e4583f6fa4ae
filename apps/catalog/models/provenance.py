"""Where the value of a field came from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.resources import Resource


class FieldProvenance(models.Model):
    """Source of one imported field of an entry. Replaced by the next import; ends with the entry."""

    # Five to an imported entry, written with it: checks by the database would cost 14 µs of each, and the unique key is index enough.
    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="provenance", db_constraint=False, db_index=False, verbose_name=_("fiche")
    )
    field = models.CharField(_("champ"), max_length=60)
    source = models.CharField(_("source"), max_length=60)
    source_url = models.CharField(_("adresse de la source"), max_length=500, blank=True)
    raw_value = models.TextField(_("valeur reçue"), blank=True)
    observed_at = models.DateTimeField(_("relevé le"))
    confidence = models.FloatField(_("confiance (0 à 1)"), default=0.5)
    locked_by_owner = models.BooleanField(_("fixé par le propriétaire"), default=False)

    class Meta:
        db_table = "field_provenance"
        verbose_name = _("provenance")
        verbose_name_plural = _("provenances")
        constraints = (
            models.UniqueConstraint(fields=("resource", "field"), name="field_provenance_one_per_field"),
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="field_provenance_confidence_range"),
        )

    def __str__(self) -> str:
        return f"{self.field} ({self.source})"
