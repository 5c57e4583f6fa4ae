"""Applications of partners, and who is connected to them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from allauth.idp.oidc.models import Client, Token

from apps.accounts.choices import ApplicationState
from apps.accounts.models import Application, User
from apps.core.exceptions import NotFound

SHOWN_MAX = 200


@dataclass
class Connection:
    """An application that holds tokens of a user: what it may do, and since when."""

    application: Application
    since: dt.datetime
    scopes: set[str] = field(default_factory=set)


def applications_of(owner: User) -> list[Application]:
    """His applications, newest first; at most `SHOWN_MAX`."""
    return list(Application.objects.filter(owner=owner).select_related("client", "owner").order_by("-created_at")[:SHOWN_MAX])


def find_application(owner: User, application_id: uuid.UUID) -> Application:
    """:raises NotFound: there is none, or it is somebody else’s."""
    found = Application.objects.filter(pk=application_id, owner=owner).select_related("client", "owner").first()
    if found is None:
        raise NotFound
    return found


def application_of_client(client_id: str) -> Application | None:
    """The application behind an OAuth client."""
    return Application.objects.filter(client=client_id).select_related("client", "owner").first()


def applications_to_review() -> list[Application]:
    """Those that wait for staff, longest first."""
    waiting = Application.objects.filter(state=ApplicationState.SUBMITTED)
    return list(waiting.select_related("client", "owner").order_by("submitted_at")[:SHOWN_MAX])


def connections_of(user: User) -> list[Connection]:
    """The applications that hold living tokens of this user, by name."""
    tokens = Token.objects.valid().filter(user=user, client__application__isnull=False).select_related("client__application__owner")
    found: dict[str, Connection] = {}
    for token in tokens.order_by("created_at")[:5000]:
        application = token.client.application
        application.client = token.client
        connection = found.setdefault(token.client_id, Connection(application, token.created_at))
        connection.scopes.update(token.get_scopes())
    return sorted(found.values(), key=lambda one: one.application.client.name.lower())


def scopes_granted(user: User, client: Client) -> set[str]:
    """Every scope that living tokens of this client hold for this user."""
    tokens = Token.objects.valid().filter(user=user, client=client)
    return {scope for token in tokens.order_by("-created_at")[:100] for scope in token.get_scopes()}
