"""Values of billing that only a release changes."""

from __future__ import annotations

import datetime as dt

from apps.billing.choices import PaymentState, Product, SubscriptionState

CURRENCY = "XAF"
LISTING_PRODUCTS = (Product.LISTING_PREMIUM, Product.LISTING_FEATURED)
ACCOUNT_PRODUCTS = (Product.ACCOUNT_PRO, Product.ACCOUNT_ENTERPRISE)
LIVE_SUBSCRIPTION_STATES = (SubscriptionState.PENDING, SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)
# A payment that may still take the payer's money: one an invoice.
LIVE_PAYMENT_STATES = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN)

# 17.5 % and a tenth of it for the communes, in basis points. https://www.impots.cm
VAT_BASIS_POINTS = 1925
# Operators' usual bounds of one payment, in francs, where staff has not written others.
AMOUNT_MIN, AMOUNT_MAX = 100, 500_000
# Amounts due are multiples of it: coins below do not circulate.
AMOUNT_STEP = 5

QUOTE_VALID = dt.timedelta(minutes=15)
PRO_FORMA_VALID = dt.timedelta(days=30)
PENDING_SUBSCRIPTION_KEPT = dt.timedelta(hours=24)
# Idempotent answers of payments are kept longer than others (contracts, section 1).
ANSWERS_KEPT = dt.timedelta(days=30)
CALLBACK_BODY_MAX = 64 * 1024
CALLBACKS_A_MINUTE = 20
