"""Settings of messages that would leak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
