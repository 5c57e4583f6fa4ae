"""Application `analytics`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Registers the application."""

    name = "apps.analytics"
    verbose_name = _("Statistiques")

    def ready(self) -> None:
        """Tasks are called by name."""
        from apps.analytics import tasks  # noqa: F401, PLC0415  models are ready now
