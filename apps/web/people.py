"""Whose page it is."""

from __future__ import annotations

from django.http import HttpRequest

from apps.accounts.models import User


def user_of(request: HttpRequest) -> User:
    """Whoever is logged in. Only for views behind `login_required`."""
    assert isinstance(request.user, User)  # noqa: S101  what the decorator makes sure of
    return request.user
