"""Application `notifications`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Registers the application."""

    name = "apps.notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Receivers and checks register on import; tasks are called by name."""
        from apps.notifications import (  # noqa: F401, PLC0415
            checks,
            personal_data,
            receivers,
            receivers_webhooks,
            tasks,
            webhook_tasks,
        )
