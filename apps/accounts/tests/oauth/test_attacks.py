"""What thieves, other applications and strangers try on the provider, and what they get."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.choices import ApplicationState, Scope, SecurityEventKind
from apps.accounts.models import SecurityEvent, SpentToken, User
from apps.accounts.oauth.tokens import ACCESS_PREFIX, make_token
from apps.accounts.services.applications import change_application, review_application, rotate_secret
from apps.accounts.services.grants import prune_grants, revoke_connection
from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import (
    AUTHORIZE,
    CALLBACK,
    REVOKE,
    SCOPES,
    TOKEN,
    USERINFO,
    Partner,
    bearer,
    challenge_of,
    json_of,
    make_partner,
    query_of,
)  # fmt: skip

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": ""},
        {"code_challenge": "court"},
        {"code_challenge": "x" * 44},
    ],
)
@pytest.mark.parametrize("is_public", [False, True])
def test_pkce_is_asked_of_everybody(visitor: Browser, changes: dict[str, Any], is_public: bool) -> None:
    partner = make_partner(is_public=is_public)
    answer = query_of(partner.ask(visitor, **changes))
    assert (answer["error"], answer["state"]) == ("invalid_request", "état 1")


@pytest.mark.parametrize("verifier", [None, "", "x", "v" * 64])
def test_a_stolen_code_is_worth_nothing_without_its_verifier(user: User, partner: Partner, verifier: str | None) -> None:
    code = partner.consent(user)
    answer = partner.redeem(code, code_verifier=verifier)
    assert (answer.status_code, json_of(answer)["error"] in {"invalid_grant", "invalid_request"}) == (400, True)
    assert not Token.objects.exists()


def test_the_challenge_is_no_verifier(user: User, partner: Partner) -> None:
    code = partner.consent(user)
    assert partner.redeem(code, code_verifier=challenge_of(partner.verifier)).status_code == 400


def test_a_code_that_comes_again_ends_what_it_gave(user: User, partner: Partner) -> None:
    code = partner.consent(user)
    tokens = json_of(partner.redeem(code))
    renewed = json_of(partner.renew(tokens["refresh_token"]))
    again = partner.redeem(code)
    assert (again.status_code, json_of(again)["error"]) == (400, "invalid_grant")
    assert bearer(renewed["access_token"], ME).status_code == 401
    assert partner.renew(renewed["refresh_token"]).status_code == 400
    assert SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.TOKEN_REUSED).exists()


def test_one_consent_does_not_end_another(user: User, partner: Partner) -> None:
    first = partner.consent(user)
    partner.redeem(first)
    other = partner.tokens(user)
    partner.redeem(first)
    assert bearer(other["access_token"], ME).status_code == 200


def test_a_renewal_within_seconds_is_an_accident_and_later_a_theft(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    renewed = json_of(partner.renew(tokens["refresh_token"]))
    again = partner.renew(tokens["refresh_token"])
    assert (again.status_code, json_of(again)["code"]) == (400, "token_rotated")
    assert bearer(renewed["access_token"], ME).status_code == 200
    SpentToken.objects.update(spent_at=timezone.now() - dt.timedelta(seconds=11))
    again = partner.renew(tokens["refresh_token"])
    assert (again.status_code, json_of(again)["code"]) == (400, "credential_revoked")
    assert bearer(renewed["access_token"], ME).status_code == 401
    assert partner.renew(renewed["refresh_token"]).status_code == 400


def test_a_copy_from_another_program_is_a_theft_at_once(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    renewed = json_of(partner.renew(tokens["refresh_token"]))
    values = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": partner.client_id}
    thief = Browser().post(TOKEN, {**values, "client_secret": partner.secret}, headers={"user-agent": "autre"})
    assert thief.json()["code"] == "credential_revoked"
    assert bearer(renewed["access_token"], ME).status_code == 401


@pytest.mark.parametrize(
    "address",
    [
        f"{CALLBACK}/", f"{CALLBACK}x", f"{CALLBACK}?x=1", f"{CALLBACK}#x", "https://partenaire.cm/", "https://partenaire.cm:8443/retour",
        "http://partenaire.cm/retour", "https://partenaire.cm@voleur.cm/retour", "https://voleur.cm@partenaire.cm/retour",
        "https://sous.partenaire.cm/retour", "https://partenaire.cm.voleur.cm/retour", "https://PARTENAIRE.CM/retour",
        "https://partenaire.cm/x/../retour", "https://partenaire.cm/retour%00", "https://partenaire.cm\\@voleur.cm/retour",
        "//partenaire.cm/retour", "/fr/", "javascript:alert(1)", "data:text/html,x", " " + CALLBACK, CALLBACK + "\r\nX: y", "", None,
    ],
)  # fmt: skip
def test_nobody_is_sent_where_the_application_is_not(visitor: Browser, partner: Partner, address: str | None) -> None:
    for changes in ({}, {"code_challenge": None}, {"scope": "admin"}, {"prompt": "none"}, {"response_type": "token"}):
        answer = partner.ask(visitor, redirect_uri=address, **changes)
        assert (answer.status_code, answer.has_header("Location")) == (400, False)


def test_a_code_works_with_its_own_address_only(user: User) -> None:
    partner = make_partner(redirect_uris=[CALLBACK, "https://partenaire.cm/autre"])
    code = partner.consent(user)
    assert partner.redeem(code, redirect_uri="https://partenaire.cm/autre").status_code == 400


def test_another_application_gets_nothing_of_it(user: User, partner: Partner) -> None:
    other = make_partner(name="Voleur")
    other.verifier = partner.verifier
    code = partner.consent(user)
    assert json_of(other.redeem(code))["error"] == "invalid_grant"
    tokens = json_of(partner.redeem(code))
    assert json_of(other.renew(tokens["refresh_token"]))["error"] == "invalid_grant"
    for text in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], "rien"):
        assert other.call(REVOKE, token=text).status_code == 200
    assert bearer(tokens["access_token"], ME).status_code == 200
    assert partner.renew(tokens["refresh_token"]).status_code == 200


def test_nobody_revokes_without_saying_who_he_is(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    for values in (
        {"client_secret": "faux"},
        {"client_secret": None},
        {"client_id": "inconnu"},
        {"client_id": None, "client_secret": None},
    ):
        assert partner.call(REVOKE, token=tokens["access_token"], **values).status_code == 401
    assert bearer(tokens["access_token"], ME).status_code == 200


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "autre"])
def test_either_token_ends_the_family(user: User, partner: Partner, hint: str | None) -> None:
    for name in ("access_token", "refresh_token"):
        tokens = partner.tokens(user)
        assert partner.call(REVOKE, token=tokens[name], token_type_hint=hint).status_code == 200
        assert bearer(tokens["access_token"], ME).status_code == 401
        assert partner.renew(tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("secret", ["faux", "", None, "é", "x" * 10_000])
def test_a_wrong_secret_gets_nothing(user: User, partner: Partner, secret: str | None) -> None:
    code = partner.consent(user)
    answer = partner.redeem(code, client_secret=secret)
    assert (answer.status_code, json_of(answer)["error"]) == (401, "invalid_client")
    assert partner.redeem(code).status_code == 200


def test_an_old_secret_gets_nothing(user: User, partner: Partner) -> None:
    code = partner.consent(user)
    application = partner.application
    new = rotate_secret(owner=application.owner, application_id=application.pk, at=timezone.now())
    assert partner.redeem(code).status_code == 401
    assert partner.redeem(code, client_secret=new).status_code == 200


def test_a_thousand_guesses_are_not_answered(partner: Partner, settings: Any) -> None:
    settings.ANONYMOUS_BURST = 3
    answers = [partner.call(TOKEN, grant_type="client_credentials", client_secret=f"essai {number}") for number in range(6)]
    assert {answer.status_code for answer in answers} == {401, 429}


def test_scopes_do_not_grow(user: User, visitor: Browser, partner: Partner) -> None:
    for scope in (Scope.PAYMENTS_WRITE, Scope.INGEST_WRITE, "admin"):
        assert query_of(partner.ask(visitor, scope=f"openid {scope}"))["error"] == "invalid_scope"
    page = partner.ask(visitor, scope="openid profile")
    assert partner.answer(visitor, page, scopes=["openid", Scope.ACCOUNT_READ]).status_code == 200
    tokens = partner.tokens(user, scopes=("openid",))
    assert json_of(bearer(tokens["access_token"], ME))["email"] is None
    assert set(json_of(bearer(tokens["access_token"]))) == {"sub"}
    assert json_of(partner.renew(tokens["refresh_token"], scope="openid account:read"))["error"] == "invalid_scope"


def test_a_person_may_grant_less(visitor: Browser, partner: Partner) -> None:
    answer = partner.answer(visitor, partner.ask(visitor), scopes=["openid", Scope.RESOURCES_READ])
    tokens = json_of(partner.redeem(query_of(answer)["code"]))
    assert set(tokens["scope"].split()) == {"openid", "resources:read"}


def test_what_the_application_lost_its_old_tokens_lose(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    partner.application.client.set_scopes(["openid"])
    partner.application.client.save()
    answer = bearer(tokens["access_token"], ME)
    assert (answer.status_code, json_of(answer)["email"]) == (200, None)


def test_only_access_tokens_open_the_api(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    for text in (tokens["refresh_token"], tokens["id_token"], make_token(ACCESS_PREFIX), tokens["access_token"][:-1], f"{ACCESS_PREFIX}é"):
        for path in (ME, USERINFO):
            answer = bearer(text, path)
            assert (answer.status_code, answer["WWW-Authenticate"].startswith("Bearer")) == (401, True)


def test_tokens_stay_out_of_addresses(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    for path in (ME, USERINFO):
        assert Browser().get(path, {"access_token": tokens["access_token"]}).status_code in {400, 401}


def test_an_expired_token_opens_nothing(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    Token.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert json_of(bearer(tokens["access_token"], ME))["code"] == "credential_expired"
    assert partner.renew(tokens["refresh_token"]).status_code == 400
    assert prune_grants(at=timezone.now()) == 2


def test_a_suspended_user_is_not_spoken_for(user: User, partner: Partner) -> None:
    tokens, code = partner.tokens(user), partner.consent(user)
    User.objects.filter(pk=user.pk).update(suspended_at=timezone.now())
    assert bearer(tokens["access_token"], ME).status_code == 403
    assert bearer(tokens["access_token"]).status_code == 403
    assert partner.renew(tokens["refresh_token"]).status_code == 400
    assert partner.redeem(code).status_code == 400


def test_a_blocked_application_does_nothing(user: User, visitor: Browser) -> None:
    partner = make_partner(machine_access=True)
    tokens, code = partner.tokens(user), partner.consent(user)
    staff = make_user(is_staff=True)
    page = partner.ask(visitor)
    review_application(application_id=partner.application.pk, state=ApplicationState.BLOCKED, actor=staff, at=timezone.now(), note="Vol")
    assert bearer(tokens["access_token"], ME).status_code == 401
    assert partner.redeem(code).status_code == 401
    assert partner.renew(tokens["refresh_token"]).status_code == 401
    assert partner.call(TOKEN, grant_type="client_credentials").status_code == 401
    assert partner.ask(visitor).status_code == 400
    assert partner.answer(visitor, page).status_code == 400


def test_the_application_of_a_suspended_owner_does_nothing(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    User.objects.filter(pk=partner.application.owner_id).update(suspended_at=timezone.now())
    assert bearer(tokens["access_token"], ME).status_code == 401
    assert partner.renew(tokens["refresh_token"]).status_code == 401


def test_a_user_who_took_his_consent_back_is_not_spoken_for(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    assert revoke_connection(user=user, client_id=partner.client_id, at=timezone.now())
    assert bearer(tokens["access_token"], ME).status_code == 401
    assert partner.renew(tokens["refresh_token"]).status_code == 400


def test_an_application_in_test_serves_its_owner_alone(visitor: Browser) -> None:
    partner = make_partner(is_approved=False)
    answer = partner.ask(visitor)
    assert (answer.status_code, answer.has_header("Location")) == (400, False)
    tokens = partner.tokens(partner.application.owner)
    assert bearer(tokens["access_token"], ME).status_code == 200


def test_an_approval_that_ends_ends_the_tokens_of_others(user: User, partner: Partner) -> None:
    tokens, own = partner.tokens(user), partner.tokens(partner.application.owner)
    application = partner.application
    change_application(owner=application.owner, application_id=application.pk, changes={"name": "Ecosyste"}, at=timezone.now())
    assert bearer(tokens["access_token"], ME).status_code == 401
    assert partner.renew(tokens["refresh_token"]).status_code == 400
    assert bearer(own["access_token"], ME).status_code == 200


def test_an_application_does_not_do_what_people_do(user: User, partner: Partner) -> None:
    tokens = partner.tokens(user)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    answer = Browser().post("/api/v1/auth/api-keys", {"name": "Vol"}, content_type="application/json", headers=headers)
    assert answer.status_code == 403
    assert Browser().patch(ME, {"name": "Vol"}, content_type="application/json", headers=headers).status_code == 403


def test_nobody_consents_for_somebody_else(user: User, partner: Partner) -> None:
    visitor = Browser(enforce_csrf_checks=True)
    visitor.force_login(user)
    page = partner.ask(visitor)
    assert partner.answer(visitor, page).status_code == 403
    forged = {"request": "x:y", "scopes": list(SCOPES), "action": "grant"}
    assert Browser().post(AUTHORIZE, forged).status_code in {302, 403}
    for_browser = Browser()
    for_browser.force_login(user)
    assert for_browser.post(AUTHORIZE, forged).status_code == 403


def test_the_consent_page_is_framed_and_kept_by_nobody(visitor: Browser, partner: Partner) -> None:
    page = partner.ask(visitor)
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://partenaire.cm;" in f"{policy};"
    assert page["X-Frame-Options"] == "DENY"
    assert "no-store" in page["Cache-Control"]
    assert "https://partenaire.cm" not in visitor.get("/fr/")["Content-Security-Policy"]


def test_who_is_not_logged_in_logs_in_first(partner: Partner) -> None:
    answer = Browser().get(AUTHORIZE, partner.question())
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/fr/compte/login/")


def test_no_is_an_answer(visitor: Browser, partner: Partner) -> None:
    answer = partner.answer(visitor, partner.ask(visitor), action="cancel")
    assert query_of(answer) == {"error": "access_denied", "state": "état 1"}


def test_silence_needs_a_log_in_and_a_consent(user: User, visitor: Browser, partner: Partner) -> None:
    assert query_of(partner.ask(Browser(), prompt="none"))["error"] == "login_required"
    assert query_of(partner.ask(visitor, prompt="none"))["error"] == "consent_required"
    partner.tokens(user, scopes=("openid",))
    assert query_of(partner.ask(visitor, prompt="none"))["error"] == "consent_required"
    code = query_of(partner.ask(visitor, prompt="none", scope="openid"))["code"]
    assert set(json_of(partner.redeem(code))["scope"].split()) == {"openid"}
    revoke_connection(user=user, client_id=partner.client_id, at=timezone.now())
    assert query_of(partner.ask(visitor, prompt="none", scope="openid"))["error"] == "consent_required"
