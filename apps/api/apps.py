"""Application `api`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Registers the application."""

    name = "apps.api"
    verbose_name = _("API")
