"""Opening an account, keeping it safe and leaving it, in Chromium on a phone."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from tests.browser.looking import READERS, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]

PASSWORD = "un mot de passe de phrase"
ENTRANCE = ("login/", "signup/", "password/reset/", "password/reset/done/", "confirm-email/", "confirm-email/rien/", "inactive/")
OWN = (
    "", "messages/", "messages/preferences/", "securite/", "appareils/", "recherches/", "recherches/nouvelle/?q=hotel", "applications/",
    "donnees/", "email/",
    "password/change/", "second-facteur/", "second-facteur/totp/activate/",
    "second-facteur/webauthn/add/", "second-facteur/webauthn/", "telephone/code/", "logout/", "reauthenticate/",
)  # fmt: skip
SECOND_FACTOR = (
    "second-facteur/", "second-facteur/recovery-codes/", "second-facteur/recovery-codes/generate/", "second-facteur/totp/deactivate/",
    "second-facteur/reauthenticate/", "securite/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


def link_in_mail() -> str:
    found = re.search(r"http://\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def make_person() -> User:
    user = User.objects.create_user("awa@exemple.cm", PASSWORD, name="Awa Ngo")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def log_in(page: Page, server: LiveServer, way: str = "/fr/compte/") -> None:
    page.goto(f"{server.url}/fr/compte/login/?next={way}")
    page.get_by_label("Adresse e-mail").fill("awa@exemple.cm")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def prove_again(page: Page) -> None:
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()


@pytest.mark.parametrize(("language", "width"), READERS)
def test_pages_are_accessible(page: Page, live_server: LiveServer, console: list[str], width: int, language: str) -> None:
    make_person()
    page.set_viewport_size({"width": width, "height": 900})
    home = f"{live_server.url}/{language}/compte/"
    found: dict[str, list[str]] = {}

    def look(path: str) -> None:
        page.goto(home + path)
        found[path] = faults(page)

    def refuse(path: str, **values: str) -> None:
        page.goto(home + path)
        for name, value in values.items():
            page.locator(f"main [name={name}]").first.fill(value)
        # What the browser would hold back is sent, and comes back with its errors.
        page.locator(f"main [name={next(iter(values))}]").first.evaluate(
            "({form}) => { form.noValidate = true; form.requestSubmit(form.querySelector('[type=submit]')) }"
        )
        page.wait_for_load_state()
        expect(page.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()
        found[f"{path} refused"] = faults(page)

    for path in ENTRANCE:
        look(path)
    refuse("login/", login="awa@exemple.cm", password="faux")
    refuse("signup/", email="pas une adresse")
    refuse("password/reset/", email="pas une adresse")
    log_in(page, live_server, "/fr/compte/reauthenticate/")
    prove_again(page)
    for path in OWN:
        look(path)
    refuse("", name="")
    refuse("email/", email="pas une adresse")
    refuse("password/change/", oldpassword="faux", password1="court", password2="autre")
    refuse("second-facteur/totp/activate/", code="000000")
    assert {path: rules for path, rules in found.items() if rules} == {}
    assert [text for text in console if "400" not in text and "422" not in text] == []


@pytest.mark.parametrize(("language", "width"), READERS)
def test_pages_of_a_second_factor_are_accessible(
    page: Page, live_server: LiveServer, console: list[str], width: int, language: str
) -> None:
    person = make_person()
    page.set_viewport_size({"width": width, "height": 900})
    found: dict[str, list[str]] = {}

    def look(path: str) -> None:
        page.goto(f"{live_server.url}/{language}/compte/{path}")
        found[path] = faults(page)

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    log_in(page, live_server, f"/{language}/compte/")
    page.wait_for_url("**/authenticate/**")
    found["asked for"] = faults(page)
    page.locator("input[name=code]").first.fill(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))))
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(f"**/{language}/compte/")
    for path in SECOND_FACTOR:
        look(path)
    assert {path: rules for path, rules in found.items() if rules} == {}
    assert console == []


def test_a_search_is_kept_renamed_removed_and_taken_back(page: Page, live_server: LiveServer, console: list[str]) -> None:
    make_person()
    page.goto(f"{live_server.url}/fr/recherche/?q=hotel&open_now=1")
    page.get_by_role("link", name="Enregistrer cette recherche").click()
    page.get_by_label("Adresse e-mail").fill("awa@exemple.cm")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enregistrer une recherche")
    page.get_by_label("Nom").fill("Dormir ce soir")
    page.get_by_role("button", name="Enregistrer").click()
    row = page.locator("li.row")
    expect(row).to_contain_text("Dormir ce soir")
    row.locator("summary").click()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults(page) == [], width
    row.get_by_label("Nom").fill("Hôtels ouverts")
    row.get_by_role("button", name="Enregistrer le nom").click()
    expect(row).to_contain_text("Hôtels ouverts")
    row.get_by_role("button", name="Retirer Hôtels ouverts").click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="est retirée")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Annuler le retrait").click()
    row.get_by_role("link", name="Relancer Hôtels ouverts").click()
    expect(page).to_have_url(f"{live_server.url}/fr/recherche/?q=hotel&open_now=1")
    assert console == []


def test_register_on_a_phone(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/fr/compte/signup/")
    expect(page.get_by_label("Raison sociale")).to_be_hidden()
    page.get_by_label("Entreprise").check()
    page.get_by_label("Raison sociale").fill("Ngo et fils")
    page.get_by_label("Votre nom").fill("Awa Ngo")
    page.get_by_label("Adresse e-mail").fill("awa@exemple.cm")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ouvrez votre messagerie")
    page.goto(link_in_mail())
    page.get_by_role("button", name="Oui, confirmer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(f"{live_server.url}/fr/compte/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")


def test_a_passkey_opens_the_account(page: Page, live_server: LiveServer) -> None:
    make_person()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    server = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{server}/fr/compte/login/?next=/fr/compte/second-facteur/webauthn/add/")
    page.get_by_label("Adresse e-mail").fill("awa@exemple.cm")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    prove_again(page)
    page.locator("input[name=passwordless]").check()
    page.get_by_role("button", name="Ajouter").click()
    page.wait_for_url("**/recovery-codes/**")
    page.context.clear_cookies()
    page.goto(f"{server}/fr/compte/login/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
