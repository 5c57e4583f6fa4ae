"""The guard of commands that load demonstration data."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError


def require_demo_allowed(*, i_know: bool) -> None:
    """:raises CommandError: production settings, and nobody said `--i-know`."""
    if not settings.DEMO_ALLOWED and not i_know:
        raise CommandError("Demonstration data does not belong in production. If you mean it, add --i-know.")
