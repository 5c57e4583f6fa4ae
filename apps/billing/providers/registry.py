"""The operators of this installation, each built from settings once a process."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.conf import settings

from apps.billing.choices import Operator, ProviderCode
from apps.billing.exceptions import ProviderNotConfigured
from apps.billing.providers.http import OperatorClient
from apps.billing.providers.mtn import Mtn, Product
from apps.billing.providers.port import Provider

# What each is built from; one exists here when its first setting, the address, is not empty.
SETTINGS: dict[ProviderCode, tuple[str, ...]] = {
    ProviderCode.MTN: (
        "MTN_MOMO_BASE_URL", "MTN_MOMO_TARGET_ENVIRONMENT", "MTN_MOMO_SUBSCRIPTION_KEY", "MTN_MOMO_API_USER", "MTN_MOMO_API_KEY",
        "MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY", "MTN_MOMO_DISBURSEMENT_API_USER", "MTN_MOMO_DISBURSEMENT_API_KEY",
    ),
}  # fmt: skip
# The first that is configured is offered.
PREFERRED = {
    Operator.MTN: (ProviderCode.MTN, ProviderCode.PAWAPAY),
    Operator.ORANGE: (ProviderCode.ORANGE_MP, ProviderCode.ORANGE_WEB, ProviderCode.PAWAPAY),
}


@dataclass(frozen=True)
class _Built:
    provider: Provider
    clients: tuple[OperatorClient, ...]
    values: tuple[Any, ...]


def _mtn(
    base_url: str, environment: str, key: str, user: str, secret: str, refund_key: str, refund_user: str, refund_secret: str
) -> tuple[Provider, tuple[OperatorClient, ...]]:
    client = OperatorClient(base_url, secrets=[key, secret, refund_key, refund_secret])

    def product(name: str, key: str, user: str, secret: str) -> Product:
        return Product(name, client=client, base_url=base_url, environment=environment, key=key, user=user, secret=secret)

    collection = product("collection", key, user, secret)
    disbursement = product("disbursement", refund_key, refund_user, refund_secret)
    return Mtn(collection=collection, disbursement=disbursement, environment=environment), (client,)


_BUILDERS: dict[ProviderCode, Callable[..., tuple[Provider, tuple[OperatorClient, ...]]]] = {
    ProviderCode.MTN: _mtn,
}
_built: dict[ProviderCode, _Built] = {}
_lock = Lock()
# Connections belong to the process that opened them.
os.register_at_fork(after_in_child=_built.clear)


def provider(code: ProviderCode) -> Provider:
    """The operator with this code, built anew when its settings changed (tests).

    :raises ProviderNotConfigured: this installation has none. :raises ImproperlyConfigured: its address cannot be one.
    """
    if code not in configured():
        raise ProviderNotConfigured
    values = tuple(_value(name) for name in SETTINGS[code])
    built = _built.get(code)
    if built is None or built.values != values:
        with _lock:
            built = _built.get(code)
            if built is None or built.values != values:
                for client in built.clients if built else ():
                    client.close()
                built = _built[code] = _Built(*_BUILDERS[code](*values), values)
    return built.provider


def configured() -> list[ProviderCode]:
    """The operators that can be asked; the fake one always."""
    return [code for code, names in SETTINGS.items() if not names or getattr(settings, names[0])]


def offered(operator: Operator) -> ProviderCode | None:
    """Who takes the money of this operator's customers here; None: nobody does."""
    available = configured()
    return next((code for code in PREFERRED[operator] if code in available), None)


def _value(name: str) -> Any:
    value = getattr(settings, name)
    return tuple(value) if isinstance(value, list) else value
