"""The settings of payments that lead to a fake operator, and words that it accepts as credentials."""

from __future__ import annotations

CREDENTIALS = {
    "MTN_MOMO_SUBSCRIPTION_KEY": "collection-key",
    "MTN_MOMO_API_USER": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    "MTN_MOMO_API_KEY": "collection-secret",
    "MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY": "disbursement-key",
    "MTN_MOMO_DISBURSEMENT_API_USER": "1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e",
    "MTN_MOMO_DISBURSEMENT_API_KEY": "disbursement-secret",
    "ORANGE_WEBPAY_CLIENT_ID": "web-client",
    "ORANGE_WEBPAY_CLIENT_SECRET": "web-secret",
    "ORANGE_WEBPAY_MERCHANT_KEY": "web-merchant",
    "ORANGE_MP_CUSTOMER_KEY": "mp-customer",
    "ORANGE_MP_CUSTOMER_SECRET": "mp-secret",
    "ORANGE_MP_API_USER": "mp-user",
    "ORANGE_MP_API_PASSWORD": "mp-password",
    "ORANGE_MP_CHANNEL_MSISDN": "691000111",
    "ORANGE_MP_PIN": "0000",
    "PAWAPAY_TOKEN": "pawapay-token",
}
# An operator without one is not offered.
BASE_URLS = ("MTN_MOMO_BASE_URL", "ORANGE_MP_BASE_URL", "ORANGE_WEBPAY_BASE_URL", "PAWAPAY_BASE_URL")


def addresses(address: str) -> dict[str, str]:
    """Name and value, as text, of each setting; `address` is `http://host:port`."""
    return {
        "MTN_MOMO_BASE_URL": address,
        "ORANGE_MP_BASE_URL": address,
        "ORANGE_WEBPAY_BASE_URL": f"{address}/orange-money-webpay/cm/v1",
        "ORANGE_WEBPAY_TOKEN_URL": f"{address}/oauth/v3/token",
        "PAWAPAY_BASE_URL": address,
        "ORANGE_PAYMENT_PAGE_HOSTS": "127.0.0.1,localhost",
    }
