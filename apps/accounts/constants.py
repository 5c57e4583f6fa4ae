"""Values of accounts that only a release changes."""

from __future__ import annotations

from apps.accounts.choices import Entitlement, UserType

# What an account has without paying (contracts, section 3), where staff has not written another default.
FREE_RIGHTS: dict[Entitlement, int] = {
    Entitlement.MONTHLY_QUOTA: 1000,
    Entitlement.HOURLY_RATE: 1000,
    Entitlement.API_KEYS: 10,
    Entitlement.OAUTH_APPLICATIONS: 5,
}
FREE_RIGHTS_BY_TYPE: dict[str, dict[Entitlement, int]] = {UserType.BUSINESS: {Entitlement.MONTHLY_QUOTA: 2000}}
