"""Applications: registered, changed, reviewed and ended."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone

from apps.accounts.choices import ApplicationState, Scope, SecurityEventKind
from apps.accounts.exceptions import ApplicationLimitReached
from apps.accounts.models import Application, SecurityEvent, User
from apps.accounts.selectors.applications import applications_of, applications_to_review, connections_of, find_application
from apps.accounts.services import applications as services
from apps.accounts.services.applications import ApplicationInput
from apps.accounts.services.grants import revoke_connection
from apps.accounts.tests.factories import make_user
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound

pytestmark = pytest.mark.django_db
NOW = timezone.now()
CALLBACK = "https://partenaire.cm/retour"


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True)


def register(owner: User, **members: Any) -> tuple[Application, str]:
    values = {"name": "Agenda", "description": "Rendez-vous", "website": "https://partenaire.cm", "redirect_uris": [CALLBACK], **members}
    return services.register_application(owner=owner, data=ApplicationInput(**values), at=NOW)


def test_it_works(owner: User, staff: User) -> None:
    application, secret = register(owner)
    assert application.client.check_secret(secret)
    assert secret not in application.client.secret
    assert (application.state, application.livemode) == ("test", False)
    services.submit_application(owner=owner, application_id=application.pk, at=NOW)
    assert applications_to_review() == [application]
    services.review_application(application_id=application.pk, state=ApplicationState.APPROVED, actor=staff, at=NOW)
    found = find_application(owner, application.pk)
    assert (found.livemode, found.reviewed_by, applications_of(owner)) == (True, staff, [application])
    kinds = list(SecurityEvent.objects.filter(user=owner).values_list("kind", flat=True).order_by("created_at"))
    assert kinds == [SecurityEventKind.APPLICATION_CREATED, *[SecurityEventKind.APPLICATION_CHANGED] * 2]
    services.delete_application(owner=owner, application_id=application.pk, at=NOW)
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "A\u202eB"}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"description": "x" * 501}, "/description"),
        ({"website": "javascript:alert(1)"}, "/website"),
        ({"redirect_uris": []}, "/redirect_uris"),
        ({"redirect_uris": [f"https://p.cm/{number}" for number in range(11)]}, "/redirect_uris"),
        ({"redirect_uris": [CALLBACK, "http://partenaire.cm/retour"]}, "/redirect_uris"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["admin"]}, "/scopes"),
        ({"scopes": [Scope.INGEST_WRITE]}, "/scopes"),
        ({"is_public": True, "machine_access": True}, "/machine_access"),
    ],
)
def test_what_may_not_be_registered(owner: User, members: dict[str, Any], pointer: str) -> None:
    with pytest.raises(FieldsInvalid) as refused:
        register(owner, **members)
    assert [problem[0] for problem in refused.value.errors] == [pointer]


def test_an_account_has_five(owner: User) -> None:
    for _ in range(5):
        register(owner)
    with pytest.raises(ApplicationLimitReached):
        register(owner)


def test_somebody_else_reaches_none_of_it(owner: User) -> None:
    application, _secret = register(owner)
    stranger = make_user()
    reached: dict[str, Any] = {"owner": stranger, "application_id": application.pk, "at": NOW}
    for act in (services.rotate_secret, services.submit_application, services.delete_application):
        with pytest.raises(NotFound):
            act(**reached)
    with pytest.raises(NotFound):
        services.change_application(changes={"name": "Vol"}, **reached)
    with pytest.raises(NotFound):
        find_application(stranger, application.pk)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"description": "Mieux"}, "approved"),
        ({"name": "Agenda"}, "approved"),
        ({"name": "Ecosyste officiel"}, "test"),
        ({"redirect_uris": [CALLBACK, "https://ailleurs.cm/"]}, "test"),
        ({"scopes": [*services.DEFAULT_SCOPES, Scope.PAYMENTS_WRITE]}, "test"),
        ({"machine_access": True}, "test"),
    ],
)
def test_what_staff_approved_does_not_change_behind_its_back(owner: User, staff: User, changes: dict[str, Any], state: str) -> None:
    application, _secret = register(owner)
    services.submit_application(owner=owner, application_id=application.pk, at=NOW)
    services.review_application(application_id=application.pk, state=ApplicationState.APPROVED, actor=staff, at=NOW)
    assert services.change_application(owner=owner, application_id=application.pk, changes=changes, at=NOW).state == state


def test_a_new_secret_ends_the_old_one(owner: User) -> None:
    application, old = register(owner)
    new = services.rotate_secret(owner=owner, application_id=application.pk, at=NOW)
    client = Client.objects.get()
    assert (client.check_secret(new), client.check_secret(old)) == (True, False)
    public, none = register(owner, is_public=True)
    assert none == ""
    with pytest.raises(Conflict):
        services.rotate_secret(owner=owner, application_id=public.pk, at=NOW)


def test_staff_decides_in_order_and_with_a_reason(owner: User, staff: User) -> None:
    application, _secret = register(owner, description="", website="")
    with pytest.raises(FieldsInvalid) as refused:
        services.submit_application(owner=owner, application_id=application.pk, at=NOW)
    assert [problem[0] for problem in refused.value.errors] == ["/description", "/website"]
    with pytest.raises(Conflict):
        services.review_application(application_id=application.pk, state=ApplicationState.APPROVED, actor=staff, at=NOW)
    with pytest.raises(FieldsInvalid):
        services.review_application(application_id=application.pk, state=ApplicationState.BLOCKED, actor=staff, at=NOW)
    Token.objects.create(client=application.client, user=owner, type=Token.Type.ACCESS_TOKEN, hash="x", scopes="openid")
    services.review_application(application_id=application.pk, state=ApplicationState.BLOCKED, actor=staff, at=NOW, note="Hameçonnage")
    assert not Token.objects.exists()
    with pytest.raises(Conflict):
        services.change_application(owner=owner, application_id=application.pk, changes={"name": "Autre"}, at=NOW)


def test_a_user_sees_and_ends_his_connections(owner: User) -> None:
    application, _secret = register(owner)
    user = make_user()
    for number, scopes in enumerate(("openid", "openid\nprofile")):
        Token.objects.create(client=application.client, user=user, type=Token.Type.ACCESS_TOKEN, hash=str(number), scopes=scopes)
    (connection,) = connections_of(user)
    assert (connection.application, connection.scopes) == (application, {"openid", "profile"})
    assert revoke_connection(user=user, client_id=application.client_id, at=NOW)
    assert connections_of(user) == []
    assert not revoke_connection(user=user, client_id=application.client_id, at=NOW)
    assert SecurityEvent.objects.get(user=user).kind == SecurityEventKind.APPLICATION_REVOKED


def test_a_deleted_account_takes_its_applications_along(owner: User) -> None:
    register(owner)
    register(owner)
    assert services.delete_all_applications(owner=owner) == 2
    assert not Application.objects.exists()
