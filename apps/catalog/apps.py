"""Application `catalog`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """Registers the application."""

    name = "apps.catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        """Receivers register on import; tasks are called by name."""
        from apps.catalog import personal_data, receivers, tasks  # noqa: F401, PLC0415
