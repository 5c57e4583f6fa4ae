"""Forms that must be sent once only."""

from __future__ import annotations

import uuid

from django.core.cache import cache

from apps.accounts.models import User

# A form that was sent is known for a day: nobody reloads an answer later than that.
SENT_S = 24 * 3600


def new_form_number() -> str:
    """What a form carries hidden, so that it can be sent once only."""
    return uuid.uuid4().hex


def is_first_sending(user: User, number: str) -> bool:
    """Whether this form was not sent before: a reloaded answer would make a second key, and show a second secret."""
    return bool(cache.add(_sent_name(user, number), 1, SENT_S))


def forget_sending(user: User, number: str) -> None:
    """The form was refused: the same one may be sent again, corrected."""
    cache.delete(_sent_name(user, number))


def _sent_name(user: User, number: str) -> str:
    return f"form:{user.pk}:{number[:64]}"
