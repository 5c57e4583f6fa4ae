"""Whom an access token of an application speaks for. `callers.identify` is the only user beside the provider itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.idp.oidc.models import Client, Token

from apps.accounts.credentials import require_active
from apps.accounts.exceptions import CredentialExpired, CredentialRefused, CredentialRevoked
from apps.accounts.keys import hash_key
from apps.accounts.models import Application, User
from apps.accounts.oauth.tokens import is_access_token


@dataclass(frozen=True, slots=True)
class KnownToken:
    """An access token that opens something. `user` is None when the application acts for itself (client credentials)."""

    user: User | None
    application: Application
    client: Client
    scopes: frozenset[str]
    email: str | None


def find_token(text: str, *, at: dt.datetime) -> KnownToken:
    """The access token that a text is. One statement; none when its checksum is wrong.

    An id_token, a refresh token and the token of another server are none: only `romapi_oat_…` is looked up.

    :raises CredentialRefused: and its kinds, each with the reason. :raises AccountSuspended: its user may do nothing.
    """
    if not is_access_token(text):
        raise CredentialRefused
    known = Token.objects.select_related("user", "client__application__owner")
    token = known.filter(type=Token.Type.ACCESS_TOKEN, hash=hash_key(text), client__application__isnull=False).first()
    if token is None:
        raise CredentialRefused
    if token.expires_at is not None and token.expires_at <= at:
        raise CredentialExpired
    application = token.client.application
    application.client = token.client
    if token.user is not None:
        require_active(token.user)
    if not (application.is_usable if token.user is None else application.may_act_for(token.user)):
        raise CredentialRevoked
    # What the application may no longer ask for, its older tokens no longer open.
    scopes = frozenset(token.get_scopes()) & frozenset(token.client.get_scopes())
    return KnownToken(token.user, application, token.client, scopes, token.get_scope_email())
