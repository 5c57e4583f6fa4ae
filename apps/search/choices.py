"""Closed word lists of search."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationKind(models.TextChoices):
    """What made the published synonyms what they are."""

    SHIPPED = "shipped", _("Livrés avec le logiciel")
    PUBLISHED = "published", _("Publication")
    WITHDRAWN = "withdrawn", _("Retrait")
    UNDONE = "undone", _("Annulation")
