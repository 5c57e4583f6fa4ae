"""Application `accounts`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers the application."""

    name = "apps.accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        """Import what registers itself."""
        from apps.accounts import openapi, receivers, tasks  # noqa: F401, PLC0415  models are ready now
