"""A partner's program built on a standard client, over real HTTP: it only knows the address of the discovery document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.core.cache import cache
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import CALLBACK, SCOPES, Partner, make_partner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]
TIMEOUT = 10


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """The test server's threads end with their connections; before that the test database cannot be dropped."""
    yield
    for program in Program.made:
        program.close()
    Program.made.clear()


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address, which is also the issuer's name. Plain http is for this machine only."""
    cache.clear()
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    settings.SITE_URL = live_server.url
    return str(live_server.url)


class Program(OAuth2Session):
    """Authlib's, with a timeout."""

    made: ClassVar[list[Program]] = []

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, default_timeout=TIMEOUT, **options)
        self.made.append(self)


def session_of(partner: Partner) -> Program:
    return Program(partner.client_id, partner.secret, scope=" ".join(SCOPES), redirect_uri=CALLBACK, code_challenge_method="S256")


def discover(site: str) -> dict[str, str]:
    found: dict[str, str] = requests.get(f"{site}/.well-known/openid-configuration", timeout=TIMEOUT).json()
    return found


def test_a_person_connects_an_application(site: str) -> None:
    user, partner, server = make_user(), make_partner(), discover(site)
    assert server["issuer"] == site
    program, verifier, nonce = session_of(partner), generate_token(64), generate_token(20)
    address, state = program.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)

    browser = Client()
    browser.force_login(user)
    parts = urlsplit(address)
    page: Any = browser.get(f"{parts.path}?{parts.query}")
    assert page.status_code == 200
    back = partner.answer(browser, page)["Location"]

    token = program.fetch_token(server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=TIMEOUT).json())
    claims = jwt.decode(token["id_token"], keys).claims
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (site, partner.client_id, str(user.pk), nonce)
    assert program.get(server["userinfo_endpoint"]).json()["email"] == user.email
    assert program.get(f"{site}/api/v1/auth/me").json()["id"] == str(user.pk)

    renewed = program.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"])
    assert renewed["access_token"] != token["access_token"]
    assert renewed["refresh_token"] != token["refresh_token"]
    assert program.get(f"{site}/api/v1/me/limits").json()["caller"] == "oauth"
    assert program.revoke_token(server["revocation_endpoint"], token=renewed["refresh_token"]).status_code == 200
    assert requests.get(
        f"{site}/api/v1/auth/me", headers={"Authorization": f"Bearer {renewed['access_token']}"}, timeout=TIMEOUT
    ).status_code == 401  # fmt: skip
    with pytest.raises(OAuthError):
        program.refresh_token(server["token_endpoint"], refresh_token=renewed["refresh_token"])


def test_an_application_acts_for_itself(site: str) -> None:
    scopes = (Scope.RESOURCES_READ,)
    partner, server = make_partner(scopes=(OpenIdScope.OPENID, *scopes), machine_access=True), discover(site)
    program = Program(partner.client_id, partner.secret, scope=" ".join(scopes))
    program.fetch_token(server["token_endpoint"], grant_type="client_credentials")
    assert program.get(f"{site}/api/v1/api-resources").status_code == 200
    assert program.get(f"{site}/api/v1/auth/api-keys").status_code == 401, "an application has no keys"


def test_a_wrong_secret_gets_no_token(site: str) -> None:
    partner, server = make_partner(machine_access=True), discover(site)
    program = Program(partner.client_id, "faux")
    with pytest.raises(OAuthError, match="invalid_client"):
        program.fetch_token(server["token_endpoint"], grant_type="client_credentials")
