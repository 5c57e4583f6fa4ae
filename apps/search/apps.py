"""Application `search`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Registers the application."""

    name = "apps.search"
    verbose_name = _("Recherche")

    def ready(self) -> None:
        """Receivers register on import; tasks are called by name."""
        from apps.search import receivers, tasks  # noqa: F401, PLC0415
