"""Managers of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager

if TYPE_CHECKING:
    from apps.accounts.models import User


class UserManager(BaseUserManager["User"]):
    """Makes users whose login is their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save an active user; without a password he cannot log in."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save a user with every right (used by `createsuperuser`)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, user_type="admin", **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Log-in does not depend on the case of the address."""
        return self.get(email__iexact=username)
