"""Rights of accounts: the only place that writes them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import transaction

from apps.accounts.choices import AccountPlan, Entitlement, UserType
from apps.accounts.events import entitlements_changed
from apps.accounts.models import AccountEntitlement, EntitlementDefault, User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.core import events


@transaction.atomic
def set_entitlements(
    *,
    user_id: uuid.UUID,
    values: Mapping[Entitlement, int],
    valid_until: dt.datetime | None,
    plan: AccountPlan | None = None,
    at: dt.datetime,
) -> None:
    """Give an account these rights until then (None: without end), and refresh the copies on the user.

    Harmless when repeated. Rights that are not named stay as they are. `plan` is what the account shows that it pays for.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    for key, value in values.items():
        AccountEntitlement.objects.update_or_create(user=user, key=key, defaults={"value": value, "valid_until": valid_until})
    user.api_quota = entitlements_of(user, at=at)[Entitlement.MONTHLY_QUOTA]
    if plan is not None:
        user.plan = plan
    user.save(update_fields=["api_quota", "plan", "updated_at"])
    events.publish(entitlements_changed, key=user_id, user_id=str(user_id))


def set_default(*, user_type: UserType, key: Entitlement, value: int) -> EntitlementDefault:
    """What accounts of this type have without paying; harmless when repeated. Copies on users follow with the next month."""
    row, _created = EntitlementDefault.objects.update_or_create(user_type=user_type, key=key, defaults={"value": value})
    return row
