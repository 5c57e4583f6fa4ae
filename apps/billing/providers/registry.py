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
from apps.billing.providers.fake import Fake
from apps.billing.providers.http import OperatorClient
from apps.billing.providers.mtn import Mtn, Product
from apps.billing.providers.oauth import OauthAccount
from apps.billing.providers.orange_mp import OrangeMp, auth_token
from apps.billing.providers.orange_web import OrangeWeb
from apps.billing.providers.pawapay import PawaPay
from apps.billing.providers.port import Provider

# What each is built from; one exists here when its first setting, the address, is not empty.
SETTINGS: dict[ProviderCode, tuple[str, ...]] = {
    ProviderCode.MTN: (
        "MTN_MOMO_BASE_URL", "MTN_MOMO_TARGET_ENVIRONMENT", "MTN_MOMO_SUBSCRIPTION_KEY", "MTN_MOMO_API_USER", "MTN_MOMO_API_KEY",
        "MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY", "MTN_MOMO_DISBURSEMENT_API_USER", "MTN_MOMO_DISBURSEMENT_API_KEY",
    ),
    ProviderCode.ORANGE_MP: (
        "ORANGE_MP_BASE_URL", "ORANGE_MP_CUSTOMER_KEY", "ORANGE_MP_CUSTOMER_SECRET", "ORANGE_MP_API_USER", "ORANGE_MP_API_PASSWORD",
        "ORANGE_MP_CHANNEL_MSISDN", "ORANGE_MP_PIN", "ORANGE_MP_CA_FILE",
    ),
    ProviderCode.ORANGE_WEB: (
        "ORANGE_WEBPAY_BASE_URL", "ORANGE_WEBPAY_TOKEN_URL", "ORANGE_WEBPAY_CLIENT_ID", "ORANGE_WEBPAY_CLIENT_SECRET",
        "ORANGE_WEBPAY_MERCHANT_KEY", "SITE_NAME", "ORANGE_WEBPAY_CURRENCY", "ORANGE_PAYMENT_PAGE_HOSTS",
    ),
    ProviderCode.PAWAPAY: ("PAWAPAY_BASE_URL", "PAWAPAY_TOKEN"),
    ProviderCode.FAKE: (),
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


def _orange_mp(
    base_url: str, key: str, secret: str, user: str, password: str, channel_msisdn: str, pin: str, ca_file: str
) -> tuple[Provider, tuple[OperatorClient, ...]]:
    auth = auth_token(user, password)
    client = OperatorClient(base_url, ca_file=ca_file, secrets=[secret, password, auth, pin])
    headers = {"X-AUTH-TOKEN": auth}
    account = OauthAccount("orange_mp", client=client, token_client=client, mint_path="/token", user=key, secret=secret, headers=headers)
    return OrangeMp(account=account, channel_msisdn=channel_msisdn, pin=pin), (client,)


def _orange_web(
    base_url: str, token_url: str, user: str, secret: str, merchant_key: str, name: str, currency: str, page_hosts: tuple[str, ...]
) -> tuple[Provider, tuple[OperatorClient, ...]]:
    client = OperatorClient(base_url, secrets=[secret, merchant_key])
    token_client = OperatorClient(token_url, secrets=[secret])
    account = OauthAccount("orange_web", client=client, token_client=token_client, mint_path="", user=user, secret=secret)
    provider = OrangeWeb(
        client=client, account=account, merchant_key=merchant_key, merchant_name=name, currency=currency, page_hosts=page_hosts
    )
    return provider, (client, token_client)


def _pawapay(base_url: str, token: str) -> tuple[Provider, tuple[OperatorClient, ...]]:
    client = OperatorClient(base_url, secrets=[token])
    return PawaPay(client=client, token=token), (client,)


def _fake() -> tuple[Provider, tuple[OperatorClient, ...]]:
    return Fake(), ()


_BUILDERS: dict[ProviderCode, Callable[..., tuple[Provider, tuple[OperatorClient, ...]]]] = {
    ProviderCode.MTN: _mtn,
    ProviderCode.ORANGE_MP: _orange_mp,
    ProviderCode.ORANGE_WEB: _orange_web,
    ProviderCode.PAWAPAY: _pawapay,
    ProviderCode.FAKE: _fake,
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
