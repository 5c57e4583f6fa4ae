"""What a request presents to say who calls, and whom it means. `callers.identify` is the only user."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import re
import secrets
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest

from apps.accounts import keys
from apps.accounts.exceptions import (
    AccountSuspended,
    AddressRefused,
    CredentialConflict,
    CredentialExpired,
    CredentialInAddress,
    CredentialRefused,
    CredentialRevoked,
    KeyRotated,
)
from apps.accounts.models import ApiKey, TokenFamily, User
from apps.accounts.tokens import password_mark, read_access
from apps.core.cache_keys import API_KEYS
from apps.core.caching import bump, stamp_of
from apps.core.client_address import client_ip
from apps.core.process_cache import ProcessCache

# Revocation moves a stamp in Redis that every process looks at; without Redis a key lives on for this long at most.
KEY_CACHE_S = 30
STAMP_CACHE_S = 1

_IN_ADDRESS = re.compile(r"(?:^|&)(?:api_?key|access_token|token|key)=|romapi_(?:live|test|oat|ort)_", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class KnownKey:
    """What a process remembers of a key, and that there is none when `user` is missing."""

    id: uuid.UUID
    user: User
    scopes: frozenset[str]
    livemode: bool
    rate_limit: int
    is_active: bool
    is_rotated: bool
    expires_at: dt.datetime | None
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


# Keys are remembered under a hash of this process's own, which costs a tenth of checksum and HMAC.
_SALT = secrets.token_bytes(32)
_known: ProcessCache[KnownKey | bool] = ProcessCache(maxsize=10_000, ttl_s=lambda: KEY_CACHE_S)
_stamps: ProcessCache[str] = ProcessCache(maxsize=1, ttl_s=lambda: STAMP_CACHE_S)


def presented(request: HttpRequest) -> str:
    """The key or token of a request; empty when there is none.

    :raises CredentialConflict: two that differ. :raises CredentialInAddress: one stands in the query.
    """
    meta = request.META
    query = meta.get("QUERY_STRING")
    if query and _IN_ADDRESS.search(query):
        raise CredentialInAddress
    key: str = meta.get("HTTP_X_API_KEY", "").strip()
    scheme, _space, bearer = meta.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise CredentialRefused
    bearer = bearer.strip()
    if scheme and not bearer:
        raise CredentialRefused
    if key and bearer and key != bearer:
        raise CredentialConflict
    return key or str(bearer)


def keys_in_address(request: HttpRequest) -> list[str]:
    """Hashes of the keys in a query, so that their owners can be told. Only a right checksum is worth a question to the database."""
    found = set(keys.PUBLISHED_PATTERN.findall(request.META.get("QUERY_STRING", "")))
    return [keys.hash_key(text) for text in found if keys.is_well_formed(text)]


def find_key(text: str, request: HttpRequest, *, at: dt.datetime) -> KnownKey:
    """The key that a text is, when it may be used now and from here.

    :raises CredentialRefused: and its kinds, each with the reason. :raises AccountSuspended: its owner may do nothing.
    :raises AddressRefused: not from this address.
    """
    known = _remembered(text)
    if known is None:
        raise CredentialRefused
    if not known.is_active:
        raise CredentialRevoked
    if known.expires_at is not None and known.expires_at <= at:
        raise KeyRotated if known.is_rotated else CredentialExpired
    require_active(known.user)
    if known.networks:
        address = ipaddress.ip_address(client_ip(request))
        if not any(address.version == network.version and address in network for network in known.networks):
            raise AddressRefused
    return known


def find_family(text: str) -> TokenFamily:
    """The API log-in that an access token belongs to, with its user. One statement.

    :raises CredentialRefused: and its kinds. :raises AccountSuspended: the user may do nothing.
    """
    claims = read_access(text)
    family = TokenFamily.objects.select_related("user").filter(pk=claims.family_id, user=claims.user_id).first()
    if family is None:
        raise CredentialRefused
    if family.revoked_at is not None or password_mark(family.user) != claims.password_mark:
        raise CredentialRevoked
    require_active(family.user)
    return family


def require_active(user: User) -> None:
    """:raises AccountSuspended: the user may do nothing. :raises CredentialRevoked: he is gone."""
    if user.suspended_at is not None:
        raise AccountSuspended
    if not user.is_active:
        raise CredentialRevoked


def is_key(text: str) -> bool:
    """Whether a text means to be a key of ours, right or wrong."""
    return text.startswith((keys.LIVE_PREFIX, keys.TEST_PREFIX))


def forget_keys() -> None:
    """Whoever changes a key or what its owner may do calls it: no process remembers the key beyond `STAMP_CACHE_S`."""
    bump(API_KEYS)
    transaction.on_commit(_stamps.clear, robust=True)


def _remembered(text: str) -> KnownKey | None:
    """A key, from this process when no key has changed since. Unknown ones are remembered, too; badly formed ones ask nobody."""
    stamp = _stamps.get(API_KEYS)
    if stamp is None:
        stamp = _stamps.set(API_KEYS, stamp_of(API_KEYS))
    place = (stamp, hashlib.blake2b(text.encode(errors="replace"), key=_SALT).digest())
    found = _known.get(place)
    if found is None:
        if not keys.is_well_formed(text):
            return None
        found = _known.set(place, _read(keys.hash_key(text)) or False)
    return found if isinstance(found, KnownKey) else None


def _read(key_hash: str) -> KnownKey | None:
    row = ApiKey.objects.select_related("user").filter(key_hash=key_hash).first()
    if row is None:
        return None
    return KnownKey(
        id=row.pk, user=row.user, scopes=frozenset(row.permissions), livemode=row.livemode, rate_limit=row.rate_limit,
        is_active=row.is_active, is_rotated=row.replaced_by_id is not None, expires_at=row.expires_at,
        networks=tuple(ipaddress.ip_network(entry) for entry in row.ip_allow),
    )  # fmt: skip
