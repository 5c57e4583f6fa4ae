"""Combinations of payment settings that cannot work, or must not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def check_waiting_times(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Payments are watched in real time wherever real people pay."""
    if settings.PAYMENT_TIME_SCALE == 1 or settings.DEMO_ALLOWED:
        return []
    return [Error("PAYMENT_TIME_SCALE is not 1.", hint="Remove it from the environment: it is for tests.", id="billing.E001")]
