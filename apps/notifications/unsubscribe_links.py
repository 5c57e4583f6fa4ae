"""The signed address below a mail that leaves its category without a login (RFC 8058). It says who and what, and never ends."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, dumps, loads
from django.urls import reverse
from django.utils import translation

from apps.notifications.choices import MANDATORY, Category
from apps.notifications.models import Delivery

_SALT = "notifications.unsubscribe"


@dataclass(frozen=True)
class Leaving:
    """Who leaves which categories."""

    user_id: uuid.UUID
    categories: tuple[Category, ...]


def unsubscribe_url(delivery: Delivery) -> str:
    """The address for a mail; empty for what nobody may mute, and for addresses without an account."""
    if delivery.user_id is None:
        return ""
    categories = [one for one in delivery.context.get("categories", [delivery.category]) if one in Category.values and one not in MANDATORY]
    if not categories:
        return ""
    token = dumps([str(delivery.user_id), categories], salt=_SALT)
    with translation.override(delivery.language):
        return f"{settings.SITE_URL}{reverse('web:unsubscribe', args=[token])}"


def read_token(token: str) -> Leaving | None:
    """Who leaves what; None for a token that we did not write."""
    try:
        user_id, categories = loads(token, salt=_SALT)
        return Leaving(uuid.UUID(user_id), tuple(Category(one) for one in categories if one not in MANDATORY))
    except (BadSignature, ValueError, TypeError):
        return None
