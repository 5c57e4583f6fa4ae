"""Combinations of payment settings that cannot work, or must not."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from apps.billing.providers.registry import configured, provider


@register(Tags.security)
def check_waiting_times(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Payments are watched in real time wherever real people pay."""
    if settings.PAYMENT_TIME_SCALE == 1 or settings.DEMO_ALLOWED:
        return []
    return [Error("PAYMENT_TIME_SCALE is not 1.", hint="Remove it from the environment: it is for tests.", id="billing.E001")]


# What each operator needs once it has an address. Refunds of MTN are a contract of their own: all three or none.
CREDENTIALS = {
    "MTN_MOMO_BASE_URL": ["MTN_MOMO_SUBSCRIPTION_KEY", "MTN_MOMO_API_USER", "MTN_MOMO_API_KEY"],
    "ORANGE_WEBPAY_BASE_URL": ["ORANGE_WEBPAY_CLIENT_ID", "ORANGE_WEBPAY_CLIENT_SECRET", "ORANGE_WEBPAY_MERCHANT_KEY"],
    "ORANGE_MP_BASE_URL": [
        "ORANGE_MP_CUSTOMER_KEY", "ORANGE_MP_CUSTOMER_SECRET", "ORANGE_MP_API_USER", "ORANGE_MP_API_PASSWORD",
        "ORANGE_MP_CHANNEL_MSISDN", "ORANGE_MP_PIN",
    ],
    "PAWAPAY_BASE_URL": ["PAWAPAY_TOKEN"],
}  # fmt: skip
_REFUNDS = ["MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY", "MTN_MOMO_DISBURSEMENT_API_USER", "MTN_MOMO_DISBURSEMENT_API_KEY"]
_SANDBOX = re.compile(r"//([^/]*\.)?sandbox\.|/orange-money-webpay/dev/")


@register(Tags.security)
def check_credentials(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """An operator with an address is offered to people, so we must be able to log in there."""
    missing = [
        name for address, names in CREDENTIALS.items() if getattr(settings, address) for name in names if not getattr(settings, name)
    ]
    refunds = [name for name in _REFUNDS if not getattr(settings, name)]
    if settings.MTN_MOMO_BASE_URL and len(refunds) < len(_REFUNDS):
        missing += refunds
    return [
        Error(f"{name} is empty.", hint="Its operator has a base URL: set this too, or remove that.", id="billing.E002") for name in missing
    ]


@register(Tags.security)
def check_operators_are_real(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """Where people pay for real, no payment may pass through a sandbox or a server that only plays an operator."""
    if settings.DEBUG or settings.DEMO_ALLOWED:
        return []
    urls = {name: str(getattr(settings, name)) for name in [*CREDENTIALS, "ORANGE_WEBPAY_TOKEN_URL"]}
    wrong = {name: "is no https address of an operator" for name, url in urls.items() if url and not _is_real(url)}
    if settings.MTN_MOMO_BASE_URL and settings.MTN_MOMO_TARGET_ENVIRONMENT == "sandbox":
        wrong["MTN_MOMO_TARGET_ENVIRONMENT"] = "names a sandbox"
    if settings.ORANGE_WEBPAY_BASE_URL and settings.ORANGE_WEBPAY_CURRENCY != "XAF":
        wrong["ORANGE_WEBPAY_CURRENCY"] = "is not XAF"
    if any(_is_this_machine(host) for host in settings.ORANGE_PAYMENT_PAGE_HOSTS):
        wrong["ORANGE_PAYMENT_PAGE_HOSTS"] = "sends payers to this machine"
    return [
        Error(f"{name} {what}.", hint="Sandboxes and the fake operator are for checkouts and tests.", id="billing.E003")
        for name, what in wrong.items()
    ]


def _is_real(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not _is_this_machine(str(parts.hostname)) and not _SANDBOX.search(f"{url}/")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@register(Tags.security)
def check_operators_can_be_asked(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's signature
    """An address, a file of authorities or a credential that no request could be made with is said at the start."""
    found: list[CheckMessage] = []
    for code in configured():
        try:
            provider(code)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), hint="README, Configuration.", id="billing.E004"))
    return found
