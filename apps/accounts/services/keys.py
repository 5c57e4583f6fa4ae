"""API keys: made, changed, replaced and ended here alone."""

from __future__ import annotations

import datetime as dt
import ipaddress
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import keys
from apps.accounts.choices import Entitlement, Scope, SecurityEventKind
from apps.accounts.credentials import forget_keys
from apps.accounts.exceptions import KeyLimitReached
from apps.accounts.models import ApiKey, User
from apps.accounts.origins import NOWHERE, Origin
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services.security import record_security_event
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound

NAME_MAX, IP_ALLOW_MAX = 100, 50
OVERLAP_DEFAULT, OVERLAP_MAX = dt.timedelta(hours=24), dt.timedelta(days=30)
# What a key without named scopes may do: read.
DEFAULT_SCOPES = (Scope.RESOURCES_READ, Scope.SEARCH_READ, Scope.ACCOUNT_READ)
# What everybody may give a key; the others staff grants.
OPEN_SCOPES = frozenset(Scope.values) - {Scope.INGEST_WRITE}
Problem = tuple[str, str, Any]


@dataclass(frozen=True)
class KeyInput:
    """What a key is asked to be. None is the default: scopes to read, the account's own rate, no end, every address."""

    name: str
    scopes: Sequence[str] | None = None
    rate_limit: int | None = None
    expires_at: dt.datetime | None = None
    ip_allow: Sequence[str] = ()
    livemode: bool = True


@transaction.atomic
def create_key(*, user: User, data: KeyInput, at: dt.datetime, origin: Origin = NOWHERE, actor: User | None = None) -> tuple[ApiKey, str]:
    """A new key and its secret, which is nowhere afterwards but with the caller.

    :param actor: who makes it, when not the owner: staff may grant every scope.
    :raises FieldsInvalid: a member breaks a rule. :raises KeyLimitReached: the account has as many keys as it may.
    """
    # One at a time for a user, so that the number of keys is counted right.
    User.objects.select_for_update().get(pk=user.pk)
    rights = entitlements_of(user, at=at)
    fields = _checked(vars(data), rights=rights, at=at, is_staff=actor is not None and actor.is_staff)
    if ApiKey.objects.filter(user=user, is_active=True, replaced_by=None).count() >= rights[Entitlement.API_KEYS]:
        raise KeyLimitReached
    fields.setdefault("permissions", list(DEFAULT_SCOPES))
    fields.setdefault("rate_limit", rights[Entitlement.HOURLY_RATE])
    key, secret = _made(user=user, livemode=data.livemode, **fields)
    _record(key, SecurityEventKind.KEY_CREATED, origin=origin, actor=actor)
    return key, secret


@transaction.atomic
def change_key(*, user: User, key_id: uuid.UUID, changes: Mapping[str, Any], at: dt.datetime, origin: Origin = NOWHERE) -> ApiKey:
    """Change name, scopes, rate, end or addresses of a living key.

    :raises NotFound: not his. :raises Conflict: it has ended. :raises FieldsInvalid: a member breaks a rule.
    """
    key = _living(user, key_id)
    fields = _checked(changes, rights=entitlements_of(user, at=at), at=at, kept_scopes=key.permissions)
    for name, value in fields.items():
        setattr(key, name, value)
    key.save(update_fields=[*fields, "updated_at"])
    _record(key, SecurityEventKind.KEY_CHANGED, origin=origin, changed=sorted(fields))
    return key


@transaction.atomic
def rotate_key(
    *, user: User, key_id: uuid.UUID, at: dt.datetime, overlap: dt.timedelta = OVERLAP_DEFAULT, origin: Origin = NOWHERE
) -> tuple[ApiKey, str]:
    """A key that replaces another, and its secret; both work until the overlap is over (none after a leak).

    :raises NotFound: not his. :raises Conflict: it has ended or was replaced already. :raises FieldsInvalid: an overlap beyond 30 days.
    """
    if not dt.timedelta(0) <= overlap <= OVERLAP_MAX:
        raise FieldsInvalid([("/overlap", "out_of_range", _("La période commune va de 0 à 30 jours."))])
    old = _living(user, key_id)
    if old.replaced_by_id is not None:
        raise Conflict(_("Cette clé a déjà été renouvelée."))
    new, secret = _made(
        user=user, livemode=old.livemode, name=old.name, permissions=old.permissions, rate_limit=old.rate_limit, ip_allow=old.ip_allow,
        expires_at=old.expires_at,
    )  # fmt: skip
    end = at + overlap
    old.replaced_by, old.expires_at = new, min(end, old.expires_at or end)
    old.save(update_fields=["replaced_by", "expires_at", "updated_at"])
    _record(old, SecurityEventKind.KEY_ROTATED, origin=origin, until=old.expires_at.isoformat())
    return new, secret


@transaction.atomic
def revoke_key(*, user: User, key_id: uuid.UUID, at: dt.datetime, origin: Origin = NOWHERE, actor: User | None = None) -> ApiKey:
    """End a key at once. Harmless when repeated. :raises NotFound: not his."""
    key = ApiKey.objects.select_for_update().filter(pk=key_id, user=user).first()
    if key is None:
        raise NotFound
    if key.is_active:
        key.is_active, key.revoked_at = False, at
        key.save(update_fields=["is_active", "revoked_at", "updated_at"])
        _record(key, SecurityEventKind.KEY_REVOKED, origin=origin, actor=actor)
    return key


@transaction.atomic
def revoke_all_keys(*, user: User, at: dt.datetime, actor: User | None = None) -> int:
    """End every key of a user; returns how many lived."""
    living = list(ApiKey.objects.select_for_update().filter(user=user, is_active=True).order_by("pk"))
    for key in living:
        revoke_key(user=user, key_id=key.pk, at=at, actor=actor)
    return len(living)


@transaction.atomic
def flag_exposed(*, key_hash: str, at: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Remember that a key was seen in an address; its owner is told, once."""
    key = ApiKey.objects.select_for_update().filter(key_hash=key_hash, is_active=True, exposed_at=None).first()
    if key is not None:
        key.exposed_at = at
        key.save(update_fields=["exposed_at", "updated_at"])
        _record(key, SecurityEventKind.KEY_EXPOSED, origin=origin)


def _living(user: User, key_id: uuid.UUID) -> ApiKey:
    key = ApiKey.objects.select_for_update().filter(pk=key_id, user=user).first()
    if key is None:
        raise NotFound
    if not key.is_active:
        raise Conflict(_("Cette clé est révoquée."))
    return key


def _made(*, user: User, livemode: bool, **fields: Any) -> tuple[ApiKey, str]:
    secret = keys.make_key(livemode=livemode)
    key = ApiKey.objects.create(
        user=user,
        livemode=livemode,
        key_hash=keys.hash_key(secret),
        key_prefix=secret[: keys.PREFIX_SHOWN],
        last_four=secret[-4:],
        **fields,
    )
    return key, secret


def _record(key: ApiKey, kind: SecurityEventKind, *, origin: Origin, actor: User | None = None, **details: Any) -> None:
    """Every change of a key ends with it: processes forget what they remember, the event is written."""
    forget_keys()
    record_security_event(
        user_id=key.user_id, kind=kind, origin=origin, actor_id=actor.pk if actor else None, key_id=str(key.pk), name=key.name,
        shown=str(key), **details,
    )  # fmt: skip


def _scope_errors(scopes: Sequence[str], *, granted: set[str]) -> list[Problem]:
    if not set(scopes) <= set(Scope.values):
        return [("/scopes", "unknown_scope", _("Une portée demandée n’existe pas."))]
    if not set(scopes) <= granted:
        return [("/scopes", "scope_not_allowed", _("La portée ingest:write est accordée par l’équipe : écrivez-nous."))]
    return []


def _checked(
    given: Mapping[str, Any], *, rights: Mapping[Entitlement, int], at: dt.datetime, is_staff: bool = False, kept_scopes: Sequence[str] = ()
) -> dict[str, Any]:
    """The columns that these members mean; absent and None leave the default. :raises FieldsInvalid: naming each member."""
    errors: list[Problem] = []
    fields: dict[str, Any] = {}
    if "name" in given:
        fields["name"] = " ".join(str(given["name"]).split())
        if not 1 <= len(fields["name"]) <= NAME_MAX or not fields["name"].isprintable():
            errors.append(("/name", "invalid", _("Donnez à la clé un nom de 1 à 100 caractères.")))
    if given.get("scopes") is not None:
        fields["permissions"] = list(dict.fromkeys(given["scopes"]))
        errors += _scope_errors(fields["permissions"], granted=set(Scope.values) if is_staff else {*kept_scopes, *OPEN_SCOPES})
    if given.get("rate_limit") is not None:
        fields["rate_limit"] = given["rate_limit"]
        if not 1 <= given["rate_limit"] <= rights[Entitlement.HOURLY_RATE]:
            errors.append(("/rate_limit", "out_of_range", _("La limite horaire va de 1 à celle de votre compte.")))
    if "expires_at" in given:
        fields["expires_at"] = given["expires_at"]
        if given["expires_at"] is not None and given["expires_at"] <= at:
            errors.append(("/expires_at", "in_the_past", _("La date d’expiration est passée.")))
    if "ip_allow" in given:
        try:
            fields["ip_allow"] = [str(ipaddress.ip_network(entry.strip(), strict=False)) for entry in given["ip_allow"] or ()]
        except ValueError:
            errors.append(("/ip_allow", "invalid_address", _("Une adresse IP ou un réseau n’est pas valide.")))
        if len(given["ip_allow"] or ()) > IP_ALLOW_MAX:
            errors.append(("/ip_allow", "too_many", _("La liste va jusqu’à 50 adresses.")))
    if errors:
        raise FieldsInvalid(errors)
    return fields
