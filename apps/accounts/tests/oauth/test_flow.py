"""A partner's application goes the whole way: consent, tokens, their use, their renewal and their end."""

from __future__ import annotations

import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client as Browser

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import SecurityEvent, User
from apps.accounts.oauth.tokens import ACCESS_PREFIX, REFRESH_PREFIX
from apps.accounts.tests.oauth.partner import CALLBACK, REVOKE, SCOPES, TOKEN, Partner, bearer, json_of, make_partner, query_of

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"


def test_the_whole_way(user: User, partner: Partner) -> None:
    browser = Browser()
    browser.force_login(user)
    page = partner.ask(browser)
    assert page.status_code == 200
    answer = partner.answer(browser, page)
    assert answer["Location"].startswith(f"{CALLBACK}?")
    assert query_of(answer)["state"] == "état 1"
    tokens = json_of(partner.redeem(query_of(answer)["code"]))
    assert tokens["access_token"].startswith(ACCESS_PREFIX)
    assert tokens["refresh_token"].startswith(REFRESH_PREFIX)
    assert (tokens["token_type"], tokens["expires_in"], set(tokens["scope"].split())) == ("Bearer", 900, set(SCOPES))
    assert not Token.objects.filter(hash__in=[tokens["access_token"], tokens["refresh_token"]]).exists()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (settings.SITE_URL, partner.client_id, str(user.pk), "n-1")
    told = json_of(bearer(tokens["access_token"]))
    assert (told["sub"], told["name"], told["email"]) == (str(user.pk), user.name, user.email)
    assert bearer(tokens["access_token"], ME).status_code == 200
    renewed = json_of(partner.renew(tokens["refresh_token"]))
    assert bearer(renewed["access_token"], ME).status_code == 200
    assert partner.call(REVOKE, token=renewed["refresh_token"]).status_code == 200
    assert bearer(renewed["access_token"], ME).status_code == 401
    assert not Token.objects.filter(user=user).exists()
    assert SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.APPLICATION_AUTHORISED).count() == 1


def test_for_itself() -> None:
    partner = make_partner(machine_access=True, redirect_uris=[])
    tokens = json_of(partner.call(TOKEN, grant_type="client_credentials"))
    assert set(tokens["scope"].split()) == {"resources:read", "account:read"}
    assert "refresh_token" not in tokens
    assert "id_token" not in tokens
    assert bearer(tokens["access_token"]).status_code == 403
    assert bearer(tokens["access_token"], "/api/v1/me/limits").status_code in {200, 401}
