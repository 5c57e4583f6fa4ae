"""What people granted to applications: families of tokens, of which each code and refresh token opens the next one once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from allauth.idp.oidc.models import Client, Token
from django.db import connection, transaction

from apps.accounts.choices import SecurityEventKind
from apps.accounts.keys import hash_key
from apps.accounts.models import SpentToken, User
from apps.accounts.origins import NOWHERE, Origin
from apps.accounts.services.security import record_security_event
from apps.accounts.services.tokens import GRACE
from apps.core.ids import uuid7

FAMILY = "family"
# A spent token is remembered for longer than its successor could live.
SPENT_DAYS = 31


def lock_token(token_hash: str) -> SpentToken | None:
    """Be alone with a code or refresh token until the transaction ends; its mark, when it was redeemed already."""
    _lock(token_hash)
    return SpentToken.objects.select_related("client", "user").filter(pk=token_hash).first()


def lock_family(token_hash: str) -> uuid.UUID:
    """The family of a living refresh token, which nobody revokes until the transaction ends; a new one for a code."""
    token = Token.objects.filter(type=Token.Type.REFRESH_TOKEN, hash=token_hash).first()
    if token is None:
        return uuid7()
    _lock(f"{token.client_id} {token.user_id}")
    return _family_of(token) or uuid7()


@transaction.atomic
def note_redeemed(*, token_hash: str, is_code: bool, family: uuid.UUID, made: Iterable[str], fingerprint: str, at: dt.datetime) -> None:
    """Mark a code or refresh token as spent, and the tokens made from it as the family's."""
    tokens = list(Token.objects.filter(hash__in=[hash_key(text) for text in made]).select_related("client", "user"))
    for token in tokens:
        token.data = {**(token.data or {}), FAMILY: str(family)}
        token.save(update_fields=["data"])
    SpentToken.objects.create(
        token_hash=token_hash, family=family, client=tokens[0].client, user=tokens[0].user, is_code=is_code, fingerprint=fingerprint,
        spent_at=at,
    )  # fmt: skip


@transaction.atomic
def refuse_spent(*, spent: SpentToken, fingerprint: str, origin: Origin, at: dt.datetime) -> bool:
    """A spent token came again: end its family, for somebody has a copy.

    True when it was an accident and nothing ends: two calls of one program that renewed at the same moment.
    """
    if not spent.is_code and spent.fingerprint == fingerprint and at - spent.spent_at < GRACE and not _was_spent_twice(spent):
        return True
    _end_family(spent.family, client=spent.client, user=spent.user)
    record_security_event(
        user_id=spent.user_id, kind=SecurityEventKind.TOKEN_REUSED, origin=origin, client_id=spent.client_id, name=spent.client.name
    )
    return False


@transaction.atomic
def revoke_token(*, token: str, client: Client) -> None:
    """End the family of an access or refresh token of this client. Harmless when there is none."""
    found = Token.objects.filter(hash=hash_key(token), client=client, type__in=_BEARERS).select_related("user").first()
    if found is None:
        return
    family = _family_of(found)
    if family is None or found.user is None:
        found.delete()
    else:
        _end_family(family, client=client, user=found.user)


@transaction.atomic
def revoke_connection(*, user: User, client_id: str, at: dt.datetime, origin: Origin = NOWHERE) -> bool:  # noqa: ARG001  every service takes `at`
    """End everything that a user granted to an application; False when there was nothing."""
    client = Client.objects.filter(pk=client_id).first()
    if client is None:
        return False
    _lock(f"{client.pk} {user.pk}")
    if not Token.objects.filter(user=user, client=client).delete()[0]:
        return False
    record_security_event(user_id=user.pk, kind=SecurityEventKind.APPLICATION_REVOKED, origin=origin, client_id=client.pk, name=client.name)
    return True


@transaction.atomic
def end_all_connections(*, user: User) -> int:
    """End everything that a user granted to anybody, because his account is deleted; returns how many tokens there were."""
    count: int = Token.objects.filter(user=user).delete()[0]
    return count


@transaction.atomic
def record_authorised(*, user: User, client: Client, scopes: Iterable[str], origin: Origin) -> None:
    """Remember that a user let an application in."""
    record_security_event(
        user_id=user.pk, kind=SecurityEventKind.APPLICATION_AUTHORISED, origin=origin, client_id=client.pk, name=client.name,
        scopes=sorted(scopes),
    )  # fmt: skip


def prune_grants(*, at: dt.datetime) -> int:
    """Forget tokens that expired and marks that nobody can need; returns how many."""
    expired: int = Token.objects.filter(expires_at__lt=at).delete()[0]
    return expired + SpentToken.objects.filter(spent_at__lt=at - dt.timedelta(days=SPENT_DAYS)).delete()[0]


_BEARERS = (Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN)


def _end_family(family: uuid.UUID, *, client: Client, user: User) -> None:
    _lock(f"{client.pk} {user.pk}")
    Token.objects.filter(client=client, user=user, data__family=str(family)).delete()


def _family_of(token: Token) -> uuid.UUID | None:
    text = (token.data or {}).get(FAMILY)
    return uuid.UUID(text) if text else None


def _was_spent_twice(spent: SpentToken) -> bool:
    """Whether the token that this one opened is spent, too: then a copy of it is no accident any more."""
    return SpentToken.objects.filter(family=spent.family, spent_at__gt=spent.spent_at).exists()


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
