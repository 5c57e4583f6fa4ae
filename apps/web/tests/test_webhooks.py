"""The console of webhooks: an endpoint from its making to its end, what was sent to it, and how a program verifies."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.core.tests.talking_server import reply
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from apps.notifications.services.webhooks import dispatching, endpoints, signing
from apps.notifications.services.webhooks.attempting import Job, Outcome
from apps.notifications.tests.webhooks.receiver import make_delivery, make_endpoint, receiving, verified
from apps.web import webhook_samples
from apps.web.tests.signed_messages import cases

pytestmark = pytest.mark.django_db
HOME = "/fr/developpeurs/webhooks/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{20,}")
GOOD = {"url": "https://127.0.0.1/hook", "livemode": "live", "event_types": ["key.created", "payment.succeeded"]}


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


def new(client: Client, **fields: Any) -> Any:
    number = client.get(f"{HOME}nouvelle/").context["number"]
    return client.post(f"{HOME}nouvelle/", {"once": number, **GOOD, **fields})


def own_pages(row: WebhookDelivery) -> list[str]:
    one = f"{row.endpoint_id}/"
    return ["", "nouvelle/", one, f"{one}modifier/", f"{one}secret/", f"{one}supprimer/", f"{one}rejouer/", f"{one}envois/{row.pk}/"]


def shown(page: Any) -> str:
    """The text of a page, its entities read."""
    text: str = page.content.decode()
    return text.replace("&#x27;", "'").replace("\u00a0", " ").replace("\u202f", " ")


def test_it_works(client: Client, user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    with receiving(reply("200 OK", body=b"merci")) as receiver:
        page = new(client, url=receiver.url, description="La caisse")
        (secret,) = set(SECRET.findall(page.content.decode()))
        assert "no-store" in page["Cache-Control"]
        endpoint = WebhookEndpoint.objects.get(user=user)
        path = f"{HOME}{endpoint.pk}/"
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{path}essayer/")
        tried = shown(client.get(answer["Location"]))
        assert verified(secret, receiver.messages[0])["type"] == "webhook.test"
        assert "Remis" in tried
        assert "merci" in tried
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"{path}envois/{make_delivery(endpoint).pk}/rejouer/")
        assert len(receiver.messages) == 2
    listing = shown(client.get(HOME))
    assert "La caisse" in listing
    assert "dernier succès" in listing
    client.post(f"{path}etat/", {"state": "disabled"})
    assert "Activer" in shown(client.get(path))
    client.post(f"{path}etat/", {"state": "enabled"})
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.ENABLED
    assert client.post(f"{path}supprimer/")["Location"] == HOME
    assert not WebhookEndpoint.objects.exists()
    assert "Aucune adresse pour l’instant" in shown(client.get(HOME))


def test_every_page_in_both_languages(client: Client, user: User) -> None:
    row = make_delivery(make_endpoint(user=user)[0])
    for path in [*own_pages(row), "verifier/"]:
        french, english = client.get(HOME + path), client.get(HOME.replace("/fr/", "/en/") + path)
        assert (french.status_code, english.status_code) == (200, 200), path
        assert french.content != english.content, path
        assert "no-store" in french["Cache-Control"], path


def test_visitors_read_how_to_verify_and_nothing_else(client: Client) -> None:
    row = make_delivery(make_endpoint()[0])
    guide = client.get(f"{HOME}verifier/")
    assert guide.status_code == 200
    assert "noindex" not in guide.content.decode()
    for path in own_pages(row):
        assert "/login/" in client.get(HOME + path)["Location"], path


@pytest.mark.usefixtures("user")
def test_endpoints_of_others_do_not_exist(client: Client) -> None:
    row = make_delivery(make_endpoint()[0])
    for path in own_pages(row)[2:]:
        assert client.get(HOME + path).status_code == 404, path
    for path in ("etat/", "essayer/", "supprimer/", "secret/", "rejouer/", f"envois/{row.pk}/rejouer/"):
        assert client.post(f"{HOME}{row.endpoint_id}/{path}").status_code == 404, path
    assert WebhookEndpoint.objects.get().state == EndpointState.ENABLED


def test_a_delivery_of_another_endpoint_does_not_exist(client: Client, user: User) -> None:
    theirs, mine = make_delivery(make_endpoint()[0]), make_endpoint(user=user)[0]
    assert client.get(f"{HOME}{mine.pk}/envois/{theirs.pk}/").status_code == 404
    assert client.post(f"{HOME}{mine.pk}/envois/{theirs.pk}/rejouer/").status_code == 404


def test_a_secret_is_shown_once(client: Client, user: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    (secret,) = set(SECRET.findall(new(client).content.decode()))
    row = make_delivery(WebhookEndpoint.objects.get(user=user))
    for path in own_pages(row):
        assert secret not in client.get(HOME + path).content.decode(), path
    assert secret not in caplog.text
    assert not any(secret in str(cache.get(name)) for name in cache.keys("*"))  # type: ignore[attr-defined]


def test_a_form_sent_twice_makes_one_endpoint(client: Client, user: User) -> None:
    number = client.get(f"{HOME}nouvelle/").context["number"]
    client.post(f"{HOME}nouvelle/", {"once": number, **GOOD})
    again = client.post(f"{HOME}nouvelle/", {"once": number, **GOOD}, follow=True)
    assert not SECRET.search(again.content.decode())
    assert WebhookEndpoint.objects.filter(user=user).count() == 1


WRONG: dict[str, dict[str, Any]] = {
    "no_url": {"url": ""}, "private": {"url": "https://10.0.0.1/"}, "plain": {"url": "http://1.1.1.1/"}, "scheme": {"url": "javascript:x"},
    "no_events": {"event_types": []}, "unknown_event": {"event_types": ["rien"]}, "mode": {"livemode": "x"},
    "long": {"description": "x" * 201}, "bidi": {"description": "a\u202eb"},
}  # fmt: skip


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused_is_said_beside_the_field(client: Client, name: str) -> None:
    page = new(client, **WRONG[name])
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert not SECRET.search(page.content.decode())
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_and_its_secret_renewed(client: Client, user: User) -> None:
    endpoint, old = make_endpoint(user=user)
    path = f"{HOME}{endpoint.pk}/"
    client.post(f"{path}modifier/", {"url": "https://127.0.0.1/autre", "event_types": ["key.revoked"], "include_object": "on"})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.event_types, endpoint.include_object) == ("https://127.0.0.1/autre", ["key.revoked"], True)
    assert client.post(f"{path}modifier/", {"url": "https://10.0.0.1/", "event_types": ["key.revoked"]}).status_code == 422
    number = client.get(f"{path}secret/").context["number"]
    (new_secret,) = set(SECRET.findall(client.post(f"{path}secret/", {"once": number, "overlap": 3600}).content.decode()))
    assert new_secret != old
    assert endpoint.secrets.count() == 2
    assert client.post(f"{path}secret/", {"once": number, "overlap": 3600})["Location"] == path
    assert endpoint.secrets.count() == 2
    assert client.post(f"{path}secret/", {"once": "y", "overlap": 5}).status_code == 422


def test_deliveries_by_state_and_type_and_in_pages(client: Client, user: User) -> None:
    endpoint, _secret = make_endpoint(user=user)
    for number in range(30):
        make_delivery(endpoint, key=f"{number}:x", type="quota.reached" if number == 7 else "key.created")
    WebhookDelivery.objects.filter(type="quota.reached").update(state=WebhookState.FAILED, next_attempt_at=None)
    path = f"{HOME}{endpoint.pk}/"
    first = client.get(path)
    assert len(first.context["rows"]) == 25
    second = client.get(first.context["next"])
    assert len(second.context["rows"]) == 5
    assert client.get(second.context["previous"]).context["rows"] == first.context["rows"]
    for query in ("state=failed", "type=quota.reached", "state=failed&type=quota.reached", "type=quota.reached&fbclid=1"):
        assert len(client.get(f"{path}?{query}").context["rows"]) == 1, query
    assert "Aucun envoi de cette sorte" in shown(client.get(f"{path}?state=held"))
    for odd in ("state=x", "type=x", "cursor=x", "cursor=&state=%00", f"cursor={'9' * 500}"):
        assert client.get(f"{path}?{odd}").status_code == 200, odd


def test_a_page_says_why_and_when_again(client: Client, user: User) -> None:
    endpoint, _secret = make_endpoint(user=user)
    row, at = make_delivery(endpoint), now()
    for outcome in (("too_slow", None), ("redirect", 302), ("status", 500), ("internal", None), ("tls_failed", None)):
        error, status = outcome
        job = Job(row.pk, endpoint.pk, row.type, endpoint.url, b"{}", ("x",))
        dispatching.note(Outcome(job, status, error, "<script>alert(1)</script>", 12), at=at)
    page = shown(client.get(f"{HOME}{endpoint.pk}/envois/{row.pk}/"))
    for words in ("trop de temps", "302 · Elle renvoie ailleurs", ">500<", "Erreur de notre côté", "certificat", "12 ms"):
        assert words in page, words
    assert "<script>alert(1)" not in page
    assert "Prochain essai" in page
    assert "5 échecs de suite" in shown(client.get(f"{HOME}{endpoint.pk}/"))


def test_a_range_is_replayed(client: Client, user: User) -> None:
    endpoint, _secret = make_endpoint(user=user)
    at = now()
    make_delivery(endpoint, at=at - dt.timedelta(hours=2), state=WebhookState.FAILED, next_attempt_at=None, failures=10)
    path = f"{HOME}{endpoint.pk}/rejouer/"
    here = timezone.localtime(at)
    span = {"since": f"{here - dt.timedelta(hours=3):%Y-%m-%dT%H:%M}", "until": f"{here:%Y-%m-%dT%H:%M}"}
    assert "1 message repart." in shown(client.post(path, span, follow=True))
    assert "Rien à rejouer" in shown(client.post(path, span, follow=True))
    for wrong in ({}, {**span, "since": "hier"}, {"since": span["until"], "until": span["since"]}, {**span, "until": "99999-01-01"}):
        assert client.post(path, wrong).status_code == 422, wrong
    for odd in ({**span, "since": "0001-01-01"}, {**span, "until": "9999-12-31"}):
        assert client.post(path, odd).status_code == 302, odd
    endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
    assert "activez-la" in shown(client.post(path, span))


def test_statements(client: Client, user: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _number in range(4):
        endpoint, _secret = make_endpoint(user=user)
        for number in range(10):
            row = make_delivery(endpoint, key=f"{number}:x")
            WebhookAttempt.objects.create(delivery=row, at=now(), status=500, error="status")
    client.get(HOME)
    for path, most in (("", 7), ("nouvelle/", 5), (f"{endpoint.pk}/", 8), (f"{endpoint.pk}/envois/{row.pk}/", 9), ("verifier/", 5)):
        with django_assert_max_num_queries(most):
            assert client.get(HOME + path).status_code == 200


def test_the_python_sample_verifies() -> None:
    program: dict[str, Any] = {}
    exec(webhook_samples.PYTHON, program)  # noqa: S102  the page's own text is what is tested
    secret = signing.new_secret()
    for name, headers, body, is_good in cases(secret):
        assert program["verify"](secret, headers, body) is is_good, name
