"""Settings of messages that would leak, or with which none leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from apps.notifications.ports.mail_providers import PROVIDERS


@register(Tags.security, deploy=True)
def check_bodies_are_not_kept(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Codes and links of other people may not be read in the admin."""
    if not settings.KEEP_MESSAGE_BODIES:
        return []
    return [
        Error(
            "KEEP_MESSAGE_BODIES keeps codes and links that open accounts.",
            hint="It is for a developer's own machine: leave it off here.",
            id="notifications.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mail_provider(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """A provider of mail has what it needs to send, and to be believed when it tells of bounces."""
    if settings.EMAIL_PROVIDER == "console":
        return [Error("EMAIL_PROVIDER is console: no mail leaves.", hint="Choose smtp or a provider.", id="notifications.E002")]
    provider = PROVIDERS.get(settings.EMAIL_PROVIDER)
    if provider is None:
        return []
    found: list[CheckMessage] = [
        Error(f"ANYMAIL_{name} is empty: no mail leaves.", hint="EMAIL_PROVIDER names its provider.", id="notifications.E003")
        for name in provider.needs
        if not settings.ANYMAIL.get(name)
    ]
    if not settings.ANYMAIL.get(provider.proof):
        hint = "Without it addresses that bounce or complain are written to again, until the provider stops us."
        found.append(Caution(f"ANYMAIL_{provider.proof} is empty: no bounce is heard.", hint=hint, id="notifications.W001"))
    return found
