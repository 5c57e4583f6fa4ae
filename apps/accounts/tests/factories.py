"""Users, keys and API log-ins for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from apps.accounts.choices import Scope
from apps.accounts.models import ApiKey, User
from apps.accounts.origins import Origin
from apps.accounts.services.keys import KeyInput, create_key
from apps.accounts.services.tokens import Client, open_family
from apps.accounts.tokens import TokenPair

PASSWORD = "Un mot de passe long"
PHONE_CLIENT = Client.of(Origin("192.0.2.0/24", "curl"), "curl/8")
_numbers = itertools.count(1)


def make_user(**fields: Any) -> User:
    """An active user whose password is `PASSWORD`."""
    values = {"email": f"personne{next(_numbers)}@exemple.cm", "name": "Awa Ngo", **fields}
    return User.objects.create_user(password=values.pop("password", PASSWORD), **values)


def make_key(user: User, *, at: dt.datetime | None = None, scopes: list[str] | None = None, **fields: Any) -> tuple[ApiKey, str]:
    """A key with every open scope, and its secret."""
    wanted = scopes if scopes is not None else [scope for scope in Scope.values if scope != Scope.INGEST_WRITE]
    data = KeyInput(name=fields.pop("name", "Essai"), scopes=wanted, livemode=fields.pop("livemode", True))
    key, secret = create_key(user=user, data=data, at=at or timezone.now())
    if fields:
        ApiKey.objects.filter(pk=key.pk).update(**fields)
        key.refresh_from_db()
    return key, secret


def log_in(user: User, *, at: dt.datetime | None = None) -> TokenPair:
    """The tokens of a log-in through the API."""
    return open_family(user=user, client=PHONE_CLIENT, at=at or timezone.now())
