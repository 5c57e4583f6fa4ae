"""What people change of their own account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Entitlement, PricingTier, UserType
from apps.accounts.models import User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.core.exceptions import FieldsInvalid, PermissionRefused

_LINES = {"name": 100, "company_name": 200}


@transaction.atomic
def change_profile(*, user: User, changes: Mapping[str, str], at: dt.datetime) -> User:
    """Change name, company, language or nature; other members are nobody's to change here and raise KeyError.

    Who becomes a company, or stops being one, gets the price list and the defaults of it; what was granted stays.

    :raises FieldsInvalid: a text is empty, too long or has invisible characters.
    """
    errors: list[tuple[str, str, Any]] = []
    fields = {name: changes[name] for name in changes}
    for name in set(fields) - {"language", "user_type", *_LINES}:
        raise KeyError(name)
    for name in set(fields) & set(_LINES):
        fields[name] = " ".join(fields[name].split())
        if not fields[name].isprintable() or len(fields[name]) > _LINES[name] or (name == "name" and not fields[name]):
            errors.append((f"/{name}", "invalid", _("Ce texte est vide, trop long ou contient des caractères invisibles.")))
    if errors:
        raise FieldsInvalid(errors)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if fields.get("user_type", locked.user_type) != locked.user_type:
        _change_nature(locked, UserType(fields["user_type"]), at=at)
        fields = {**fields, "user_type": locked.user_type}
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.updated_at = at
    locked.save(update_fields=[*fields, "pricing_tier", "api_quota", "updated_at"])
    return locked


def _change_nature(user: User, kind: UserType, *, at: dt.datetime) -> None:
    tiers = {UserType.INDIVIDUAL: PricingTier.STANDARD, UserType.BUSINESS: PricingTier.BUSINESS}
    if user.user_type not in tiers or kind not in tiers:
        raise PermissionRefused
    # A price list that was agreed on (enterprise) is not lost by a choice on a page.
    if user.pricing_tier == tiers[UserType(user.user_type)]:
        user.pricing_tier = tiers[kind]
    user.user_type = kind
    user.api_quota = entitlements_of(user, at=at)[Entitlement.MONTHLY_QUOTA]
