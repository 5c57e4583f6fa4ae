"""Registering and logging in over HTTP: what the answers tell, and what they keep to themselves."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts.choices import Scope, SecurityEventKind, UserType
from apps.accounts.models import SecurityEvent, User
from apps.accounts.tests.factories import PASSWORD, make_user
from apps.accounts.tests.oauth.partner import make_partner

pytestmark = pytest.mark.django_db
REGISTER, LOGIN = "/api/v1/auth/register", "/api/v1/auth/login"
NEW = {"email": "nouvelle@exemple.cm", "password": "une phrase assez longue", "name": "Awa Ngo"}


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    user = make_user(email="awa@exemple.cm")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def post(path: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    response = Client().post(path, body, "application/json", headers=headers)
    return response.status_code, response.json()


def log_in(email: str = "awa@exemple.cm", password: str = PASSWORD, **more: str) -> tuple[int, str]:
    status, answer = post(LOGIN, {"email": email, "password": password, **more})
    return status, answer.get("code", "")


def code_of(user: User, secret: str = "") -> str:
    secret = secret or totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return current_code(secret)


def current_code(secret: str) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))))


def test_register_confirm_and_log_in() -> None:
    body = {**NEW, "user_type": "business", "company_name": "Ngo et fils", "phone": "6 70 00 00 00", "language": "en"}
    assert post(REGISTER, body) == (202, {"status": "confirmation_sent"})
    user = User.objects.get()
    assert (user.user_type, user.company_name, user.phone, user.language) == (UserType.BUSINESS, "Ngo et fils", "+237670000000", "en")
    assert log_in(NEW["email"], NEW["password"]) == (403, "email_not_verified")
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link
    assert Client().post(link[0]).status_code == 302
    assert log_in(NEW["email"], NEW["password"]) == (200, "")


def test_read_only_members_change_nothing_and_a_name_may_have_parts() -> None:
    body = {"email": NEW["email"], "password": NEW["password"], "first_name": "Awa", "last_name": "Ngo", "plan": "pro", "api_quota": 9}
    assert post(REGISTER, body)[0] == 202
    user = User.objects.get()
    assert (user.name, user.plan, user.api_quota) == ("Awa Ngo", "free", 1000)


def test_a_known_address_answers_the_same_and_its_owner_is_told(user: User) -> None:
    assert post(REGISTER, {**NEW, "email": "AWA@exemple.cm"}) == post(REGISTER, NEW)
    assert User.objects.count() == 2
    assert user.check_password(PASSWORD)
    assert {message.to[0] for message in mail.outbox} == {user.email, NEW["email"]}


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"email": "pas une adresse"}, {"/email"}),
        ({"email": "аwa@exemple.cm"}, {"/email"}),
        ({"email": f"{'a' * 300}@exemple.cm"}, {"/email"}),
        ({"password": "court"}, {"/password"}),
        ({"password": "nouvelle@exemple.cm"}, {"/password"}),
        ({"password": "1234567890"}, {"/password"}),
        ({"name": ""}, {"/name"}),
        ({"name": "Awa\u202eNgo"}, {"/name"}),
        ({"phone": "123"}, {"/phone"}),
        ({"user_type": "business"}, {"/company_name"}),
        ({"user_type": "admin"}, {"/user_type"}),
        ({"language": "de"}, {"/language"}),
        ({"is_staff": True}, {"/is_staff"}),
        ({"email": None, "name": []}, {"/email", "/name"}),
    ],
)
def test_what_is_refused(change: dict[str, Any], pointers: set[str]) -> None:
    status, answer = post(REGISTER, {**NEW, **change})
    assert (status, {error["pointer"] for error in answer["errors"]}) == (422, pointers), answer
    assert not User.objects.exists()
    assert mail.outbox == []


def test_registering_is_bounded() -> None:
    for number in range(20):
        assert post(REGISTER, {**NEW, "email": f"x{number}@exemple.cm"})[0] == 202
    status, answer = post(REGISTER, {**NEW, "email": "trop@exemple.cm"})
    assert (status, answer["code"]) == (429, "too_many_attempts")


def test_a_wrong_password_and_a_wrong_address_answer_the_same(user: User) -> None:
    wrong = post(LOGIN, {"email": user.email, "password": "une autre phrase"})
    unknown = post(LOGIN, {"email": "personne@exemple.cm", "password": "une autre phrase"})
    assert wrong[0] == unknown[0] == 401
    assert {**wrong[1], "request_id": ""} == {**unknown[1], "request_id": ""}


@pytest.mark.usefixtures("user")
def test_guessing_locks_for_a_while() -> None:
    answers = [log_in(password="une autre phrase") for _number in range(7)]
    assert answers[0] == (401, "login_refused")
    assert answers[-1] == (429, "too_many_attempts")
    assert log_in() == (429, "too_many_attempts"), "the right one is refused, too, for a while"


def test_a_second_factor_is_asked_for_after_the_password_only(user: User) -> None:
    secret = totp.generate_totp_secret()
    code_of(user, secret)
    assert log_in(password="une autre phrase") == (401, "login_refused")
    assert log_in() == (401, "mfa_required")
    assert log_in(otp="000000") == (401, "login_refused")
    code = current_code(secret)
    assert log_in(otp=code) == (200, "")
    assert log_in(otp=code) == (401, "login_refused"), "a code works once"


def test_a_recovery_code_works_once(user: User) -> None:
    code_of(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    assert log_in(otp=code) == (200, "")
    assert log_in(otp=code) == (401, "login_refused")


def test_guessing_codes_is_bounded(user: User) -> None:
    code_of(user)
    answers = [log_in(otp=f"{number:06}") for number in range(8)]
    assert answers[-1] == (429, "too_many_attempts")


def test_who_is_suspended_or_gone_gets_no_token(user: User) -> None:
    user.suspended_at = timezone.now()
    user.save()
    assert log_in() == (403, "account_suspended")
    user.suspended_at, user.is_active = None, False
    user.save()
    assert log_in()[0] in {401, 403}


def test_the_owner_sees_who_logged_in(user: User) -> None:
    Client().post(
        LOGIN, {"email": user.email, "password": PASSWORD}, "application/json",
        headers={"User-Agent": "curl/8.5"}, REMOTE_ADDR="203.0.113.9",
    )  # fmt: skip
    event = SecurityEvent.objects.get(user=user, kind=SecurityEventKind.LOGGED_IN)
    assert (event.ip_prefix, event.created_at > timezone.now() - dt.timedelta(minutes=1)) == ("203.0.113.0/24", True)


@pytest.mark.parametrize(("scopes", "email"), [((Scope.RESOURCES_READ,), None), ((Scope.ACCOUNT_READ,), "awa@exemple.cm")])
def test_an_application_reads_an_address_only_with_its_scope(user: User, scopes: tuple[Scope, ...], email: str | None) -> None:
    token = make_partner(scopes=scopes).tokens(user, scopes=scopes)["access_token"]
    answer = Client().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (answer["id"], answer["email"]) == (str(user.pk), email)
