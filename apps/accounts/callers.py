"""Who calls, by which means, with which rights: one answer for pages and API."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass

from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.exceptions import AuthenticationRequired, PermissionRefused


class CallerKind(enum.StrEnum):
    """How a caller proved who he is."""

    ANONYMOUS = "anonymous"
    SESSION = "session"
    JWT = "jwt"
    API_KEY = "api_key"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who calls.

    `scopes` is None when every scope of the user's own rights is granted (a session or his own JWT). `livemode` is
    False for test keys and applications, which see and write test rows alone. `key_id`, `client_id` and `family_id`
    say which key, application or API log-in it was; `hourly_rate` is the key's own.
    """

    user: User | None
    kind: CallerKind
    scopes: frozenset[str] | None = frozenset()
    livemode: bool = True
    key_id: uuid.UUID | None = None
    client_id: str = ""
    family_id: uuid.UUID | None = None
    hourly_rate: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the caller acts with staff rights: in person only, never through a key or an application."""
        return self.user is not None and self.user.is_staff and self.scopes is None

    def require(self, scope: str) -> User:
        """The user, when he may do what `scope` names.

        :raises AuthenticationRequired: nobody is logged in.
        :raises PermissionRefused: the credential lacks the scope.
        """
        if self.user is None:
            raise AuthenticationRequired
        if self.scopes is not None and scope not in self.scopes:
            raise PermissionRefused(missing_scope=scope)
        return self.user


ANONYMOUS = Caller(user=None, kind=CallerKind.ANONYMOUS)


def caller_of(request: HttpRequest) -> Caller:
    """The caller of a Django or DRF request whose authentication already ran."""
    user = request.user
    if isinstance(user, User) and user.is_active:
        return Caller(user=user, kind=CallerKind.SESSION, scopes=None)
    return ANONYMOUS
