"""Values of billing that only a release changes."""

from __future__ import annotations

import datetime as dt

from apps.accounts.choices import AccountPlan, Entitlement, PricingTier
from apps.billing.choices import PaymentState, Period, Product, SubscriptionState
from apps.catalog.choices import ListingPlan, ListingRight

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

# A change towards a later product is an upgrade; so is a longer period of the same one.
PRODUCT_ORDER = (*LISTING_PRODUCTS, *ACCOUNT_PRODUCTS)
PERIOD_ORDER = (Period.DAY, Period.WEEK, Period.MONTH, Period.YEAR)
ACCOUNT_PLANS: dict[str, AccountPlan] = {Product.ACCOUNT_PRO: AccountPlan.PRO, Product.ACCOUNT_ENTERPRISE: AccountPlan.ENTERPRISE}
LISTING_PLANS: dict[str, ListingPlan] = {Product.LISTING_PREMIUM: ListingPlan.PREMIUM, Product.LISTING_FEATURED: ListingPlan.FEATURED}

# Rights go on so long after the paid period, while the renewal is waited for.
GRACE = {
    Period.DAY: dt.timedelta(0),
    Period.WEEK: dt.timedelta(days=1),
    Period.MONTH: dt.timedelta(days=7),
    Period.YEAR: dt.timedelta(days=7),
}
# The pro forma of a renewal is made so long before the end; a day is not renewed by itself.
RENEWAL_AHEAD = {Period.WEEK: dt.timedelta(days=2), Period.MONTH: dt.timedelta(days=7), Period.YEAR: dt.timedelta(days=30)}
# Days before the end on which somebody is reminded.
REMINDERS = {Period.DAY: (), Period.WEEK: (1, 0), Period.MONTH: (7, 3, 0), Period.YEAR: (30, 7, 3, 0)}

# Prices that are loaded where staff has written none (contracts, section 3): francs with tax, standard tier.
PRICES_FROM = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DEFAULT_PRICES: dict[Product, dict[Period, int]] = {
    Product.LISTING_PREMIUM: {Period.DAY: 200, Period.WEEK: 1_000, Period.MONTH: 2_500, Period.YEAR: 25_000},
    Product.LISTING_FEATURED: {Period.DAY: 500, Period.WEEK: 2_500, Period.MONTH: 7_500, Period.YEAR: 75_000},
    Product.ACCOUNT_PRO: {Period.DAY: 500, Period.WEEK: 2_500, Period.MONTH: 7_500, Period.YEAR: 75_000},
    Product.ACCOUNT_ENTERPRISE: {Period.MONTH: 50_000, Period.YEAR: 500_000},
}
# Numerator and denominator of each tier's factor.
TIER_FACTORS = {PricingTier.STANDARD: (1, 1), PricingTier.BUSINESS: (3, 2), PricingTier.ENTERPRISE: (3, 1)}
DEFAULT_RIGHTS: dict[Product, dict[ListingRight | Entitlement, int]] = {
    Product.LISTING_PREMIUM: {
        ListingRight.PHOTOS: 20, ListingRight.OFFERS: 1, ListingRight.NO_COMPETITORS: 1, ListingRight.RANK_WEIGHT: 1,
    },
    Product.LISTING_FEATURED: {
        ListingRight.PHOTOS: 40, ListingRight.OFFERS: 1, ListingRight.NO_COMPETITORS: 1, ListingRight.RANK_WEIGHT: 2,
        ListingRight.FEATURED_LABEL: 1,
    },
    Product.ACCOUNT_PRO: {Entitlement.MONTHLY_QUOTA: 50_000, Entitlement.HOURLY_RATE: 5_000},
    Product.ACCOUNT_ENTERPRISE: {Entitlement.MONTHLY_QUOTA: 1_000_000, Entitlement.HOURLY_RATE: 20_000},
}  # fmt: skip
