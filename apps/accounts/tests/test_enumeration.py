"""Nobody learns from the way in which addresses have an account: neither from its words nor from the time it takes.

What takes time is hashing a password: it is counted, for time itself would depend on the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db
WRONG = "pas le bon mot de passe"
NEW = {"user_type": "individual", "name": "Awa Ngo", "company_name": "", "phone": "", "password1": WRONG, "website": ""}


def page_login(email: str) -> object:
    return Client().post("/fr/compte/login/", {"login": email, "password": WRONG})


def page_signup(email: str) -> object:
    return Client().post("/fr/compte/signup/", {**NEW, "email": email})


def page_reset(email: str) -> object:
    return Client().post("/fr/compte/password/reset/", {"email": email})


def api_login(email: str) -> object:
    return Client().post("/api/v1/auth/login", json.dumps({"email": email, "password": WRONG}), "application/json")


def api_register(email: str) -> object:
    body = {"email": email, "password": WRONG, "name": "Awa Ngo"}
    return Client().post("/api/v1/auth/register", json.dumps(body), "application/json")


def somebody(email: str, **fields: object) -> User:
    user = make_user(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """One entry for each password that is hashed."""
    counted: list[int] = []
    real = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        counted.append(1)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    cache.clear()
    yield counted
    cache.clear()


@pytest.mark.parametrize(
    ("way", "hashes", "mails"), [(page_login, 1, 0), (api_login, 1, 0), (page_signup, 1, 1), (api_register, 1, 1), (page_reset, 0, 1)]
)
def test_every_address_takes_the_same_work(hashed: list[int], way: Callable[[str], object], hashes: int, mails: int) -> None:
    somebody("connue@exemple.cm")
    somebody("fermee@exemple.cm", is_active=False)
    User.objects.filter(pk=somebody("sans@exemple.cm").pk).update(password="!rien")
    somebody("attend@exemple.cm").emailaddress_set.update(verified=False)  # type: ignore[attr-defined]  # allauth's
    del hashed[:]
    for email in ("connue@exemple.cm", "inconnue@exemple.cm", "fermee@exemple.cm", "sans@exemple.cm", "attend@exemple.cm"):
        mail.outbox.clear()
        way(email)
        assert (email, len(hashed), len(mail.outbox)) == (email, hashes, mails)
        del hashed[:]
