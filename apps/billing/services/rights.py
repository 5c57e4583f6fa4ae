"""What a subscription gives, written where it is read. Billing writes rights and plans from here alone."""

from __future__ import annotations

import datetime as dt

from apps.accounts.choices import AccountPlan, Entitlement
from apps.accounts.selectors.entitlements import free_rights
from apps.accounts.services.entitlements import set_entitlements as set_account_entitlements
from apps.billing.constants import ACCOUNT_PLANS, ACCOUNT_PRODUCTS
from apps.billing.models import Subscription
from apps.billing.selectors.prices import rights_by_product
from apps.billing.selectors.subscriptions import has_rights, rights_end
from apps.catalog.choices import ListingRight
from apps.catalog.constants import FREE_LISTING_RIGHTS
from apps.catalog.services.entitlements import set_entitlements as set_listing_entitlements


def apply_rights(subscription: Subscription, *, at: dt.datetime) -> None:
    """Give what the product gives until the end of the paid period and its grace; what it does not give falls.

    Nothing is given to a listing that staff suspended, nor once all of that is over.
    """
    is_given = has_rights(subscription, at=at)
    _write(subscription, is_given=is_given, until=rights_end(subscription) if is_given else at, at=at)


def stop_rights(subscription: Subscription, *, at: dt.datetime) -> None:
    """Take back what the product gave: everything reads as the free default from now on. The content stays."""
    _write(subscription, is_given=False, until=at, at=at)


def _write(subscription: Subscription, *, is_given: bool, until: dt.datetime, at: dt.datetime) -> None:
    book = rights_by_product()
    own = book.get(subscription.product, {}) if is_given else {}
    if subscription.resource_id is not None:
        listing = {key: own.get(key, FREE_LISTING_RIGHTS[key]) for key in ListingRight}
        set_listing_entitlements(resource_id=subscription.resource_id, values=listing, valid_until=until, at=at)
    elif subscription.livemode:
        # A test never changes what an account may really do. Rights that no product gives are staff's, and stay.
        sold = {key for product in ACCOUNT_PRODUCTS for key in book.get(product, {})}
        free = free_rights(subscription.user.user_type)
        account = {Entitlement(key): own.get(key, free[Entitlement(key)]) for key in sorted(sold)}
        plan = ACCOUNT_PLANS[subscription.product] if is_given else AccountPlan.FREE
        set_account_entitlements(user_id=subscription.user_id, values=account, valid_until=until, plan=plan, at=at)
