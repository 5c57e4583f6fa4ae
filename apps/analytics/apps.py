"""Application `analytics`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Registers the application."""

    name = "apps.analytics"
    verbose_name = _("Statistiques")

    def ready(self) -> None:
        """Receivers and sources of archives register on import, tasks are called by name."""
        from apps.analytics import personal_data, receivers, tasks  # noqa: F401, PLC0415  models are ready now
