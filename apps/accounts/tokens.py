"""JSON Web Tokens of people who log in through the API: a short access token and the refresh token that renews it.

Both name their family (`TokenFamily`) and carry a mark of the password: when it changes, every older token is void.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from apps.accounts.exceptions import CredentialExpired, CredentialRefused
from apps.accounts.models import User

FAMILY_CLAIM, PASSWORD_CLAIM = "fam", "pwd"


@dataclass(frozen=True)
class TokenPair:
    """What a log-in answers. `expires_in` is seconds of the access token's life."""

    access: str
    refresh: str
    expires_in: int


@dataclass(frozen=True)
class Claims:
    """What a token that we signed says."""

    user_id: uuid.UUID
    family_id: uuid.UUID
    token_id: str
    password_mark: str


def password_mark(user: User) -> str:
    """Changes with the password, and tells nothing of it."""
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]


def make_pair(user: User, *, family_id: uuid.UUID) -> tuple[TokenPair, str]:
    """Two new tokens, and the id of the refresh token."""
    access, refresh = AccessToken(), RefreshToken()
    for token in (access, refresh):
        token["sub"], token[FAMILY_CLAIM], token[PASSWORD_CLAIM] = str(user.pk), str(family_id), password_mark(user)
    lifetime = int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds())
    return TokenPair(str(access), str(refresh), lifetime), str(refresh["jti"])


def read_access(text: str) -> Claims:
    """The claims of an access token. :raises CredentialRefused: not ours, changed, or another kind. :raises CredentialExpired: too old."""
    return _read(AccessToken, text)


def read_refresh(text: str) -> Claims:
    """The claims of a refresh token; raises as `read_access`."""
    return _read(RefreshToken, text)


def _read(kind: type[Token], text: str) -> Claims:
    try:
        token = kind(text)  # type: ignore[arg-type]  # simplejwt takes the text of a token, whatever it says
        return Claims(uuid.UUID(token["sub"]), uuid.UUID(token[FAMILY_CLAIM]), str(token["jti"]), str(token[PASSWORD_CLAIM]))
    except ExpiredTokenError as error:
        raise CredentialExpired from error
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise CredentialRefused from error
