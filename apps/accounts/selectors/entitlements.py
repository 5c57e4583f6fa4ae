"""What an account has a right to at a moment."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from apps.accounts.choices import Entitlement
from apps.accounts.constants import FREE_RIGHTS, FREE_RIGHTS_BY_TYPE
from apps.accounts.models import AccountEntitlement, EntitlementDefault, User


def entitlements_of(user: User, *, at: dt.datetime) -> dict[Entitlement, int]:
    """Every right of this account: its own while it lasts, else the default of its type. Two statements."""
    written = EntitlementDefault.objects.filter(user_type=user.user_type).values_list("key", "value")
    own = AccountEntitlement.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), user=user).values_list("key", "value")
    values: dict[str, int] = dict([*written, *own])
    free = {**FREE_RIGHTS, **FREE_RIGHTS_BY_TYPE.get(user.user_type, {})}
    return {key: values.get(key, free[key]) for key in Entitlement}
