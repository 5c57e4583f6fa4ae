"""The developer portal in Chromium: readable by everybody, and a key from its making to its end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import ApiUsage, User
from apps.accounts.services.usage import flush_usage
from apps.accounts.tests.factories import make_key
from apps.accounts.tests.oauth.partner import make_partner
from apps.core.clock import now
from apps.notifications.choices import WebhookState
from apps.notifications.models import WebhookAttempt
from apps.notifications.tests.webhooks.receiver import make_delivery, make_endpoint, receiving, verified
from tests.browser.looking import READERS, faults
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]
HOME = "/fr/developpeurs/"


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


def make_developer() -> tuple[User, list[str]]:
    """A person with a key and a month of calls, and the paths of all pages."""
    user = make_person()
    key, _secret = make_key(user, name="Site web")
    today = timezone.localdate()
    for number in range(30):
        ApiUsage.objects.create(
            user=user, key=key, day=today - dt.timedelta(days=number), operation="resource_list",
            calls=number * 7 % 40, units=number * 7 % 40, refused=number % 3, errors=number % 2,
        )  # fmt: skip
    application = make_partner(owner=user).application
    pages = [
        "",
        f"applications/{application.pk}/",
        f"applications/{application.pk}/supprimer/",
        "applications/",
        "applications/nouvelle/",
    ]
    pages += make_webhooks(user)
    pages += ["guide/", "cles/", "cles/nouvelle/", f"cles/{key.pk}/", f"cles/{key.pk}/renouveler/", f"cles/{key.pk}/revoquer/", "usage/"]
    return user, pages


def make_webhooks(user: User) -> list[str]:
    """Two endpoints, one of which fails, with what was sent there; the paths of their pages."""
    at = now()
    good, _secret = make_endpoint("https://caisse.exemple.cm/webhooks", user=user, include_object=True, last_success_at=at)
    bad, _secret = make_endpoint(
        "https://application-mobile.exemple.cm/webhooks/romapi?clef=tres-longue", user=user, types=["resource.updated"], failures=7,
        failing_since=at - dt.timedelta(hours=9), livemode=False,
    )  # fmt: skip
    rows = [make_delivery(endpoint, key=f"{number}:x") for endpoint in (good, bad) for number in range(4)]
    for row, (status, error) in zip(rows, [(204, ""), (302, "redirect"), (None, "too_slow"), (500, "status")] * 2, strict=True):
        answer = "<h1>Erreur</h1>\n" + "x" * 300
        WebhookAttempt.objects.create(delivery=row, at=at, status=status, error=error, answer=answer, duration_ms=1431)
        states = {204: WebhookState.DELIVERED, 500: WebhookState.FAILED}
        row.state, row.tries, row.last_status, row.last_error = states.get(status or 0, WebhookState.PENDING), 1, status, error
        row.delivered_at = at if status == 204 else None
        row.next_attempt_at = at + dt.timedelta(minutes=30) if row.state == WebhookState.PENDING else None
        row.save()
    one = f"webhooks/{bad.pk}/"
    return [
        "webhooks/", "webhooks/nouvelle/", "webhooks/verifier/", f"webhooks/{good.pk}/", f"webhooks/{good.pk}/?state=held", one,
        f"{one}modifier/", f"{one}secret/", f"{one}supprimer/", f"{one}rejouer/", f"{one}envois/{rows[-1].pk}/",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), READERS)
def test_pages_are_accessible(page: Page, live_server: LiveServer, console: list[str], width: int, language: str) -> None:
    _user, paths = make_developer()
    page.set_viewport_size({"width": width, "height": 900})
    home = f"{live_server.url}/{language}/developpeurs/"
    found: dict[str, list[str]] = {}

    def look(path: str) -> None:
        page.goto(home + path)
        found[path] = faults(page)

    def send(path: str, name: str) -> None:
        page.goto(home + path)
        page.locator("#content form[method=post], main form[method=post]").last.evaluate("form => { form.noValidate = true }")
        page.locator("main [name=name]").fill(name)
        page.locator("main form[method=post] [type=submit]").last.click()
        page.wait_for_load_state()
        found[f"{path} {name}"] = faults(page)

    look("")
    log_in(page, live_server, HOME)
    for path in paths:
        look(path)
    send("cles/nouvelle/", "")
    send("cles/nouvelle/", "Site web 2")
    expect(page.locator("#cle")).to_be_visible()
    send("applications/nouvelle/", "")
    assert {path: rules for path, rules in found.items() if rules} == {}
    assert [text for text in console if "422" not in text] == []


def test_a_key_from_its_making_to_its_end(page: Page, live_server: LiveServer) -> None:
    make_person()
    log_in(page, live_server, HOME)
    page.get_by_role("link", name="Créer une clé").click()
    page.get_by_label("Nom", exact=True).fill("Site web")
    page.get_by_role("button", name="Créer la clé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clé créée")
    secret = page.locator("#cle").inner_text().strip()
    assert secret in page.locator("#code-curl").inner_text()
    answer = page.request.get(f"{live_server.url}/api/v1/me/limits", headers={"X-API-Key": secret})
    assert answer.json()["caller"] == "api_key"
    page.reload()
    expect(page.locator("body")).not_to_contain_text(secret)
    flush_usage(at=now())
    page.goto(f"{live_server.url}{HOME}usage/")
    expect(page.get_by_role("img", name="1 appel répondu.")).to_be_visible()
    page.get_by_role("link", name="Clés d’API").click()
    page.get_by_role("link", name="Révoquer").click()
    page.get_by_role("button", name="Révoquer la clé").click()
    expect(page.get_by_role("status").first).to_contain_text("est révoquée")
    assert page.request.get(f"{live_server.url}/api/v1/me/limits", headers={"X-API-Key": secret}).status == 401


def test_a_webhook_from_its_making_to_its_end(page: Page, live_server: LiveServer) -> None:
    make_person()
    log_in(page, live_server, f"{HOME}webhooks/")
    with receiving() as receiver:
        page.get_by_role("link", name="Ajouter une adresse").click()
        page.get_by_label("Adresse", exact=True).fill(receiver.url)
        page.get_by_label("key.created").check()
        page.get_by_role("button", name="Ajouter l’adresse").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Adresse créée")
        secret = page.locator("#secret").inner_text().strip()
        page.get_by_role("link", name="C’est noté").click()
        page.get_by_role("button", name="Envoyer un essai").click()
        expect(page.locator("#envoi")).to_contain_text("Remis")
        assert verified(secret, receiver.messages[0])["type"] == "webhook.test"
    expect(page.locator("body")).not_to_contain_text(secret)
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="127.0.0.1").click()
    page.get_by_role("link", name="Supprimer").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Supprimer l’adresse").click()
    expect(page.get_by_role("heading", name="Aucune adresse pour l’instant")).to_be_visible()
