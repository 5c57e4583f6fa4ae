"""Application `analytics`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Registers the application."""

    name = "apps.analytics"
    verbose_name = _("Statistiques")
