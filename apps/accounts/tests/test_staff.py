"""What staff may do to accounts, who may be staff, and what is written down of it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.choices import ApplicationState, Entitlement, SecurityEventKind, UserType
from apps.accounts.models import AccountEntitlement, ApiKey, MfaReset, SecurityEvent, User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services import applications as services_of_applications
from apps.accounts.services import staff as services
from apps.accounts.tests.factories import PASSWORD, make_key, make_user
from apps.accounts.tests.oauth.partner import make_partner
from apps.core.exceptions import Conflict, PermissionRefused

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ADMIN = "/admin/accounts"


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def boss(client: Client) -> User:
    """Logged in."""
    user = User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff")
    client.force_login(user)
    return user


def act(client: Client, model: str, action: str, *rows: Any, **more: str) -> str:
    """Choose rows and an action, as the list page does."""
    body = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return client.post(f"{ADMIN}/{model}/", body, follow=True).content.decode()


def kinds(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("-created_at").values_list("kind", flat=True))


def with_factor(user: User) -> User:
    totp.TOTP.activate(user, totp.generate_totp_secret())
    return user


@pytest.mark.usefixtures("boss")
def test_every_page_opens(client: Client) -> None:
    user = make_user()
    key, _secret = make_key(user)
    AccountEntitlement.objects.create(user=user, key=Entitlement.API_KEYS, value=3)
    for model, row in (("user", user), ("apikey", key), ("securityevent", SecurityEvent.objects.first())):
        for path in (f"{ADMIN}/{model}/", f"{ADMIN}/{model}/?q=a", f"{ADMIN}/{model}/{row.pk if row else 0}/change/"):
            page = client.get(path)
            assert page.status_code == 200, path
            assert key.key_hash not in page.content.decode()
    for model in ("mfareset", "apiusage", "accountentitlement", "entitlementdefault"):
        assert client.get(f"{ADMIN}/{model}/").status_code == 200


@pytest.mark.usefixtures("boss")
def test_lists_cost_the_same_with_many_rows(client: Client) -> None:
    def costs() -> list[int]:
        counts = []
        for model in ("user", "apikey", "securityevent"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{ADMIN}/{model}/").status_code == 200
            counts.append(len(queries))
        return counts

    make_key(make_user())
    costs()
    few = costs()
    for _number in range(5):
        make_key(make_user())
    assert costs() == few


def test_suspending_asks_why_and_reinstating_gives_back(client: Client, boss: User) -> None:
    user = make_user()
    _key, secret = make_key(user)
    theirs = Client()
    theirs.force_login(user)
    assert "Motif" in act(client, "user", "suspend", user)
    user.refresh_from_db()
    assert user.suspended_at is None, "nothing before the reason"
    act(client, "user", "suspend", user, reason="Fraude")
    assert theirs.get("/fr/compte/").status_code == 302
    assert Client().get("/api/v1/me/limits", headers={"X-API-Key": secret}).status_code in {401, 403}
    event = SecurityEvent.objects.get(user=user, kind=SecurityEventKind.SUSPENDED)
    assert (event.actor, event.details["reason"]) == (boss, "Fraude")
    act(client, "user", "reinstate", user)
    user.refresh_from_db()
    assert (user.suspended_at, user.is_active) == (None, True)


@pytest.mark.usefixtures("boss")
def test_keys_end(client: Client) -> None:
    user = make_user()
    keys = [make_key(user)[0] for _number in range(3)]
    act(client, "apikey", "revoke", keys[0])
    assert ApiKey.objects.filter(user=user, is_active=True).count() == 2
    act(client, "user", "revoke_keys", user)
    assert not ApiKey.objects.filter(user=user, is_active=True).exists()


@pytest.mark.usefixtures("boss")
def test_who_locked_himself_out_is_let_in(client: Client) -> None:
    user = make_user()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    visitor = Client()

    def log_in(password: str) -> int:
        return visitor.post("/fr/compte/login/", {"login": user.email, "password": password}).status_code

    for _number in range(8):
        log_in("une autre phrase")
    assert log_in(PASSWORD) != 302
    act(client, "user", "unlock", user)
    assert log_in(PASSWORD) == 302
    assert SecurityEventKind.UNLOCKED in kinds(user)


def test_a_lost_second_factor_takes_two_people(client: Client, boss: User) -> None:
    user = with_factor(make_user())
    act(client, "user", "ask_mfa_reset", user, reason="Téléphone perdu")
    reset = MfaReset.objects.get()
    assert "Une autre personne" in act(client, "mfareset", "approve", reset)
    assert Authenticator.objects.filter(user=user).exists()
    other = Client()
    other.force_login(User.objects.create_superuser("autre@exemple.cm", PASSWORD, name="Autre"))
    act(other, "mfareset", "approve", reset)
    assert not Authenticator.objects.filter(user=user).exists()
    assert kinds(user)[:2] == [SecurityEventKind.MFA_RESET, SecurityEventKind.MFA_RESET_REQUESTED]
    with pytest.raises(Conflict):
        services.approve_mfa_reset(reset_id=reset.pk, actor=make_user(), at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        MfaReset.objects.create(user=user, requested_by=boss, approved_by=boss, requested_at=NOW, approved_at=NOW, reason="x")


def test_what_a_reset_refuses() -> None:
    colleague, user = make_user(), with_factor(make_user())
    with pytest.raises(PermissionRefused):
        services.request_mfa_reset(user=user, actor=user, reason="x", at=NOW)
    with pytest.raises(Conflict):
        services.request_mfa_reset(user=colleague, actor=user, reason="x", at=NOW)
    services.request_mfa_reset(user=user, actor=colleague, reason="x", at=NOW)
    with pytest.raises(Conflict):
        services.request_mfa_reset(user=user, actor=colleague, reason="x", at=NOW)


def test_rights_of_staff_are_given_by_superusers_to_others(client: Client, boss: User) -> None:
    group, user = Group.objects.create(name="Modération"), make_user()
    client.post(f"{ADMIN}/user/{user.pk}/change/", {"is_staff": "on", "groups": [group.pk]})
    user.refresh_from_db()
    assert (user.is_staff, list(user.groups.all())) == (True, [group])
    client.post(f"{ADMIN}/user/{boss.pk}/change/", {"groups": []})
    boss.refresh_from_db()
    assert boss.is_staff
    with pytest.raises(PermissionRefused):
        services.set_staff(user=make_user(), actor=user, is_staff=True, groups=[])
    client.post(f"{ADMIN}/user/{user.pk}/change/", {"email": "x@exemple.cm", "is_superuser": "on", "api_quota": "9"})
    user.refresh_from_db()
    assert (user.is_superuser, user.email == "x@exemple.cm", user.api_quota) == (False, False, 1000)


@pytest.mark.usefixtures("boss")
def test_rights_of_an_account_follow_the_form(client: Client) -> None:
    user = make_user()
    body = {"user": str(user.pk), "key": Entitlement.MONTHLY_QUOTA, "value": "5000"}
    assert client.post(f"{ADMIN}/accountentitlement/add/", body).status_code == 302
    user.refresh_from_db()
    assert user.api_quota == entitlements_of(user, at=NOW)[Entitlement.MONTHLY_QUOTA] == 5000
    body = {"user_type": UserType.BUSINESS, "key": Entitlement.API_KEYS, "value": "7"}
    assert client.post(f"{ADMIN}/entitlementdefault/add/", body).status_code == 302
    assert entitlements_of(make_user(user_type=UserType.BUSINESS), at=NOW)[Entitlement.API_KEYS] == 7


def test_the_door(client: Client, settings: Settings) -> None:
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/fr/compte/login/?next=/admin/")
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code == 403
    user = User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff")
    client.force_login(user)
    assert client.get("/admin/").status_code == 200
    settings.STAFF_NEED_MFA = True
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/fr/compte/second-facteur/"
    assert "demande un second facteur" in answer.content.decode()
    with_factor(user)
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("boss")
def test_applications_are_reviewed(client: Client) -> None:
    partner = make_partner(is_approved=False)
    application, owner = partner.application, partner.application.owner
    services_of_applications.submit_application(owner=owner, application_id=application.pk, at=NOW)
    assert client.get(f"{ADMIN}/application/").status_code == 200
    assert "https://partenaire.cm/retour" in client.get(f"{ADMIN}/application/{application.pk}/change/").content.decode()
    for action, reason, state in (
        ("refuse", "Site introuvable", ApplicationState.REFUSED), ("approve", "", ApplicationState.APPROVED),
        ("block", "Fraude", ApplicationState.BLOCKED),
    ):  # fmt: skip
        act(client, "application", action, application, **({"reason": reason} if reason else {}))
        application.refresh_from_db()
        assert application.state == state
    assert application.review_note == "Fraude"
