"""Application `web`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Registers the application."""

    name = "apps.web"
    verbose_name = _("Site")
