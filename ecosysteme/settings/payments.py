"""Operators of Mobile Money: where they answer and who we are to them. One without a base URL is not offered.

The names and how to obtain each value: README, section Configuration.
"""

from __future__ import annotations

from ecosysteme import env

MTN_MOMO_BASE_URL = env.text("MTN_MOMO_BASE_URL", "")
# `mtncameroon` (XAF) or `sandbox` (EUR).
MTN_MOMO_TARGET_ENVIRONMENT = env.text("MTN_MOMO_TARGET_ENVIRONMENT", "mtncameroon")
MTN_MOMO_SUBSCRIPTION_KEY = env.text("MTN_MOMO_SUBSCRIPTION_KEY", "")
MTN_MOMO_API_USER = env.text("MTN_MOMO_API_USER", "")
MTN_MOMO_API_KEY = env.text("MTN_MOMO_API_KEY", "")
# Refunds pass through another product, with credentials of its own.
MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY = env.text("MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY", "")
MTN_MOMO_DISBURSEMENT_API_USER = env.text("MTN_MOMO_DISBURSEMENT_API_USER", "")
MTN_MOMO_DISBURSEMENT_API_KEY = env.text("MTN_MOMO_DISBURSEMENT_API_KEY", "")

ORANGE_WEBPAY_BASE_URL = env.text("ORANGE_WEBPAY_BASE_URL", "")
ORANGE_WEBPAY_TOKEN_URL = env.text("ORANGE_WEBPAY_TOKEN_URL", "https://api.orange.com/oauth/v3/token")
ORANGE_WEBPAY_CLIENT_ID = env.text("ORANGE_WEBPAY_CLIENT_ID", "")
ORANGE_WEBPAY_CLIENT_SECRET = env.text("ORANGE_WEBPAY_CLIENT_SECRET", "")
ORANGE_WEBPAY_MERCHANT_KEY = env.text("ORANGE_WEBPAY_MERCHANT_KEY", "")
# `XAF`, or `OUV` in Orange's sandbox.
ORANGE_WEBPAY_CURRENCY = env.text("ORANGE_WEBPAY_CURRENCY", "XAF")
# Where a payer may be sent: a host, or with a leading dot all below it.
ORANGE_PAYMENT_PAGE_HOSTS = env.words("ORANGE_PAYMENT_PAGE_HOSTS", [".orange-money.com"])

ORANGE_MP_BASE_URL = env.text("ORANGE_MP_BASE_URL", "")
ORANGE_MP_CUSTOMER_KEY = env.text("ORANGE_MP_CUSTOMER_KEY", "")
ORANGE_MP_CUSTOMER_SECRET = env.text("ORANGE_MP_CUSTOMER_SECRET", "")
ORANGE_MP_API_USER = env.text("ORANGE_MP_API_USER", "")
ORANGE_MP_API_PASSWORD = env.text("ORANGE_MP_API_PASSWORD", "")
# Our merchant wallet, nine digits, and its PIN.
ORANGE_MP_CHANNEL_MSISDN = env.text("ORANGE_MP_CHANNEL_MSISDN", "")
ORANGE_MP_PIN = env.text("ORANGE_MP_PIN", "")
# A file with the authority that signed the operator's certificate, where systems do not know it.
ORANGE_MP_CA_FILE = env.text("ORANGE_MP_CA_FILE", "")

PAWAPAY_BASE_URL = env.text("PAWAPAY_BASE_URL", "")
PAWAPAY_TOKEN = env.text("PAWAPAY_TOKEN", "")

# Waiting times of payments are divided by it, so that tests need not wait; only 1 in production.
PAYMENT_TIME_SCALE = env.number("PAYMENT_TIME_SCALE", 1)
