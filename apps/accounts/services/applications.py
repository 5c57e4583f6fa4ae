"""Applications of partners: registered, changed, reviewed and ended here alone."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import ApplicationState, Entitlement, OpenIdScope, Scope, SecurityEventKind
from apps.accounts.events import application_reviewed
from apps.accounts.exceptions import ApplicationLimitReached
from apps.accounts.models import Application, User
from apps.accounts.oauth.hashers import MachineSecretHasher
from apps.accounts.oauth.redirects import is_acceptable
from apps.accounts.origins import NOWHERE, Origin
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services.security import record_security_event
from apps.core import events
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound

NAME_MAX, DESCRIPTION_MAX, WEBSITE_MAX, NOTE_MAX, REDIRECTS_MAX = 100, 500, 300, 1000, 10
# What an application may be registered for; sending batches is granted to keys by staff.
OPEN_SCOPES = ({*Scope.values} - {Scope.INGEST_WRITE}) | {*OpenIdScope.values}
DEFAULT_SCOPES = (OpenIdScope.OPENID, OpenIdScope.PROFILE, Scope.RESOURCES_READ)
# A change of these is a change of what staff approved: the application is in test again.
REVIEWED_FIELDS = frozenset({"name", "redirect_uris", "scopes", "machine_access"})
Problem = tuple[str, str, Any]


@dataclass(frozen=True)
class ApplicationInput:
    """What an application is asked to be.

    `redirect_uris` are where people are sent back to: without any, nobody can connect it to his account. `machine_access`
    lets it act for itself (client credentials). `is_public` is a program that cannot keep a secret, on a phone or in a browser.
    """

    name: str
    description: str = ""
    website: str = ""
    redirect_uris: Sequence[str] = ()
    scopes: Sequence[str] = DEFAULT_SCOPES
    machine_access: bool = False
    is_public: bool = False


@transaction.atomic
def register_application(*, owner: User, data: ApplicationInput, at: dt.datetime, origin: Origin = NOWHERE) -> tuple[Application, str]:
    """A new application, in test, and its secret, which is nowhere afterwards but with the caller; empty for a public one.

    :raises FieldsInvalid: a member breaks a rule. :raises ApplicationLimitReached: the account has as many as it may.
    """
    # One at a time for a user, so that the number of applications is counted right.
    User.objects.select_for_update().get(pk=owner.pk)
    given = _checked(vars(data), is_public=data.is_public)
    if Application.objects.filter(owner=owner).count() >= entitlements_of(owner, at=at)[Entitlement.OAUTH_APPLICATIONS]:
        raise ApplicationLimitReached
    kind = Client.Type.PUBLIC if data.is_public else Client.Type.CONFIDENTIAL
    client = Client(type=kind, owner=owner, response_types=Client.ResponseType.CODE, created_at=at)
    secret = _renewed_secret(client)
    _write_client(client, given)
    client.save(force_insert=True)
    application = Application(client=client, owner=owner, description=given["description"], website=given["website"])
    application.save(force_insert=True)
    _record(application, SecurityEventKind.APPLICATION_CREATED, origin=origin)
    return application, "" if data.is_public else secret


@transaction.atomic
def change_application(
    *,
    owner: User,
    application_id: uuid.UUID,
    changes: Mapping[str, Any],
    at: dt.datetime,  # noqa: ARG001  every service takes it
    origin: Origin = NOWHERE,
) -> Application:
    """Change members of `ApplicationInput` but `is_public`; others stay. See `REVIEWED_FIELDS` for what ends an approval.

    :raises NotFound: not his. :raises Conflict: staff blocked it. :raises FieldsInvalid: a member breaks a rule.
    """
    application = _owned(owner, application_id)
    client = application.client
    given = {**_current(application), **changes}
    fields = _checked(given, is_public=client.type == Client.Type.PUBLIC)
    before = _current(application)
    changed = sorted(name for name, value in fields.items() if value != before[name])
    if not changed:
        return application
    _write_client(client, fields)
    client.save()
    application.description, application.website = fields["description"], fields["website"]
    if REVIEWED_FIELDS & set(changed) and application.state != ApplicationState.TEST:
        application.state, application.submitted_at, application.review_note = ApplicationState.TEST, None, ""
    application.save()
    _record(application, SecurityEventKind.APPLICATION_CHANGED, origin=origin, changed=changed)
    return application


@transaction.atomic
def rotate_secret(*, owner: User, application_id: uuid.UUID, at: dt.datetime, origin: Origin = NOWHERE) -> str:  # noqa: ARG001  every service takes `at`
    """A new secret, shown this once; the old one ends at once.

    :raises NotFound: not his. :raises Conflict: staff blocked it, or it is public and has none.
    """
    application = _owned(owner, application_id)
    if application.client.type == Client.Type.PUBLIC:
        raise Conflict(_("Une application publique n’a pas de secret."))
    secret = _renewed_secret(application.client)
    application.client.save(update_fields=["secret"])
    _record(application, SecurityEventKind.APPLICATION_CHANGED, origin=origin, changed=["secret"])
    return secret


@transaction.atomic
def submit_application(*, owner: User, application_id: uuid.UUID, at: dt.datetime, origin: Origin = NOWHERE) -> Application:
    """Ask staff to let it serve everybody, on live entries.

    :raises NotFound: not his. :raises Conflict: it waits already, is approved or blocked.
    :raises FieldsInvalid: staff needs more to judge it.
    """
    application = _owned(owner, application_id)
    if application.state not in {ApplicationState.TEST, ApplicationState.REFUSED}:
        raise Conflict(_("Cette application attend déjà une décision, ou elle est validée."))
    errors: list[Problem] = []
    if not application.description:
        errors.append(("/description", "required", _("Décrivez ce que fait l’application.")))
    if not application.website:
        errors.append(("/website", "required", _("Donnez l’adresse du site de l’application.")))
    if errors:
        raise FieldsInvalid(errors)
    application.state, application.submitted_at, application.review_note = ApplicationState.SUBMITTED, at, ""
    application.save()
    _record(application, SecurityEventKind.APPLICATION_CHANGED, origin=origin, changed=["state"])
    return application


@transaction.atomic
def delete_application(*, owner: User, application_id: uuid.UUID, at: dt.datetime, origin: Origin = NOWHERE) -> None:  # noqa: ARG001  every service takes `at`
    """End it with everything that it was granted. :raises NotFound: not his. :raises Conflict: staff blocked it."""
    application = _owned(owner, application_id)
    _record(application, SecurityEventKind.APPLICATION_DELETED, origin=origin)
    application.client.delete()


@transaction.atomic
def delete_all_applications(*, owner: User) -> int:
    """End every application of an account that is deleted; returns how many there were."""
    clients = Client.objects.filter(application__owner=owner)
    count: int = clients.count()
    clients.delete()
    return count


@transaction.atomic
def review_application(*, application_id: uuid.UUID, state: ApplicationState, actor: User, at: dt.datetime, note: str = "") -> Application:
    """Decide as staff: APPROVED, REFUSED (with the reason in `note`), BLOCKED (ends all its tokens), or TEST to unblock.

    :raises NotFound: there is none. :raises Conflict: it cannot go there from its state. :raises FieldsInvalid: a reason is missing.
    """
    application = Application.objects.select_for_update(of=("self",)).select_related("client", "owner").filter(pk=application_id).first()
    if application is None:
        raise NotFound
    if state not in _DECISIONS[ApplicationState(application.state)]:
        raise Conflict(_("Cette décision n’est pas possible dans l’état de l’application."))
    note = note.strip()[:NOTE_MAX]
    if state in {ApplicationState.REFUSED, ApplicationState.BLOCKED} and not note:
        raise FieldsInvalid([("/note", "required", _("Donnez le motif : le propriétaire le lira."))])
    application.state, application.review_note = state, note
    application.reviewed_at, application.reviewed_by = at, actor
    application.save()
    if state == ApplicationState.BLOCKED:
        Token.objects.filter(client=application.client).delete()
    _record(application, SecurityEventKind.APPLICATION_CHANGED, actor=actor, changed=["state"], state=str(state))
    events.publish(
        application_reviewed, key=application.owner_id, application_id=str(application.pk), user_id=str(application.owner_id),
        state=str(state), note=note, reviewed_at=at.isoformat(),
    )  # fmt: skip
    return application


_DECISIONS: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.TEST: frozenset({ApplicationState.BLOCKED}),
    ApplicationState.SUBMITTED: frozenset({ApplicationState.APPROVED, ApplicationState.REFUSED, ApplicationState.BLOCKED}),
    ApplicationState.APPROVED: frozenset({ApplicationState.REFUSED, ApplicationState.BLOCKED}),
    ApplicationState.REFUSED: frozenset({ApplicationState.APPROVED, ApplicationState.BLOCKED}),
    ApplicationState.BLOCKED: frozenset({ApplicationState.TEST}),
}


def _owned(owner: User, application_id: uuid.UUID) -> Application:
    found = Application.objects.select_for_update(of=("self",)).select_related("client", "owner").filter(pk=application_id, owner=owner)
    application = found.first()
    if application is None:
        raise NotFound
    if application.state == ApplicationState.BLOCKED:
        raise Conflict(_("Cette application est bloquée par l’équipe : écrivez-nous."))
    return application


def _renewed_secret(client: Client) -> str:
    """A secret of 256 random bits, stored as a hash on the client."""
    secret = secrets.token_urlsafe(32)
    client.secret = make_password(secret, hasher=MachineSecretHasher.algorithm)
    return secret


def _current(application: Application) -> dict[str, Any]:
    client = application.client
    return {
        "name": client.name, "description": application.description, "website": application.website,
        "redirect_uris": client.get_redirect_uris(), "scopes": client.get_scopes(),
        "machine_access": Client.GrantType.CLIENT_CREDENTIALS in client.get_grant_types(),
    }  # fmt: skip


def _write_client(client: Client, fields: Mapping[str, Any]) -> None:
    client.name = fields["name"]
    client.set_redirect_uris(fields["redirect_uris"])
    client.set_scopes(fields["scopes"])
    # An application that names no scope asks for the least.
    client.set_default_scopes([scope for scope in fields["scopes"] if scope == OpenIdScope.OPENID] or fields["scopes"][:1])
    grants = [Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN] if fields["redirect_uris"] else []
    client.set_grant_types([*grants, *([Client.GrantType.CLIENT_CREDENTIALS] if fields["machine_access"] else [])])


def _checked(given: Mapping[str, Any], *, is_public: bool) -> dict[str, Any]:
    """Every member in its stored form. :raises FieldsInvalid: naming each that breaks a rule."""
    fields: dict[str, Any] = {
        "name": " ".join(str(given["name"]).split()),
        "description": str(given["description"]).replace("\x00", "").strip(),
        "website": str(given["website"]).strip(),
        "redirect_uris": list(dict.fromkeys(uri.strip() for uri in given["redirect_uris"] if uri.strip())),
        "scopes": list(dict.fromkeys(given["scopes"])),
        "machine_access": bool(given["machine_access"]),
    }
    errors: list[Problem] = []
    if not 1 <= len(fields["name"]) <= NAME_MAX or not fields["name"].isprintable():
        errors.append(("/name", "invalid", _("Donnez à l’application un nom de 1 à 100 caractères.")))
    if len(fields["description"]) > DESCRIPTION_MAX:
        errors.append(("/description", "too_long", _("La description va jusqu’à 500 caractères.")))
    if fields["website"] and not _is_website(fields["website"]):
        errors.append(("/website", "invalid", _("Donnez une adresse qui commence par https://.")))
    if len(fields["redirect_uris"]) > REDIRECTS_MAX:
        errors.append(("/redirect_uris", "too_many", _("La liste va jusqu’à 10 adresses de retour.")))
    elif not all(is_acceptable(uri) for uri in fields["redirect_uris"]):
        text = _("Une adresse de retour commence par https://, sans « # » ni « * » ; http:// ne va que pour localhost.")
        errors.append(("/redirect_uris", "invalid", text))
    elif not fields["redirect_uris"] and not fields["machine_access"]:
        errors.append(("/redirect_uris", "required", _("Donnez une adresse de retour, ou cochez l’accès de serveur à serveur.")))
    if not fields["scopes"] or not set(fields["scopes"]) <= {*Scope.values, *OpenIdScope.values}:
        errors.append(("/scopes", "unknown_scope", _("Choisissez au moins une portée de la liste.")))
    elif not set(fields["scopes"]) <= OPEN_SCOPES:
        errors.append(("/scopes", "scope_not_allowed", _("La portée ingest:write est réservée aux clés accordées par l’équipe.")))
    if fields["machine_access"] and is_public:
        errors.append(("/machine_access", "not_for_public", _("Une application publique ne peut pas s’identifier seule.")))
    if errors:
        raise FieldsInvalid(errors)
    return fields


def _is_website(text: str) -> bool:
    try:
        URLValidator(schemes=["https", "http"])(text)
    except ValidationError:
        return False
    return len(text) <= WEBSITE_MAX


def _record(
    application: Application, kind: SecurityEventKind, *, origin: Origin = NOWHERE, actor: User | None = None, **details: Any
) -> None:
    record_security_event(
        user_id=application.owner_id, kind=kind, origin=origin, actor_id=actor.pk if actor else None,
        client_id=application.client_id, name=application.client.name, **details,
    )  # fmt: skip
