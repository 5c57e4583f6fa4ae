"""Users of a demonstration: their passwords are random, shown once and never stored in clear."""

from __future__ import annotations

import secrets

from allauth.account.models import EmailAddress
from django.db import transaction

from apps.accounts.models import User


@transaction.atomic
def ensure_demo_user(*, email: str, new_password: bool, **fields: object) -> tuple[User, str | None]:
    """The demonstration user of this address, made when missing; the password when it was just set, else None."""
    user, is_new = User.objects.get_or_create(email=email, defaults={"is_demo": True, **fields})
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True, "verified": True})
    if not (is_new or new_password):
        return user, None
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    return user, password
