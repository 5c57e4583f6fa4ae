"""Under which keys an entry is looked for when a record may be it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Resource


class MatchKey(models.Model):
    """One blocking key of a live entry (see `matching/keys.py`). Written anew when the entry changes; ends with it."""

    pk = models.CompositePrimaryKey("key", "resource_id")
    key = models.BigIntegerField(_("clé"))
    # A dozen to an entry: checks by the database would cost 30 µs of each, a key of an entry that is gone finds nothing.
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+", db_constraint=False, verbose_name=_("fiche"))

    class Meta:
        db_table = "ingest_match_keys"
        verbose_name = _("clé de rapprochement")
        verbose_name_plural = _("clés de rapprochement")

    def __str__(self) -> str:
        return f"{self.key}: {self.resource_id}"
