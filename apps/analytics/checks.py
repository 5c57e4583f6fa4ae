"""Combinations of settings that cannot work."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def check_server_networks(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """`ANALYTICS_SERVER_NETWORKS` is a list of networks."""
    found: list[CheckMessage] = []
    for text in settings.ANALYTICS_SERVER_NETWORKS:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            found.append(Error(f"ANALYTICS_SERVER_NETWORKS: {error}.", hint="Write networks as 192.0.2.0/24.", id="analytics.E001"))
    return found
