"""The way in and the account pages, walked as a visitor walks them."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import SecurityEvent, User
from apps.accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "un mot de passe de phrase"
NEW = {
    "user_type": "individual", "name": "Awa Ngo", "company_name": "", "email": "awa@exemple.cm", "phone": "", "password1": PASSWORD,
    "website": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


def person(**fields: Any) -> User:
    """Somebody with a confirmed address and a password."""
    user = make_user(**{"email": "awa@exemple.cm", "name": "Awa Ngo", **fields})
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def log_in(client: Client, email: str = "awa@exemple.cm", password: str = PASSWORD) -> Any:
    return client.post("/fr/compte/login/", {"login": email, "password": password})


def prove_again(client: Client) -> None:
    """Give the password once more, as pages ask that touch the account's safety."""
    client.post("/fr/compte/reauthenticate/", {"password": PASSWORD})


def link_in_mail() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def kinds(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True))


def test_register_confirm_and_arrive(client: Client) -> None:
    response = client.post("/fr/compte/signup/", NEW)
    assert response["Location"] == "/fr/compte/confirm-email/"
    user = User.objects.get(email="awa@exemple.cm")
    assert (user.user_type, user.api_quota, user.pricing_tier, user.language) == ("individual", 1000, "standard", "fr")
    assert client.get("/fr/compte/")["Location"].startswith("/fr/compte/login/")
    link = link_in_mail()
    assert "Confirmer" in client.get(link).content.decode()
    assert not EmailAddress.objects.get().verified, "a mail scanner that follows the link confirms nothing"
    assert client.post(link)["Location"] == "/fr/compte/"
    assert client.get("/fr/compte/").status_code == 200
    assert kinds(user) == [SecurityEventKind.REGISTERED, SecurityEventKind.EMAIL_VERIFIED, SecurityEventKind.LOGGED_IN]


def test_a_company_registers_with_its_name_and_quota(client: Client) -> None:
    form = {**NEW, "user_type": "business"}
    assert "raison sociale" in client.post("/fr/compte/signup/", form).content.decode()
    client.post("/en/compte/signup/", {**form, "company_name": "Ngo et fils"})
    user = User.objects.get()
    assert (user.company_name, user.api_quota, user.pricing_tier, user.language) == ("Ngo et fils", 2000, "business", "en")
    assert "Confirm your address" in mail.outbox[0].subject


def test_nobody_learns_which_addresses_have_an_account(client: Client) -> None:
    person()
    for email in ("awa@exemple.cm", "AWA@exemple.cm", "nobody@exemple.cm"):
        other = Client()
        response = other.post("/fr/compte/signup/", {**NEW, "email": email})
        assert (response.status_code, response["Location"]) == (302, "/fr/compte/confirm-email/")
        assert other.get(response["Location"]).content.count(b"messagerie") > 0
    assert [message.subject for message in mail.outbox] == [
        "Vous avez déjà un compte Ecosyste", "Confirmez votre adresse pour ouvrir votre compte Ecosyste",
    ], "and one mail, not one for each try"  # fmt: skip
    assert User.objects.count() == 2
    for email in ("awa@exemple.cm", "stranger@exemple.cm"):
        assert client.post("/fr/compte/password/reset/", {"email": email})["Location"] == "/fr/compte/password/reset/done/"
    wrong = [re.sub(r'(csrf\w+" value="|value=")[^"]*"', "", log_in(Client(), email, "faux mot de passe").content.decode())
             for email in ("awa@exemple.cm", "stranger@exemple.cm")]  # fmt: skip
    assert wrong[0] == wrong[1]


@pytest.mark.parametrize(
    "email",
    ["a@exemple.cm\r\nBcc: eve@exemple.cm", "аwa@exemple.cm", "awa@exemple.cm ,eve@exemple.cm", "awa\u202e@exemple.cm", "awa@exémple.cm",
     "a" * 250 + "@exemple.cm", '"a b"@exemple.cm@x', "awa\x00@exemple.cm"],
)  # fmt: skip
def test_addresses_that_lie_are_refused(client: Client, email: str) -> None:
    response = client.post("/fr/compte/signup/", {**NEW, "email": email})
    assert response.status_code == 200
    assert not User.objects.exists()
    assert mail.outbox == []


def test_a_program_that_fills_every_field_gets_no_account(client: Client) -> None:
    assert client.post("/fr/compte/signup/", {**NEW, "website": "https://mal.exemple"})["Location"] == "/fr/compte/confirm-email/"
    assert not User.objects.exists()


def test_nobody_makes_himself_staff(client: Client) -> None:
    client.post("/fr/compte/signup/", {**NEW, "is_staff": "on", "plan": "enterprise", "api_quota": "999999", "is_superuser": "1"})
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.plan, user.api_quota) == (False, False, "free", 1000)
    assert "user_type" in client.post("/fr/compte/signup/", {**NEW, "email": "b@exemple.cm", "user_type": "admin"}).context["form"].errors


def test_an_unconfirmed_address_does_not_log_in(client: Client) -> None:
    person()
    EmailAddress.objects.update(verified=False)
    assert log_in(client)["Location"] == "/fr/compte/confirm-email/"
    assert client.get("/fr/compte/").status_code == 302
    assert "activate" in link_in_mail() or "confirm-email" in link_in_mail()


def test_thousands_of_wrong_passwords(client: Client) -> None:
    user = person()
    answers = [log_in(client, password="faux mot de passe") for _number in range(12)]
    assert "Trop" in answers[-1].content.decode()
    assert "Trop" in log_in(client).content.decode(), "the right one is refused, too, for a while"
    assert kinds(user).count(SecurityEventKind.LOGIN_FAILED) == 1


def test_a_new_password_by_mail(client: Client) -> None:
    user = person()
    elsewhere = Client()
    log_in(elsewhere)
    client.post("/fr/compte/password/reset/", {"email": "awa@exemple.cm"})
    first = client.get(link_in_mail())
    form = first["Location"]
    assert "password1" in client.get(form).content.decode()
    client.post(form, {"password1": "une autre phrase longue", "password2": "une autre phrase longue"})
    assert elsewhere.get("/fr/compte/").status_code == 302, "a stolen session ends with the old password"
    assert log_in(Client(), password="une autre phrase longue")["Location"] == "/fr/compte/"
    assert SecurityEventKind.PASSWORD_RESET in kinds(user)
    assert "expiré" in Client().get(link_in_mail(), follow=True).content.decode(), "a link works once"


def test_a_stolen_session_ends_when_the_password_changes(client: Client) -> None:
    person()
    thief = Client()
    log_in(thief)
    log_in(client)
    form = {"oldpassword": PASSWORD, "password1": "une autre phrase longue", "password2": "une autre phrase longue"}
    client.post("/fr/compte/password/change/", form)
    assert client.get("/fr/compte/").status_code == 200
    assert thief.get("/fr/compte/").status_code == 302


def test_the_address_changes_when_the_new_one_is_confirmed(client: Client) -> None:
    user = person()
    log_in(client)
    assert client.post("/fr/compte/email/", {"email": "awa@ailleurs.cm", "action_add": "1"})["Location"].startswith(
        "/fr/compte/reauthenticate/"
    )
    prove_again(client)
    page = client.post("/fr/compte/email/", {"email": "awa@ailleurs.cm", "action_add": "1"}, follow=True)
    assert "awa@ailleurs.cm" in page.content.decode()
    user.refresh_from_db()
    assert user.email == "awa@exemple.cm"
    client.post(link_in_mail())
    user.refresh_from_db()
    assert user.email == "awa@ailleurs.cm"
    assert SecurityEventKind.EMAIL_CHANGED in kinds(user)


def test_a_second_factor_is_asked_for(client: Client) -> None:
    user = person()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    assert log_in(client)["Location"].startswith("/fr/compte/second-facteur/authenticate/")
    assert client.get("/fr/compte/").status_code == 302, "half a log-in is none"
    page = "/fr/compte/second-facteur/authenticate/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"code": "000000"}).status_code == 200
    codes = RecoveryCodes.activate(user).get_unused_codes()
    assert client.post(page, {"code": codes[0]})["Location"] == "/fr/compte/"
    assert client.get("/fr/compte/").status_code == 200


def test_secrets_of_second_factors_are_encrypted(client: Client) -> None:
    person()
    log_in(client)
    prove_again(client)
    page = client.get("/fr/compte/second-facteur/totp/activate/")
    secret = page.context["form"].secret
    code = totp.format_hotp_value(next(iter(totp.hotp_value(secret, counter) for counter in totp.yield_hotp_counters_from_time())))
    assert client.post("/fr/compte/second-facteur/totp/activate/", {"code": code}).status_code == 302
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert "Active" in client.get("/fr/compte/second-facteur/").content.decode()


def test_log_in_returns_to_our_pages_only() -> None:
    person()
    for address, expected in (("/fr/credits/", "/fr/credits/"), ("https://mal.exemple/", "/fr/compte/"), ("//mal.exemple", "/fr/compte/")):
        other = Client()
        response = other.post(
            f"/fr/compte/login/?next={urllib.parse.quote(address)}", {"login": "awa@exemple.cm", "password": PASSWORD, "next": address}
        )
        assert response["Location"] == expected


FORMS = (
    "/fr/compte/login/", "/fr/compte/signup/", "/fr/compte/logout/", "/fr/compte/password/reset/", "/fr/compte/", "/fr/compte/telephone/",
    "/fr/compte/telephone/code/", "/fr/compte/telephone/retirer/", "/fr/compte/appareils/1/deconnecter/",
    "/fr/compte/appareils/autres/deconnecter/", "/fr/compte/donnees/archive/", "/fr/compte/donnees/supprimer/",
    "/fr/compte/donnees/garder/", "/fr/compte/email/", "/fr/compte/password/change/",
    "/fr/compte/second-facteur/totp/activate/", "/fr/compte/second-facteur/recovery-codes/generate/", "/fr/compte/reauthenticate/",
)  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_every_form_wants_its_token(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person())
    assert client.post(path, {}).status_code == 403


PAGES = (
    "/fr/compte/login/", "/fr/compte/signup/", "/fr/compte/password/reset/", "/fr/compte/password/reset/done/", "/fr/compte/confirm-email/",
    "/fr/compte/confirm-email/nothing/", "/fr/compte/password/reset/key/1-nothing/", "/fr/compte/inactive/",
)  # fmt: skip
OWN = (
    "/fr/compte/", "/fr/compte/telephone/code/", "/fr/compte/securite/", "/fr/compte/appareils/", "/fr/compte/donnees/",
    "/fr/compte/email/", "/fr/compte/password/change/", "/fr/compte/second-facteur/", "/fr/compte/second-facteur/totp/activate/",
    "/fr/compte/second-facteur/webauthn/add/", "/fr/compte/second-facteur/webauthn/", "/fr/compte/logout/", "/fr/compte/reauthenticate/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_way_in(client: Client, path: str) -> None:
    french, english = client.get(path), client.get(path.replace("/fr/", "/en/"))
    for response in (french, english):
        assert response.status_code in {200, 400}, response
        html = response.content.decode()
        assert 'name="robots" content="noindex"' in html
        assert html.count("<h1") == 1
        assert "hreflang" in html
    assert re.search("<h1.*?</h1>", french.content.decode()) != re.search("<h1.*?</h1>", english.content.decode())


@pytest.mark.parametrize("path", OWN)
def test_pages_of_the_account(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    person()
    log_in(client)
    prove_again(client)
    response = client.get(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.decode().count("<h1") == 1


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/fr/compte/", 4), ("/fr/compte/securite/", 6), ("/fr/compte/appareils/", 8), ("/fr/compte/donnees/", 5),
        ("/fr/compte/messages/", 5), ("/fr/compte/messages/preferences/", 5),
    ],
)  # fmt: skip
def test_statements_of_account_pages(client: Client, path: str, most: int, django_assert_max_num_queries: Callable[..., Any]) -> None:
    person()
    log_in(client)
    client.get(path)
    with django_assert_max_num_queries(most):
        client.get(path)
