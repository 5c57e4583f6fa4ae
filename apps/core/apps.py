"""Application `core`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Registers the application."""

    name = "apps.core"
    verbose_name = _("Socle")

    def ready(self) -> None:
        """Tasks are called by name, receivers by event: every process must know them."""
        from apps.core import caching, checks, health, heartbeats, metrics, tasks  # noqa: F401, PLC0415

        health.add_check("scheduler", heartbeats.check_beat)
        metrics.add_collector(heartbeats.HeartbeatCollector())
