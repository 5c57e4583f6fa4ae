"""Combinations of settings that cannot work."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

# What the silenced checks of Django ask for (admin.E408, E409, E410 and security.W002).
REQUIRED_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


@register(Tags.security)
def check_visitor_middleware(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Every middleware that pages need is there, and none that Django would only half call."""
    found: list[CheckMessage] = [
        Error(
            f"{path} is missing: pages and the admin need it.",
            hint="Put it into VISITOR_MIDDLEWARE, in Django's documented order.",
            id="core.E001",
        )
        for path in REQUIRED_MIDDLEWARE
        if path not in [*settings.MIDDLEWARE, *settings.VISITOR_MIDDLEWARE]
    ]
    found += [
        Error(
            f"{path} has {method}, which Django calls for MIDDLEWARE alone.",
            hint="Move it from VISITOR_MIDDLEWARE to MIDDLEWARE.",
            id="core.E002",
        )
        for path in settings.VISITOR_MIDDLEWARE
        for method in ("process_view", "process_exception", "process_template_response")
        if hasattr(import_string(path), method)
    ]
    return found


@register(Tags.security)
def check_networks_are_written_right(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """`OUTGOING_ALLOWED_NETWORKS` is a list of networks."""
    found: list[CheckMessage] = []
    for text in settings.OUTGOING_ALLOWED_NETWORKS:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            found.append(
                Error(f"OUTGOING_ALLOWED_NETWORKS: {error}.", hint="Write networks as 192.0.2.0/24 or 2001:db8::/32.", id="core.E003")
            )
    return found


@register(Tags.security, deploy=True)
def check_no_private_network_is_allowed(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Addresses that anybody gives us may not lead into our own network."""
    if not settings.OUTGOING_ALLOWED_NETWORKS:
        return []
    return [
        Error(
            "OUTGOING_ALLOWED_NETWORKS lets addresses given by others lead into a network of ours.",
            hint="It is for tests and for trying things out: leave it empty here.",
            id="core.E004",
        )
    ]
