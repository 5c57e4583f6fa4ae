"""What is not offered, and what no standard program would send: each gets an answer, never a fault."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client as Browser

from apps.accounts.models import User
from apps.accounts.tests.oauth.partner import (
    AUTHORIZE,
    REVOKE,
    TOKEN,
    USERINFO,
    Partner,
    json_of,
    make_partner,
    query_of,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["token", "id_token", "code token", "none", ""])
def test_only_codes_leave_the_consent_page(visitor: Browser, partner: Partner, kind: str) -> None:
    answer = partner.ask(visitor, response_type=kind)
    assert answer.status_code == 400 or query_of(answer)["error"] in {"unsupported_response_type", "unauthorized_client", "invalid_request"}
    assert "access_token" not in answer.get("Location", "")


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "client_credentials", "", None])
def test_only_the_grants_it_has(partner: Partner, grant: str | None) -> None:
    answer = partner.call(TOKEN, grant_type=grant, username="a@exemple.cm", password="x", device_code="x")
    assert answer.status_code in {400, 401}


def test_a_public_application_needs_no_secret_and_cannot_act_for_itself(user: User) -> None:
    partner = make_partner(is_public=True)
    tokens = json_of(partner.redeem(partner.consent(user), client_secret=None))
    assert json_of(partner.renew(tokens["refresh_token"], client_secret=None))["access_token"]
    assert partner.call(TOKEN, grant_type="client_credentials", client_secret=None).status_code in {400, 401}
    confidential = make_partner()
    assert confidential.redeem(confidential.consent(user), client_secret=None).status_code == 401


def test_what_is_not_offered_is_not_there() -> None:
    for path in ("device", "api/device/code", "api/introspect", "api/clients"):
        for answer in (Browser().get(f"/identity/o/{path}"), Browser().post(f"/identity/o/{path}")):
            assert answer.status_code == 404


HOSTILE = (
    "\x00", "a\x00b", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "é" * 3000, "x" * 20_000,
    "{", "[]", "null", "-1", "1e999", "9" * 400, "%", "%zz", "%00", "<script>", "'", "\r\nX: y", "a b c", " ",
    "none login consent", "ey.ey.ey", "\u202e", "../../etc",
    "id_token",
)  # fmt: skip
ASKED = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age",
    "display", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims", "request", "request_uri", "response_mode", "resource",
    "registration", "access_token",
)  # fmt: skip
GIVEN = (
    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "client_id", "client_secret", "scope", "token",
    "token_type_hint", "resource", "audience", "assertion", "client_assertion", "access_token",
)  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_hostile_questions_are_answered(visitor: Browser, partner: Partner, name: str) -> None:
    for text in HOSTILE:
        assert partner.ask(visitor, **{name: text}).status_code in {200, 302, 400}, text
        assert visitor.post(AUTHORIZE, {**partner.question(), name: text}).status_code in {200, 302, 400, 403}, text
    assert partner.ask(visitor, **{name: ["a", "b"]}).status_code in {200, 302, 400}


@pytest.mark.parametrize("name", GIVEN)
def test_hostile_calls_are_answered(settings: Any, partner: Partner, name: str) -> None:
    settings.ANONYMOUS_BURST = settings.ANONYMOUS_HOURLY_RATE = 100_000
    for text in HOSTILE:
        for path in (TOKEN, REVOKE):
            for grant in ("authorization_code", "refresh_token", "client_credentials"):
                values = {"grant_type": grant, "code": "x", "refresh_token": "x", "code_verifier": "x" * 43, name: text}
                assert partner.call(path, **values).status_code in {200, 400, 401}, (path, grant, text)


@pytest.mark.parametrize("body", [b"code=" + b"x" * 10_000_000, b"&".join(b"a%d=1" % number for number in range(2000))])
def test_large_calls_are_answered_as_programs_expect(body: bytes) -> None:
    for path in (TOKEN, REVOKE):
        answer = Browser().post(path, body, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize("query", ["%zz", "%", "a=%ff", "client_id=%ff", "client_id=a&client_id=b", "=&=", "&" * 500, "x" * 5000])
def test_hostile_queries_are_answered(visitor: Browser, partner: Partner, query: str) -> None:
    for path in (AUTHORIZE, "/oauth/authorize", "/identity/o/logout"):
        assert visitor.get(f"{path}?{query}").status_code in {200, 302, 400}
        assert visitor.get(f"{path}?{urlencode(partner.question())}&{query}").status_code in {200, 302, 400}
    for path in (TOKEN, REVOKE, USERINFO):
        assert Browser().post(f"{path}?{query}").status_code in {400, 401}


@pytest.mark.parametrize(
    "header", ["Basic", "Basic é", "Basic %%%", "Basic YQ==", "Basic OjphOjo=", "Basic AAAA", "Bearer", "Digest x", "x" * 9000]
)
def test_hostile_headers_are_answered(header: str) -> None:
    for path in (TOKEN, REVOKE, USERINFO):
        for kind in ("application/x-www-form-urlencoded", "application/json", "multipart/form-data", "text/plain"):
            answer = Browser().post(path, b'{"grant_type": "client_credentials"}', content_type=kind, headers={"authorization": header})
            assert answer.status_code in {400, 401}, kind


@pytest.mark.parametrize(
    "target",
    [
        "https://voleur.cm/",
        "//voleur.cm",
        "javascript:alert(1)",
        "https://partenaire.cm@voleur.cm/",
        "cm.voleur.app:/",
        "x\r\ny",
        "http://voleur.cm",
    ],
)
def test_leaving_leads_to_the_application_only(visitor: Browser, partner: Partner, target: str) -> None:
    for values in ({}, {"client_id": partner.client_id}, {"client_id": "inconnu"}):
        answer = visitor.get("/identity/o/logout", {"post_logout_redirect_uri": target, **values})
        assert "voleur" not in answer.get("Location", "")
        assert "voleur" not in answer.get("Content-Security-Policy", "")
        assert answer.status_code in {200, 400}
    assert visitor.session.get("_auth_user_id")


def test_leaving_asks_first(visitor: Browser, partner: Partner) -> None:
    values = {"client_id": partner.client_id, "post_logout_redirect_uri": "https://partenaire.cm/fin", "state": "s"}
    page = visitor.get("/identity/o/logout", values)
    assert (page.status_code, "https://partenaire.cm" in page["Content-Security-Policy"]) == (200, True)
    stays = visitor.post("/identity/o/logout", {**values, "action": "stay", "csrfmiddlewaretoken": "x"})
    assert (stays["Location"], "_auth_user_id" in visitor.session) == ("https://partenaire.cm/fin?state=s", True)
    leaves = visitor.post("/identity/o/logout", {**values, "action": "logout", "csrfmiddlewaretoken": "x"})
    assert (leaves["Location"], "_auth_user_id" in visitor.session) == ("https://partenaire.cm/fin?state=s", False)


def test_keys_are_published_and_ours_is_not() -> None:
    (key,) = Browser().get("/.well-known/jwks.json").json()["keys"]
    assert (key["kty"], key.get("alg", "RS256")) == ("RSA", "RS256")
    assert not {"d", "p", "q"} & set(key)
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document == Browser().get("/.well-known/oauth-authorization-server").json()
    assert document["issuer"] == settings.SITE_URL
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "introspection_endpoint" not in document
