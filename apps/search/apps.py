"""Application `search`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Registers the application."""

    name = "apps.search"
    verbose_name = _("Recherche")
