"""What the tests of adapters share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from apps.billing.choices import ProviderCode
from apps.billing.fake_operator.addresses import CREDENTIALS, addresses
from apps.billing.providers import registry
from apps.billing.providers.port import Provider
from apps.billing.tests.mtn_answers import PAY
from apps.billing.tests.payers import ledger_sum
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, reply, scripted_operator


@pytest.fixture
def operator() -> Iterator[ScriptedOperator]:
    """An operator that says what it is told to."""
    with scripted_operator() as running:
        yield running


@pytest.fixture
def journal() -> RecordedJournal:
    """What calls were made."""
    return RecordedJournal()


@pytest.fixture
def short_waits(settings: Any) -> None:
    """Every waiting time for an operator is a second."""
    settings.PAYMENT_TIME_SCALE = 100


@pytest.fixture
def operator_settings(operator: ScriptedOperator, settings: Any) -> Any:
    """Every payment setting leads to the scripted operator, whose tokens are good; the settings, to change more of them."""
    for name, value in {**CREDENTIALS, **addresses(operator.url)}.items():
        setattr(settings, name, value)
    settings.ORANGE_PAYMENT_PAGE_HOSTS = [".orange-money.com"]
    for name in ("MTN_MOMO_API_KEY", "MTN_MOMO_DISBURSEMENT_API_KEY", "ORANGE_WEBPAY_CLIENT_SECRET", "ORANGE_MP_CUSTOMER_SECRET"):
        setattr(settings, name, uuid.uuid4().hex)
    for path in ("/collection/token/", "/disbursement/token/", "/token", "/oauth/v3/token"):
        operator.on("POST", path, reply(200, {"access_token": f"token-{uuid.uuid4()}", "expires_in": 3600}))
    return settings


@pytest.fixture
def mtn(operator: ScriptedOperator, operator_settings: Any) -> Provider:
    """MTN with refunds, that takes every payment; its tokens tell the two products apart."""
    operator_settings.MTN_MOMO_BASE_URL = f"{operator.url}/"
    for product in ("collection", "disbursement"):
        token = {"access_token": f"{product}-token", "token_type": "access_token", "expires_in": 3600}
        operator.on("POST", f"/{product}/token/", reply(200, token))
    operator.on("POST", PAY, reply(202))
    return registry.provider(ProviderCode.MTN)


@pytest.fixture
def books_close() -> Iterator[None]:
    """Whatever happened, every leg has its counterpart."""
    yield
    assert ledger_sum() == 0
