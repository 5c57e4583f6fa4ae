"""Application `ingestion`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestionConfig(AppConfig):
    """Registers the application."""

    name = "apps.ingestion"
    verbose_name = _("Collecte")
