"""The developer portal: who sees what, a secret shown once, forms that cannot be sent twice, links that end a key."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import re
import uuid
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts import keys
from apps.accounts.keys import revocation_token
from apps.accounts.models import ApiKey, ApiUsage, User
from apps.accounts.selectors.usage import usage_report
from apps.accounts.services.keys import revoke_key
from apps.accounts.services.usage import add_usage
from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.models import ApiLatency
from apps.analytics.selectors.latency import api_latency
from apps.core.charts import Point, scale, stacked_bars
from apps.web.usage_figures import speed_words, usage_chart

pytestmark = pytest.mark.django_db
HOME = "/fr/developpeurs/"
OPEN = ("", "guide/", "cles/revoquer/rien/")
SECRET = re.compile(r"romapi_(?:live|test)_\w{20,}")


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


def new_key(client: Client, **fields: object) -> str:
    form = client.get(f"{HOME}cles/nouvelle/")
    body = {"once": form.context["number"], "name": "Site web", "livemode": "live", "scopes": ["resources:read"], **fields}
    return client.post(f"{HOME}cles/nouvelle/", body).content.decode()


def own_pages(key: ApiKey) -> list[str]:
    return [
        "cles/",
        "cles/nouvelle/",
        f"cles/{key.pk}/",
        f"cles/{key.pk}/renouveler/",
        f"cles/{key.pk}/revoquer/",
        "usage/",
        "usage/usage.csv",
    ]


def test_every_page_in_both_languages(client: Client, user: User) -> None:
    key, _secret = make_key(user)
    for path in ["", "guide/", *own_pages(key)]:
        french, english = client.get(HOME + path), client.get(HOME.replace("/fr/", "/en/") + path)
        assert (french.status_code, english.status_code) == (200, 200), path
        assert "no-store" in french["Cache-Control"], path
        if not path.endswith("csv"):
            assert french.content != english.content, path


def test_visitors_read_the_guide_and_nothing_else(client: Client) -> None:
    key, _secret = make_key(make_user())
    page = client.get(HOME)
    assert page.status_code == 200
    assert "curl" in page.content.decode()
    assert client.get(f"{HOME}guide/")["Location"] == HOME
    for path in own_pages(key):
        assert "/login/" in client.get(HOME + path)["Location"], path


def test_a_secret_is_shown_once(client: Client, user: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = new_key(client)
    found = set(SECRET.findall(page))
    assert len(found) == 1, "the key, and the same one in the samples"
    secret = found.pop()
    assert client.get("/api/v1/me/limits", headers={"X-API-Key": secret}).json()["caller"] == "api_key"
    key = ApiKey.objects.get(user=user)
    for path in ["", *own_pages(key)]:
        assert secret not in client.get(HOME + path).content.decode(), path
    assert secret not in caplog.text
    assert secret not in str(dict(client.session))
    assert not any(secret in str(cache.get(name)) for name in cache.keys("*"))  # type: ignore[attr-defined]


def test_a_form_sent_twice_makes_one_key(client: Client, user: User) -> None:
    number = client.get(f"{HOME}cles/nouvelle/").context["number"]
    body = {"once": number, "name": "Site web", "livemode": "live", "scopes": ["resources:read"]}
    client.post(f"{HOME}cles/nouvelle/", body)
    again = client.post(f"{HOME}cles/nouvelle/", body, follow=True)
    assert not SECRET.search(again.content.decode())
    assert ApiKey.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 200},
        {"name": "a\u202eb"},
        {"livemode": "maybe"},
        {"scopes": []},
        {"scopes": ["ingest:write"]},
        {"rate_limit": "0"},
        {"rate_limit": "99999999"},
        {"rate_limit": "x"},
        {"last_day": "2001-01-01"},
        {"last_day": "9999-12-31"},
        {"last_day": "hier"},
        {"ip_allow": "n'importe quoi"},
        {"ip_allow": "203.0.113.7\n" * 3 + "999.1.1.1"},
        {"ip_allow": "\n".join(f"203.0.113.{number}" for number in range(60))},
    ],
)
def test_what_is_refused_is_said_beside_the_field(client: Client, user: User, wrong: dict[str, object]) -> None:
    page = new_key(client, **wrong)
    assert f'id="id_{next(iter(wrong))}_error' in page or "<legend" in page
    assert 'role="alert"' in page
    assert not SECRET.search(page)
    assert not ApiKey.objects.filter(user=user).exists()


def test_a_corrected_form_may_be_sent(client: Client, user: User) -> None:
    for _number in range(ApiKey.objects.count(), 200):
        try:
            make_key(user)
        except Exception:  # noqa: BLE001  the limit of the account, whatever it is
            break
    number = client.get(f"{HOME}cles/nouvelle/").context["number"]
    body = {"once": number, "name": "Une de trop", "livemode": "live", "scopes": ["resources:read"]}
    assert client.post(f"{HOME}cles/nouvelle/", body).status_code == 422
    revoke_key(user=user, key_id=ApiKey.objects.filter(user=user).first().pk, at=timezone.now())  # type: ignore[union-attr]
    assert SECRET.search(client.post(f"{HOME}cles/nouvelle/", body).content.decode())


def test_a_key_is_changed_replaced_and_ended(
    client: Client, user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    key, secret = make_key(user)
    path = f"{HOME}cles/{key.pk}/"
    kept = {"name": "Autre nom", "scopes": key.permissions, "rate_limit": key.rate_limit}
    assert client.post(path, kept)["Location"] == f"{HOME}cles/"
    key.refresh_from_db()
    assert key.name == "Autre nom"
    number = client.get(f"{path}renouveler/").context["number"]
    page = client.post(f"{path}renouveler/", {"once": number, "overlap": 3600}).content.decode()
    assert SECRET.search(page)
    assert client.get("/api/v1/me/limits", headers={"X-API-Key": secret}).status_code == 200, "both work for an hour"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{path}revoquer/")["Location"] == f"{HOME}cles/"
    assert client.get("/api/v1/me/limits", headers={"X-API-Key": secret}).status_code == 401


@pytest.mark.usefixtures("user")
def test_keys_of_others_do_not_exist(client: Client) -> None:
    theirs, _secret = make_key(make_user())
    for path in own_pages(theirs)[2:5]:
        assert client.get(HOME + path).status_code == 404
        assert client.post(HOME + path).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_active


def test_every_form_wants_its_token(user: User) -> None:
    key, _secret = make_key(user)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    token = revocation_token(key_id=key.pk, user_id=user.pk)
    for path in [*own_pages(key)[1:5], f"cles/revoquer/{token}/"]:
        assert strict.post(HOME + path).status_code == 403, path
    key.refresh_from_db()
    assert key.is_active


def test_a_link_of_a_mail_ends_a_key_when_confirmed(client: Client) -> None:
    owner = make_user()
    key, _secret = make_key(owner)
    path = f"{HOME}cles/revoquer/{revocation_token(key_id=key.pk, user_id=owner.pk)}/"
    asked = client.get(path)
    key.refresh_from_db()
    assert (asked.status_code, asked["Referrer-Policy"], key.is_active) == (200, "no-referrer", True), "scanners of mails open links"
    assert client.post(path).status_code == 200
    key.refresh_from_db()
    assert not key.is_active
    assert "déjà révoquée" in client.get(path).content.decode()


def test_links_that_end_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_user()
    key, _secret = make_key(owner)
    good = revocation_token(key_id=key.pk, user_id=owner.pk)
    elsewhere = revocation_token(key_id=key.pk, user_id=make_user().pk)
    for token in (good[:-1], good + "x", elsewhere, "a", "%00", "x" * 3000):
        assert client.post(f"{HOME}cles/revoquer/{token}/").status_code in {400, 404}, token[:40]
    monkeypatch.setattr(keys, "REVOKE_MAX_AGE_S", -1)
    assert client.post(f"{HOME}cles/revoquer/{good}/").status_code == 410
    key.refresh_from_db()
    assert key.is_active


def test_usage_tells_how_fast_calls_were(client: Client, user: User) -> None:
    key, _secret = make_key(user, name="Site web")
    at = timezone.now()
    for operation, bucket, calls, errors in (("resource_list", 3, 90, 0), ("resource_list", 8, 10, 5)):
        ApiLatency.objects.create(
            hour=at.replace(minute=0, second=0, microsecond=0), user=user, key=key, operation=operation, bucket=bucket, calls=calls,
            refused=0, errors=errors,
        )  # fmt: skip
    assert "Temps de réponse" in client.get(f"{HOME}usage/").content.decode()
    ApiUsage.objects.create(user=user, key=key, day=timezone.localdate(), operation="resource_list", calls=100, units=100, errors=5)
    ApiUsage.objects.create(user=user, key=key, day=timezone.localdate(), operation="search", calls=1, units=1)
    words = unescape(client.get(f"{HOME}usage/").content.decode())
    speeds = api_latency(user, first=timezone.localdate(), last=timezone.localdate()).total
    assert speeds.p50_ms is not None
    assert speeds.p95_ms is not None
    assert f"{speed_words(speeds.p50_ms)}</dd>" in words
    assert f"{speed_words(speeds.p95_ms)}</td>" in words
    assert "5,0\u00a0%</td>" in words
    assert 'data-l="Unités">100</td>' in words, "what a key or an operation costs"
    # What was never timed says so instead of nought.
    assert 'data-l="p95">–</td>' in words
    assert [speed_words(ms) for ms in (None, 141.7, 1300)] == ["", "142\u00a0ms", "1,3\u00a0s"]


def test_usage_is_drawn_said_and_downloaded(client: Client, user: User) -> None:
    key, _secret = make_key(user, name="=cmd()")
    ApiUsage.objects.create(
        user=user, key=key, day=timezone.localdate(), operation="resource_list", calls=12, units=12, refused=3, errors=1
    )
    for period in ("7d", "30d", "12m", "x", "'"):
        page = client.get(f"{HOME}usage/", {"period": period}).content.decode()
        assert "<rect" in page
        assert "<table" in page
    answer = client.get(f"{HOME}usage/usage.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["day", "key", "operation", "calls", "units", "refused", "errors"]
    assert rows[1][1:] == ["'=cmd()", "resource_list", "12", "12", "3", "1"], "no cell is a formula"


def test_pages_cost_the_same_with_many_keys(client: Client, user: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _number in range(3):
        key, _secret = make_key(user)
        ApiUsage.objects.create(user=user, key=key, day=timezone.localdate(), operation="resource_list", calls=1, units=1)
    client.get(HOME)
    for path, most in (("", 14), ("cles/", 12), (f"cles/{key.pk}/", 10), ("usage/", 12), ("cles/nouvelle/", 8)):
        with django_assert_max_num_queries(most):
            assert client.get(HOME + path).status_code == 200


def test_a_scale_holds_the_most() -> None:
    for most in (0, 1, 3, 4, 7, 99, 100, 101, 12_345, 10**9):
        top, step = scale(most)
        assert top >= most
        assert top % step == 0
        assert 1 <= top // step <= 4


def test_bars_stay_inside_the_plot() -> None:
    points = [Point(str(day), str(day), (day * 7 % 11, day % 2, 0)) for day in range(30)]
    for rect in stacked_bars(points).rects:
        x, y, width, height = (float(value) for value in (rect.x, rect.y, rect.width, rect.height))
        assert 0 <= x < x + width <= 100
        assert 0 <= y < y + height <= 100.01
    assert stacked_bars([]).rects == []


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        ({"c": 1}, "1 appel répondu."),
        ({"c": 4, "e": 1}, "4 appels répondus. 1 en erreur de notre côté. Le plus : 4, 24 nov. 2026."),
        ({"c": 2, "r": 1}, "2 appels répondus. 1 refusé par une limite. Le plus : 2, 24 nov. 2026."),
    ],
)
def test_the_chart_says_what_it_shows(user: User, counted: dict[str, int], words: str) -> None:
    at = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    add_usage(
        batch_id=uuid.uuid4(), counts={f"2026-11-24|{user.pk}||resource|{letter}": number for letter, number in counted.items()}, at=at
    )
    report = usage_report(user, first=dt.date(2026, 10, 26), last=at.date())
    chart = usage_chart(report, "30d")
    assert chart.sentence.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ") == words
    assert (chart.bars.labels[-1].at, chart.bars.labels[-1].anchor) == ("100", "end")
