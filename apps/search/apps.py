"""Application `search`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Registers the application."""

    name = "apps.search"
    verbose_name = _("Recherche")

    def ready(self) -> None:
        """Receivers and sources of archives register on import, tasks are called by name; probe and figures tell delays, synonyms ship."""
        from apps.catalog.services import reference  # noqa: PLC0415
        from apps.core import health, metrics  # noqa: PLC0415
        from apps.search import personal_data, receivers, tasks  # noqa: F401, PLC0415
        from apps.search.selectors.lag import LagCollector, check_lag  # noqa: PLC0415
        from apps.search.services.synonyms import load_synonyms  # noqa: PLC0415

        health.add_check("search", check_lag)
        metrics.add_collector(LagCollector())
        reference.add_loader(load_synonyms)
