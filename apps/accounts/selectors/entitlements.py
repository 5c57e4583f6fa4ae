"""What an account has a right to at a moment."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from apps.accounts.choices import Entitlement
from apps.accounts.constants import FREE_RIGHTS, FREE_RIGHTS_BY_TYPE
from apps.accounts.models import AccountEntitlement, EntitlementDefault, User


def entitlements_of(user: User, *, at: dt.datetime) -> dict[Entitlement, int]:
    """Every right of this account: its own while it lasts, else the default of its type. Two statements."""
    own = AccountEntitlement.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), user=user).values_list("key", "value")
    free, values = free_rights(user.user_type), dict(own)
    return {key: values.get(key, free[key]) for key in Entitlement}


def free_rights(user_type: str) -> dict[Entitlement, int]:
    """What an account of this type has without paying. One statement."""
    written = dict(EntitlementDefault.objects.filter(user_type=user_type).values_list("key", "value"))
    ours = {**FREE_RIGHTS, **FREE_RIGHTS_BY_TYPE.get(user_type, {})}
    return {key: written.get(key, ours[key]) for key in Entitlement}
