"""Application `api`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Registers the application."""

    name = "apps.api"
    verbose_name = _("API")

    def ready(self) -> None:
        """The OpenAPI extension registers on import."""
        from apps.api import openapi  # noqa: F401, PLC0415
