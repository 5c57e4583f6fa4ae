"""Log-ins through the API: families of refresh tokens of which one lives at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.db import transaction
from rest_framework_simplejwt.settings import api_settings

from apps.accounts.choices import SecurityEventKind
from apps.accounts.exceptions import CredentialRefused, CredentialRevoked, TokenRotated
from apps.accounts.models import TokenFamily, User
from apps.accounts.origins import Origin
from apps.accounts.services.security import record_security_event
from apps.accounts.tokens import Claims, TokenPair, make_pair, password_mark, read_refresh

# Two calls of one client that renew at the same moment are an accident, not a thief.
GRACE = dt.timedelta(seconds=10)


@dataclass(frozen=True)
class Client:
    """The program that holds the tokens: where it calls from, and a fingerprint that two calls of it share."""

    origin: Origin
    fingerprint: str

    @classmethod
    def of(cls, origin: Origin, user_agent: str) -> Client:
        """The client of a request."""
        return cls(origin, hashlib.sha256(f"{origin.ip_prefix} {user_agent}".encode()).hexdigest())


@transaction.atomic
def open_family(*, user: User, client: Client, at: dt.datetime) -> TokenPair:
    """The tokens of a new log-in. The caller has checked password, second factor and address."""
    family = TokenFamily(
        user=user, client_hash=client.fingerprint, device=client.origin.device, ip_prefix=client.origin.ip_prefix,
        expires_at=at + api_settings.REFRESH_TOKEN_LIFETIME,
    )  # fmt: skip
    pair, family.current_jti = make_pair(user, family_id=family.pk)
    family.save(force_insert=True)
    return pair


def refresh_tokens(*, refresh: str, client: Client, at: dt.datetime) -> TokenPair:
    """A new pair for the living refresh token of a family, which is spent by it.

    Of calls at once exactly one wins: the family's row is locked. A spent token from its own client within ten seconds
    is refused and harms nothing; later, or from elsewhere, somebody has a copy, and the family ends.

    :raises CredentialRefused: not a refresh token of ours. :raises CredentialExpired: too old.
    :raises CredentialRevoked: its family has ended. :raises TokenRotated: spent a moment ago.
    """
    outcome = _refresh(read_refresh(refresh), client=client, at=at)
    # Raised here, outside the transaction, which has to keep what it wrote about a stolen token.
    if isinstance(outcome, TokenPair):
        return outcome
    raise outcome


@transaction.atomic
def _refresh(claims: Claims, *, client: Client, at: dt.datetime) -> TokenPair | CredentialRefused:
    family = (
        TokenFamily.objects.select_for_update(of=("self",)).select_related("user").filter(pk=claims.family_id, user=claims.user_id).first()
    )
    if family is None:
        return CredentialRefused()
    if family.revoked_at is not None or not family.user.is_active or password_mark(family.user) != claims.password_mark:
        return CredentialRevoked()
    if claims.token_id != family.current_jti:
        is_accident = (
            claims.token_id == family.previous_jti
            and family.client_hash == client.fingerprint
            and family.rotated_at is not None
            and at - family.rotated_at < GRACE
        )
        if is_accident:
            return TokenRotated()
        _revoke(family, at=at)
        record_security_event(user_id=family.user_id, kind=SecurityEventKind.TOKEN_REUSED, origin=client.origin, family=str(family.pk))
        return CredentialRevoked()
    pair, token_id = make_pair(family.user, family_id=family.pk)
    family.previous_jti, family.current_jti, family.rotated_at = family.current_jti, token_id, at
    family.client_hash, family.device, family.ip_prefix = client.fingerprint, client.origin.device, client.origin.ip_prefix
    family.expires_at = at + api_settings.REFRESH_TOKEN_LIFETIME
    family.save(update_fields=["previous_jti", "current_jti", "rotated_at", "client_hash", "device", "ip_prefix", "expires_at"])
    return pair


def end_family(*, refresh: str, origin: Origin, at: dt.datetime) -> None:
    """End the log-in of a refresh token, living or spent. Harmless when repeated.

    :raises CredentialRefused: not a refresh token of ours. :raises CredentialExpired: too old.
    """
    claims = read_refresh(refresh)
    revoke_family(user_id=claims.user_id, family_id=claims.family_id, origin=origin, at=at)


@transaction.atomic
def revoke_family(*, user_id: uuid.UUID, family_id: uuid.UUID, origin: Origin, at: dt.datetime) -> bool:
    """End one API log-in of a user; False when there is none that lives. Its access token ends with it."""
    family = TokenFamily.objects.select_for_update().filter(pk=family_id, user=user_id, revoked_at=None).first()
    if family is None:
        return False
    _revoke(family, at=at)
    record_security_event(user_id=user_id, kind=SecurityEventKind.LOGGED_OUT, origin=origin, family=str(family_id))
    return True


def revoke_all_families(*, user_id: uuid.UUID, at: dt.datetime) -> int:
    """End every API log-in of a user; returns how many lived."""
    return TokenFamily.objects.filter(user=user_id, revoked_at=None).update(revoked_at=at)


def prune_families(*, at: dt.datetime) -> int:
    """Forget families that ended or lapsed a month ago; returns how many."""
    return TokenFamily.objects.filter(expires_at__lt=at - dt.timedelta(days=30)).delete()[0]


def _revoke(family: TokenFamily, *, at: dt.datetime) -> None:
    family.revoked_at = at
    family.save(update_fields=["revoked_at"])
