"""Who calls, by which means, with which rights: one answer for pages and API."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from apps.accounts import credentials
from apps.accounts.exceptions import CredentialInAddress
from apps.accounts.models import User
from apps.accounts.oauth.bearer import find_token
from apps.accounts.origins import origin_of
from apps.accounts.services.keys import flag_exposed
from apps.accounts.services.uses import note_use
from apps.core.exceptions import AuthenticationRequired, PermissionRefused


class CallerKind(enum.StrEnum):
    """How a caller proved who he is."""

    ANONYMOUS = "anonymous"
    SESSION = "session"
    JWT = "jwt"
    API_KEY = "api_key"
    OAUTH = "oauth"


@dataclass(frozen=True)
class Caller:
    """The one who calls.

    `scopes` is None when every scope of the user's own rights is granted (a session or his own JWT). `livemode` is
    False for test keys and applications, which see and write test rows alone. `key_id`, `client_id` and `family_id`
    say which key, application or API log-in it was; `hourly_rate` is the key's own. An application that acts for itself
    has no user: `payer` is then its owner, whose limits and quota count.
    """

    user: User | None
    kind: CallerKind
    scopes: frozenset[str] | None = frozenset()
    livemode: bool = True
    key_id: uuid.UUID | None = None
    client_id: str = ""
    family_id: uuid.UUID | None = None
    hourly_rate: int | None = None
    payer: User | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the caller acts with staff rights: in person only, never through a key or an application."""
        return self.user is not None and self.user.is_staff and self.is_in_person

    @property
    def identity(self) -> str:
        """A stable text for who calls, in which mode: what one caller's stored answers are kept under."""
        if self.user is None and not self.client_id:
            return "anonymous"
        owner = f"user:{self.user.pk}" if self.user else f"client:{self.client_id}"
        return owner if self.livemode else f"{owner}:test"

    @cached_property
    def account(self) -> str:
        """Whose limits and quota count, and with which credential: callers with the same text share all of them."""
        payer = self.user or self.payer
        return f"{payer.pk}|{self.key_id}|{self.client_id}|{self.hourly_rate}" if payer else ""

    @property
    def is_in_person(self) -> bool:
        """Whether the user acts himself, with all his rights: by session or his own token."""
        return self.kind in {CallerKind.SESSION, CallerKind.JWT}

    def allow(self, scope: str) -> None:
        """:raises PermissionRefused: a key or token that lacks the scope."""
        if self.kind != CallerKind.ANONYMOUS and self.scopes is not None and scope not in self.scopes:
            raise PermissionRefused(missing_scope=scope)

    def require_user(self) -> User:
        """The user, whatever the credential allows. :raises AuthenticationRequired: nobody is logged in."""
        if self.user is None:
            raise AuthenticationRequired
        return self.user

    def require_person(self) -> User:
        """The user himself: no key and no application may do what only people do.

        :raises AuthenticationRequired: nobody is logged in. :raises PermissionRefused: a key or an application.
        """
        user = self.require_user()
        if not self.is_in_person:
            raise PermissionRefused(_("Cela se fait en personne : connectez-vous, ou employez le jeton de /auth/login."))
        return user

    def require(self, scope: str) -> User:
        """The user, when he may do what `scope` names.

        :raises AuthenticationRequired: nobody is logged in.
        :raises PermissionRefused: the credential lacks the scope.
        """
        user = self.require_user()
        self.allow(scope)
        return user


ANONYMOUS = Caller(user=None, kind=CallerKind.ANONYMOUS)


def caller_of(request: HttpRequest | Request) -> Caller:
    """The caller of a Django or DRF request, found out once a request.

    A key or token wins over the session's cookie, which a browser adds to everything.

    :raises DomainError: what the request presents is wrong, ended or not for here; see `credentials`.
    """
    django_request: HttpRequest = getattr(request, "_request", request)
    known: Caller | None = django_request.__dict__.get("_caller")
    if known is None:
        known = django_request.__dict__["_caller"] = identify(django_request)
    return known


def identify(request: HttpRequest) -> Caller:
    """Who sends this request: the one place that decides it. Raises as `caller_of`."""
    at = timezone.now()
    try:
        text = credentials.presented(request)
    except CredentialInAddress:
        for key_hash in credentials.keys_in_address(request):
            flag_exposed(key_hash=key_hash, at=at, origin=origin_of(request))
        raise
    if not text:
        return _session_caller(request)
    if credentials.is_key(text):
        key = credentials.find_key(text, request, at=at)
        note_use(key.id, request, at=at)
        return _caller_with(key)
    if text.count(".") == 2:
        family = credentials.find_family(text)
        return Caller(user=family.user, kind=CallerKind.JWT, scopes=None, family_id=family.pk)
    token = find_token(text, at=at)
    return Caller(
        user=token.user, kind=CallerKind.OAUTH, scopes=token.scopes, livemode=token.application.livemode, client_id=token.client.pk,
        payer=token.user or token.application.owner,
    )  # fmt: skip


@lru_cache(maxsize=10_000)
def _caller_with(key: credentials.KnownKey) -> Caller:
    """Made once for a key that this process remembers."""
    return Caller(
        user=key.user, kind=CallerKind.API_KEY, scopes=key.scopes, livemode=key.livemode, key_id=key.id, hourly_rate=key.rate_limit
    )


def _session_caller(request: HttpRequest) -> Caller:
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_active and user.suspended_at is None:
        return Caller(user=user, kind=CallerKind.SESSION, scopes=None)
    return ANONYMOUS
