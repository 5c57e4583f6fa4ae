"""Application `analytics`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Registers the application."""

    name = "apps.analytics"
    verbose_name = _("Statistiques")

    def ready(self) -> None:
        """Checks, receivers and sources of archives register on import, tasks are called by name; probe and figures tell what waits."""
        from apps.analytics import checks, personal_data, receivers, tasks  # noqa: F401, PLC0415  models are ready now
        from apps.analytics.selectors.health import StreamCollector, check_stream  # noqa: PLC0415
        from apps.core import health, metrics  # noqa: PLC0415

        health.add_check("analytics", check_stream)
        metrics.add_collector(StreamCollector())
