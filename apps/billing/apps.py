"""The app of billing."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Registers the checks and receivers of billing."""

    name = "apps.billing"
    verbose_name = _("Facturation")

    def ready(self) -> None:
        """Register."""
        from apps.billing import checks, receivers, tasks  # noqa: F401, PLC0415
        from apps.billing.services.prices import load_reference_prices  # noqa: PLC0415
        from apps.catalog.services import reference  # noqa: PLC0415

        reference.add_loader(load_reference_prices)
