"""What a subscription gives, written where it is read. Billing writes rights and plans from here alone."""

from __future__ import annotations

import datetime as dt

from apps.accounts.choices import AccountPlan, Entitlement
from apps.accounts.selectors.entitlements import free_rights
from apps.accounts.services.entitlements import set_entitlements as set_account_entitlements
from apps.billing.choices import Period, Product
from apps.billing.constants import ACCOUNT_PLANS, ACCOUNT_PRODUCTS, GRACE
from apps.billing.models import Subscription
from apps.billing.selectors.prices import rights_by_product
from apps.catalog.choices import ListingRight
from apps.catalog.constants import FREE_LISTING_RIGHTS
from apps.catalog.services.entitlements import set_entitlements as set_listing_entitlements


def rights_end(subscription: Subscription) -> dt.datetime:
    """Until when the rights of a paid subscription last: its period and grace, or its period alone when it was cancelled."""
    if subscription.period_end is None:
        raise ValueError(f"subscription {subscription.pk} was never paid")
    return subscription.period_end + (dt.timedelta(0) if subscription.cancel_at_period_end else GRACE[Period(subscription.period)])


def apply_rights(subscription: Subscription, *, at: dt.datetime) -> None:
    """Give what the product gives until the end of the paid period and its grace; what it does not give falls."""
    _write(subscription, rights_by_product(), plan=ACCOUNT_PLANS.get(Product(subscription.product)), until=rights_end(subscription), at=at)


def stop_rights(subscription: Subscription, *, at: dt.datetime) -> None:
    """Take back what the product gave: everything reads as the free default from now on. The content stays."""
    _write(subscription, {}, plan=AccountPlan.FREE, until=at, at=at)


def _write(
    subscription: Subscription, rights: dict[str, dict[str, int]], *, plan: AccountPlan | None, until: dt.datetime, at: dt.datetime
) -> None:
    own = rights.get(subscription.product, {})
    if subscription.resource_id is not None:
        listing = {key: own.get(key, FREE_LISTING_RIGHTS[key]) for key in ListingRight}
        set_listing_entitlements(resource_id=subscription.resource_id, values=listing, valid_until=until, at=at)
    elif subscription.livemode:
        # A test never changes what an account may really do. Rights that no product gives are staff's, and stay.
        sold = {key for product in ACCOUNT_PRODUCTS for key in rights_by_product().get(product, {})}
        free = free_rights(subscription.user.user_type)
        account = {Entitlement(key): own.get(key, free[Entitlement(key)]) for key in sorted(sold)}
        set_account_entitlements(user_id=subscription.user_id, values=account, valid_until=until, plan=plan, at=at)
