"""A partner's server, written with Authlib as any partner would, goes the whole way over HTTP."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.models import SpentToken, User
from apps.accounts.services.tokens import GRACE
from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import CALLBACK, Partner, make_partner
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_resource

pytestmark = pytest.mark.django_db(transaction=True)
SCOPES = (OpenIdScope.OPENID, OpenIdScope.PROFILE, OpenIdScope.EMAIL, Scope.RESOURCES_READ, Scope.RESOURCES_WRITE, Scope.ACCOUNT_READ)
WISH = "openid profile email resources:read resources:write account:read"


@pytest.fixture(autouse=True)
def _own_address(settings: Settings, live_server: LiveServer) -> None:
    cache.clear()
    settings.SITE_URL = live_server.url


@pytest.fixture
def person() -> User:
    return make_user(name="Awa Ngo")


@pytest.fixture
def metadata(live_server: LiveServer) -> dict[str, str]:
    """What the program learns of us from one address alone."""
    found: dict[str, str] = httpx.get(f"{live_server.url}/.well-known/openid-configuration").raise_for_status().json()
    assert found["issuer"] == live_server.url
    return found


def client_of(partner: Partner, scope: str = WISH) -> OAuth2Client:
    return OAuth2Client(partner.client_id, partner.secret, scope=scope, redirect_uri=CALLBACK, code_challenge_method="S256", timeout=20)


@pytest.fixture
def program() -> Iterator[OAuth2Client]:
    with client_of(make_partner(scopes=SCOPES)) as found:
        yield found


def say_yes(person: User, url: str) -> str:
    """The person's browser: logged in, reads the consent page, agrees; returns where it is sent."""
    session = Browser()
    session.force_login(person)
    cookies = {django_settings.SESSION_COOKIE_NAME: session.cookies[django_settings.SESSION_COOKIE_NAME].value}
    with httpx.Client(cookies=cookies, timeout=20) as browser:
        page = browser.get(url)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|request)" value="([^"]+)"', page.text))
        fields = {name: html.unescape(value) for name, value in hidden.items()}
        chosen = re.findall(r'name="scopes" value="([^"]+)"', page.text)
        target = str(page.url.copy_with(query=None))
        answer = browser.post(target, data={**fields, "scopes": chosen, "action": "grant"}, headers={"referer": target})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def connect(program: OAuth2Client, metadata: dict[str, str], person: User) -> dict[str, str]:
    """Consent and first tokens."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    url, state = program.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = say_yes(person, url)
    assert parse_qs(urlsplit(back).query)["state"] == [state]
    tokens: dict[str, str] = program.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    published = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
    claims = jwt.decode(tokens["id_token"], published, algorithms=["RS256"]).claims
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": metadata["issuer"]}, aud={"essential": True, "value": program.client_id},
        nonce={"essential": True, "value": nonce}, sub={"essential": True, "value": str(person.pk)},
    )  # fmt: skip
    rules.validate(claims)
    return tokens


def entry() -> dict[str, str]:
    return {"name": "Salon de beauté", "category": make_category().slug, "city": make_city().slug}


def test_the_whole_way(live_server: LiveServer, metadata: dict[str, str], program: OAuth2Client, person: User) -> None:
    api = f"{live_server.url}/api/v1"
    tokens = connect(program, metadata, person)
    told = program.get(metadata["userinfo_endpoint"]).json()
    assert (told["sub"], told["name"], told["email"]) == (str(person.pk), "Awa Ngo", person.email)
    assert program.get(f"{api}/auth/me").json()["email"] == person.email
    old = dict(program.token)
    renewed = program.refresh_token(metadata["token_endpoint"])
    assert renewed["refresh_token"] != old["refresh_token"]
    assert program.get(f"{api}/auth/me").status_code == 200
    SpentToken.objects.update(spent_at=timezone.now() - GRACE)
    with pytest.raises(OAuthError, match="invalid_grant"):
        program.refresh_token(metadata["token_endpoint"], refresh_token=old["refresh_token"])
    assert program.get(f"{api}/auth/me").status_code == 401
    again = connect(program, metadata, person)
    assert program.get(f"{api}/auth/me").status_code == 200
    assert program.revoke_token(metadata["revocation_endpoint"], token=again["access_token"]).status_code == 200
    assert program.get(f"{api}/auth/me").status_code == 401
    assert tokens["access_token"] != again["access_token"]


def test_it_writes_what_it_may(live_server: LiveServer, metadata: dict[str, str], program: OAuth2Client, person: User) -> None:
    connect(program, metadata, person)
    made = program.post(f"{live_server.url}/api/v1/api-resources", json=entry())
    assert made.status_code == 201, made.text
    assert Resource.objects.get(pk=made.json()["id"]).user == person


def test_for_itself(live_server: LiveServer, metadata: dict[str, str]) -> None:
    partner = make_partner(scopes=SCOPES, machine_access=True)
    with client_of(partner, scope="resources:read") as program:
        assert program.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["scope"] == "resources:read"
        assert program.get(f"{live_server.url}/api/v1/api-resources").status_code == 200
        assert program.get(f"{live_server.url}/api/v1/auth/me").status_code == 401


def test_in_test_it_sees_and_writes_test_entries_of_its_owner(live_server: LiveServer, metadata: dict[str, str], person: User) -> None:
    partner = make_partner(owner=person, is_approved=False, scopes=SCOPES)
    live, test = make_resource(user=person), make_resource(user=person, livemode=False)
    foreign = make_resource(user=make_user(), livemode=False)
    with client_of(partner) as program:
        connect(program, metadata, person)
        seen = {one.pk: program.get(f"{live_server.url}/api/v1/api-resources/{one.pk}").status_code for one in (live, test, foreign)}
        made = program.post(f"{live_server.url}/api/v1/api-resources", json=entry())
        changed = program.patch(f"{live_server.url}/api/v1/api-resources/{live.pk}", json={"name": "Vol"})
    assert (seen[test.pk], seen[foreign.pk], changed.status_code in {403, 404}) == (200, 404, True)
    assert made.status_code == 201, made.text
    assert not Resource.objects.get(pk=made.json()["id"]).livemode
