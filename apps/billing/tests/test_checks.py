"""Settings of payments that a start refuses."""

from __future__ import annotations

from typing import Any

import pytest

from apps.billing.checks import check_credentials, check_operators_are_real
from apps.billing.fake_operator.addresses import BASE_URLS, CREDENTIALS

REAL = {
    "MTN_MOMO_BASE_URL": "https://proxy.momoapi.mtn.com",
    "ORANGE_WEBPAY_BASE_URL": "https://api.orange.com/orange-money-webpay/cm/v1",
    "ORANGE_MP_BASE_URL": "https://api-s1.orange.cm",
    "PAWAPAY_BASE_URL": "https://api.pawapay.io",
}


def words(found: list[Any]) -> list[str]:
    """Name of the setting that each error begins with."""
    return [error.msg.split()[0] for error in found]


@pytest.fixture
def production(settings: Any) -> Any:
    for name, value in {**REAL, **CREDENTIALS}.items():
        setattr(settings, name, value)
    settings.DEMO_ALLOWED = settings.DEBUG = False
    return settings


@pytest.mark.usefixtures("production")
def test_it_works() -> None:
    assert check_credentials(None) == []
    assert check_operators_are_real(None) == []


def test_no_operator_at_all_is_fine(settings: Any) -> None:
    for name in BASE_URLS:
        setattr(settings, name, "")
    for name in CREDENTIALS:
        setattr(settings, name, "")
    settings.DEMO_ALLOWED = False
    assert check_credentials(None) == []
    assert check_operators_are_real(None) == []


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_each_credential_of_an_operator_is_needed(production: Any, name: str) -> None:
    setattr(production, name, "")
    found = check_credentials(None)
    assert [(error.id, error.msg) for error in found] == [("billing.E002", f"{name} is empty.")]


def test_refunds_of_mtn_may_be_left_out_together(production: Any) -> None:
    for name in CREDENTIALS:
        if "DISBURSEMENT" in name:
            setattr(production, name, "")
    assert check_credentials(None) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MTN_MOMO_BASE_URL", "http://127.0.0.1:9000"),
        ("MTN_MOMO_BASE_URL", "https://127.8.8.8"),
        ("MTN_MOMO_BASE_URL", "https://sandbox.momodeveloper.mtn.com"),
        ("MTN_MOMO_BASE_URL", "http://proxy.momoapi.mtn.com"),
        ("MTN_MOMO_BASE_URL", "proxy.momoapi.mtn.com"),
        ("MTN_MOMO_TARGET_ENVIRONMENT", "sandbox"),
        ("ORANGE_WEBPAY_BASE_URL", "https://api.orange.com/orange-money-webpay/dev/v1"),
        ("ORANGE_WEBPAY_TOKEN_URL", "https://localhost/oauth/v3/token"),
        ("ORANGE_WEBPAY_CURRENCY", "OUV"),
        ("ORANGE_MP_BASE_URL", "https://[::1]:8443"),
        ("ORANGE_PAYMENT_PAGE_HOSTS", [".orange-money.com", "127.0.0.1"]),
        ("PAWAPAY_BASE_URL", "https://api.sandbox.pawapay.io"),
    ],
)
def test_nobody_pays_for_real_through_a_sandbox(production: Any, name: str, value: object) -> None:
    setattr(production, name, value)
    found = check_operators_are_real(None)
    assert (words(found), found[0].id) == ([name], "billing.E003")
    production.DEMO_ALLOWED = True
    assert check_operators_are_real(None) == []


@pytest.mark.usefixtures("fake_operator")
def test_the_fake_operator_is_refused_where_people_pay(settings: Any) -> None:
    assert check_credentials(None) == []
    assert check_operators_are_real(None) == []
    settings.DEMO_ALLOWED = False
    assert sorted(words(check_operators_are_real(None))) == sorted([*BASE_URLS, "ORANGE_WEBPAY_TOKEN_URL", "ORANGE_PAYMENT_PAGE_HOSTS"])
