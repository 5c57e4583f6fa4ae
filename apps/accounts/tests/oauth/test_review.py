"""Staff reviews applications in the administration, and an account that is deleted leaves none behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from apps.accounts.choices import ApplicationState
from apps.accounts.models import Application, User
from apps.accounts.personal_data import sources
from apps.accounts.services.applications import submit_application
from apps.accounts.services.closure import delete_account
from apps.accounts.tests.factories import PASSWORD, make_user
from apps.accounts.tests.oauth.partner import Partner, make_partner

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/application/"


@pytest.fixture
def partner() -> Partner:
    return make_partner(is_approved=False)


@pytest.fixture
def boss(client: Client) -> User:
    """Logged in."""
    user = User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff")
    client.force_login(user)
    return user


def act(client: Client, action: str, partner: Partner, **more: Any) -> str:
    body = {"action": action, "_selected_action": [str(partner.application.pk)], **more}
    return client.post(LIST, body, follow=True).content.decode()


def state_of(partner: Partner) -> str:
    return Application.objects.get(pk=partner.application.pk).state


def test_it_works(client: Client, boss: User, partner: Partner) -> None:
    application = partner.application
    submit_application(owner=application.owner, application_id=application.pk, at=timezone.now())
    for path in (LIST, f"{LIST}?state=submitted&q=Agenda", f"{LIST}{application.pk}/change/"):
        page = client.get(path)
        assert page.status_code == 200
        assert application.client.secret not in page.content.decode()
    act(client, "approve", partner)
    assert state_of(partner) == ApplicationState.APPROVED
    partner.tokens(make_user())
    assert "Motif" in act(client, "block", partner)
    act(client, "block", partner, reason="Hameçonnage")
    assert (state_of(partner), Token.objects.count()) == (ApplicationState.BLOCKED, 0)
    assert Application.objects.get().reviewed_by == boss
    act(client, "unblock", partner)
    assert state_of(partner) == ApplicationState.TEST


@pytest.mark.usefixtures("boss")
def test_what_is_not_possible_is_said(client: Client, partner: Partner) -> None:
    assert "n’est pas possible" in act(client, "approve", partner)
    assert state_of(partner) == ApplicationState.TEST


def test_reading_is_not_reviewing(client: Client, partner: Partner) -> None:
    reader = make_user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_application"))
    client.force_login(reader)
    submit_application(owner=partner.application.owner, application_id=partner.application.pk, at=timezone.now())
    assert client.get(LIST).status_code == 200
    act(client, "approve", partner)
    assert state_of(partner) == ApplicationState.SUBMITTED


def test_clients_and_tokens_have_no_page_of_their_own() -> None:
    assert site.is_registered(Application)
    assert not site.is_registered(OAuthClient)
    assert not site.is_registered(Token)


def test_a_deleted_account_leaves_no_application_and_no_consent(partner: Partner) -> None:
    owner, other = partner.application.owner, make_partner()
    partner.tokens(owner)
    other.tokens(owner)
    archive = {name: list(sources()[name](owner)) for name in ("applications", "connected_applications")}
    assert [one["name"] for one in archive["applications"]] == ["Agenda"]
    assert len(archive["connected_applications"]) == 2
    due = timezone.now()
    User.objects.filter(pk=owner.pk).update(deletion_due_at=due)
    assert delete_account(user_id=owner.pk, at=due + dt.timedelta(seconds=1))
    assert (Token.objects.count(), Application.objects.count()) == (0, 1)
