"""Refresh tokens: one lives at a time, a spent one betrays a thief."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.choices import SecurityEventKind
from apps.accounts.exceptions import CredentialExpired, CredentialRefused, CredentialRevoked, TokenRotated
from apps.accounts.models import SecurityEvent, TokenFamily, User
from apps.accounts.origins import Origin
from apps.accounts.services.tokens import Client, end_family, refresh_tokens
from apps.accounts.tests.factories import PHONE_CLIENT, log_in, make_user
from apps.core.exceptions import DomainError

pytestmark = pytest.mark.django_db
NOW = timezone.now()
THIEF = Client.of(Origin("198.51.100.0/24", "python"), "python/3")


@pytest.fixture
def user() -> User:
    return make_user()


def test_it_works(client: Browser, user: User) -> None:
    pair = log_in(user)
    response = client.post("/api/v1/auth/refresh", {"refresh": pair.refresh}, "application/json")
    assert response.status_code == 200, response.content
    renewed = response.json()
    assert renewed["refresh"] != pair.refresh
    assert client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {renewed['access']}"}).json()["email"] == user.email


def test_a_spent_token_is_an_accident_for_ten_seconds_and_a_theft_afterwards(user: User) -> None:
    pair = log_in(user, at=NOW)
    renewed = refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW)
    with pytest.raises(TokenRotated):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW + dt.timedelta(seconds=9))
    renewed = refresh_tokens(refresh=renewed.refresh, client=PHONE_CLIENT, at=NOW + dt.timedelta(seconds=9))
    with pytest.raises(CredentialRevoked):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW + dt.timedelta(seconds=10))
    with pytest.raises(CredentialRevoked):
        refresh_tokens(refresh=renewed.refresh, client=PHONE_CLIENT, at=NOW + dt.timedelta(seconds=11))
    assert SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.TOKEN_REUSED).count() == 1


def test_a_spent_token_from_elsewhere_ends_the_family_at_once(user: User) -> None:
    pair = log_in(user, at=NOW)
    refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW)
    with pytest.raises(CredentialRevoked):
        refresh_tokens(refresh=pair.refresh, client=THIEF, at=NOW)
    family = TokenFamily.objects.get(user=user)
    assert family.revoked_at == NOW


def test_logging_out_ends_access_too(client: Browser, user: User) -> None:
    pair = log_in(user)
    for _ in range(2):
        assert client.post("/api/v1/auth/logout", {"refresh": pair.refresh}, "application/json").status_code == 204
    assert client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {pair.access}"}).status_code == 401
    assert client.post("/api/v1/auth/refresh", {"refresh": pair.refresh}, "application/json").json()["code"] == "credential_revoked"


def test_a_new_password_an_end_and_a_deletion_end_the_family(user: User) -> None:
    pair = log_in(user)
    user.set_password("Un autre mot de passe")
    user.save(update_fields=["password"])
    with pytest.raises(CredentialRevoked):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW)
    pair = log_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(CredentialRevoked):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW)
    TokenFamily.objects.all().delete()
    with pytest.raises(CredentialRefused):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=NOW)


def test_what_is_no_refresh_token(user: User) -> None:
    pair = log_in(user)
    for text in (pair.access, pair.refresh[:-2], "", "a.b.c", "\x00.\x00.\x00", "é" * 500):
        with pytest.raises(CredentialRefused):
            refresh_tokens(refresh=text, client=PHONE_CLIENT, at=NOW)
    end_family(refresh=pair.refresh, origin=PHONE_CLIENT.origin, at=NOW)
    with pytest.raises(CredentialRefused):
        end_family(refresh=pair.access, origin=PHONE_CLIENT.origin, at=NOW)


def test_an_old_refresh_token_expires(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = log_in(user)
    later = timezone.now() + dt.timedelta(days=31)
    monkeypatch.setattr("rest_framework_simplejwt.tokens.aware_utcnow", lambda: later)
    monkeypatch.setattr("jwt.api_jwt.datetime", type("Later", (dt.datetime,), {"now": classmethod(lambda _cls, _zone=None, **_: later)}))
    with pytest.raises(CredentialExpired):
        refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=later)


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_exactly_one_wins() -> None:
    user = make_user()
    pair = log_in(user)
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def renew() -> None:
        barrier.wait()
        try:
            refresh_tokens(refresh=pair.refresh, client=PHONE_CLIENT, at=timezone.now())
            outcomes.append("won")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"won": 1, "token_rotated": 7}
    assert TokenFamily.objects.get(user=user).revoked_at is None
