"""Application `ingestion`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestionConfig(AppConfig):
    """Registers the application."""

    name = "apps.ingestion"
    verbose_name = _("Collecte")

    def ready(self) -> None:
        """Receivers register on import, tasks are called by name."""
        from apps.ingestion import receivers, tasks  # noqa: F401, PLC0415
