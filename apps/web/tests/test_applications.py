"""Applications in the portal, and those that act for a person in his account."""

from __future__ import annotations

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from django.core.cache import cache
from django.test import Client

from apps.accounts.choices import ApplicationState
from apps.accounts.models import Application, User
from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import make_partner

pytestmark = pytest.mark.django_db
HOME = "/fr/developpeurs/applications/"
GOOD = {"name": "Agenda", "redirect_uris": "https://partenaire.cm/retour", "scopes": ["openid", "profile"]}


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


def make(client: Client, **fields: object) -> str:
    number = client.get(f"{HOME}nouvelle/").context["number"]
    return client.post(f"{HOME}nouvelle/", {"once": number, **GOOD, **fields}).content.decode()


def test_from_its_making_to_its_end(client: Client, user: User) -> None:
    page = make(client)
    application = Application.objects.get(owner=user)
    assert application.client_id in page
    path = f"{HOME}{application.pk}/"
    for address in (HOME, path, f"{path}supprimer/", path.replace("/fr/", "/en/")):
        assert client.get(address).status_code == 200
    assert client.post(path, {**GOOD, "name": "Agenda 2"})["Location"] == path
    answer = client.post(f"{path}secret/")
    assert "no-store" in answer["Cache-Control"]
    assert OAuthClient.objects.get(pk=application.client_id).name == "Agenda 2"
    client.post(f"{path}soumettre/")
    application.refresh_from_db()
    assert application.state == ApplicationState.TEST, "staff needs a description and a site to judge it"
    client.post(path, {**GOOD, "description": "Rendez-vous", "website": "https://partenaire.cm"})
    client.post(f"{path}soumettre/")
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED
    assert client.post(f"{path}supprimer/")["Location"] == HOME
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "x" * 101}, {"redirect_uris": ""}, {"redirect_uris": "http://partenaire.cm/"},
        {"redirect_uris": "javascript:alert(1)"}, {"redirect_uris": "\n".join(f"https://a.cm/{number}" for number in range(11))},
        {"scopes": []}, {"scopes": ["ingest:write"]}, {"website": "x"}, {"machine_access": "on", "is_public": "on"},
    ],
)  # fmt: skip
def test_what_is_refused(client: Client, user: User, wrong: dict[str, object]) -> None:
    assert 'role="alert"' in make(client, **wrong)
    assert not Application.objects.filter(owner=user).exists()


@pytest.mark.usefixtures("user")
def test_those_of_others_do_not_exist(client: Client) -> None:
    path = f"{HOME}{make_partner().application.pk}/"
    for address in ("", "secret/", "soumettre/", "supprimer/"):
        assert client.post(path + address).status_code == 404
    assert client.get(path).status_code == 404


def test_every_form_wants_its_token(user: User) -> None:
    application = make_partner(owner=user).application
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    paths = [f"{HOME}nouvelle/", *(f"{HOME}{application.pk}/{name}" for name in ("", "secret/", "soumettre/", "supprimer/"))]
    for path in [*paths, f"/fr/compte/applications/{application.client_id}/retirer/"]:
        assert strict.post(path).status_code == 403, path


def test_a_person_sees_and_ends_what_he_allowed(client: Client, user: User) -> None:
    partner = make_partner()
    token = partner.tokens(user)["access_token"]
    assert "Agenda" in client.get("/fr/compte/applications/").content.decode()
    client.post(f"/fr/compte/applications/{partner.client_id}/retirer/")
    assert "Aucune application" in client.get("/fr/compte/applications/").content.decode()
    assert Client().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
