"""Reports through the API: asked for, followed, downloaded with a signed address, deleted; nobody reads another one's."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.models import Report
from apps.analytics.periods import first_day_kept
from apps.analytics.services import reports
from apps.catalog.tests.factories import make_category, make_resource
from apps.core.templatetags.eco import date_short

pytestmark = pytest.mark.django_db

LIST = "/api/v1/analytics/reports"
BODY = {"name": "Mon rapport", "metrics": ["views"], "dimension": "day"}


@pytest.fixture(autouse=True)
def _own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Report._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def api(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def post(client: Client, body: Any, status: int = 202, *, headers: dict[str, str] | None = None) -> Any:
    response = client.post(LIST, body, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def ready(client: Client, body: Any = BODY) -> Any:
    """The data of a report that a worker made."""
    found = post(client, body)
    assert reports.make_report(report_id=uuid.UUID(found["id"]))
    return client.get(f"{LIST}/{found['id']}").json()


def test_it_works(api: Client) -> None:
    response = api.post(LIST, {**BODY, "format": "json", "period": "7d"}, content_type="application/json")
    queued = response.json()
    address = response["Location"]
    assert (response.status_code, queued["state"], queued["download_url"]) == (202, "queued", None)
    assert api.get(address)["Retry-After"] == "2"
    assert api.get(f"{address}/download").json()["code"] == "report_not_ready"

    reports.make_report(report_id=uuid.UUID(queued["id"]))

    found = api.get(address).json()
    assert (found["state"], found["progress"], found["rows"]) == ("ready", 100, 7)
    # The address of the file is signed anew each time.
    (listed,) = api.get(LIST).json()["data"]
    assert {**listed, "download_url": found["download_url"]} == found
    own = api.get(f"{address}/download")
    assert (own["Content-Type"], own["Cache-Control"]) == ("application/json", "private, no-store")
    assert own["Content-Disposition"].startswith('attachment; filename="mon-rapport-')
    # Without any credential: the address is enough.
    assert b"".join(Client().get(found["download_url"])) == b"".join(own)
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == Client().get(found["download_url"]).status_code + 1 == 404


def test_a_signed_address_ends_after_a_day_and_opens_one_report_only(api: Client) -> None:
    first, second = ready(api), ready(api)
    token = first["download_url"].partition("?signature=")[2]

    opened = Client().get(first["download_url"])
    assert (opened.status_code, b"".join(opened)[:3]) == (200, b"\xef\xbb\xbf")
    for query in (f"{second['id']}/download?signature={token}", f"{first['id']}/download?signature={token[:-3]}abc"):
        assert Client().get(f"{LIST}/{query}").json()["code"] == "link_expired"
    assert Client().get(f"{LIST}/{first['id']}/download").status_code == 401
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, seconds=2), tick=False):
        assert Client().get(first["download_url"]).json()["code"] == "link_expired"


def test_strangers_find_nothing(api: Client) -> None:
    found = ready(api)
    stranger = Client()
    stranger.force_login(make_user())

    for method, path in (("get", ""), ("delete", ""), ("get", "/download")):
        assert getattr(stranger, method)(f"{LIST}/{found['id']}{path}").status_code == 404
    assert stranger.get(LIST).json()["data"] == []


def test_a_test_key_has_reports_of_its_own(api: Client, owner: User) -> None:
    live, key = post(api, BODY), make_key(owner, livemode=False)[1]

    own = post(Client(), BODY, headers={"X-API-Key": key})

    assert own["livemode"] is False
    assert [row["id"] for row in Client().get(LIST, headers={"X-API-Key": key}).json()["data"]] == [own["id"]]
    assert Client().get(f"{LIST}/{live['id']}", headers={"X-API-Key": key}).status_code == 404


def test_the_same_key_makes_one_report(api: Client) -> None:
    first, again = (post(api, BODY, headers={"Idempotency-Key": "une-fois"}) for _ in range(2))

    assert first == again
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"metrics": ["revenue"]}, "/metrics/0"), ({"metrics": []}, "/metrics"), ({"dimension": "people"}, "/dimension"),
        ({"period": "10y"}, "/period"), ({"format": "pdf"}, "/format"), ({"schedule": "hourly"}, "/schedule"), ({"name": ""}, "/name"),
        ({"name": "x" * 81}, "/name"), ({"colour": "red"}, "/colour"), ({"filters": {"plan": "free"}}, "/filters/plan"),
        ({"filters": {"resources": ["7"]}}, "/filters/resources/0"), ({"filters": {"channels": ["fax"]}}, "/filters/channels/0"),
        ({"filters": {"campaigns": ["x"] * 51}}, "/filters/campaigns"), ({"filters": {"cities": ["Douala !"]}}, "/filters/cities/0"),
        ({"filters": {"resources": [str(uuid.UUID(int=1))]}}, "/filters/resources"),
        ({"period": "between", "first": "2016-01-01", "last": "2026-01-01"}, "/first"),
        ({"dimension": "source", "metrics": ["saves"]}, "/metrics"),
    ],
    ids=[
        "unknown metric", "no metric", "unknown dimension", "unknown period", "unknown format", "unknown schedule", "no name", "long name",
        "unknown member", "unknown filter", "no id", "unknown channel", "too many", "no slug", "foreign entry", "ten years", "not counted",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_pointed_at(api: Client, change: dict[str, Any], pointer: str) -> None:
    found = post(api, {**BODY, **change}, 422)

    assert pointer in {error["pointer"] for error in found["errors"]}


def test_ten_years_are_refused_with_the_bound(api: Client) -> None:
    found = post(api, {**BODY, "period": "between", "first": "2016-01-01", "last": "2026-01-01"}, 422)

    detail = found["errors"][0]["detail"]
    assert "25 mois" in detail
    assert date_short(first_day_kept(timezone.now())) in detail


def test_pages_follow_each_other(api: Client) -> None:
    ids = [post(api, BODY)["id"] for _number in range(5)][::-1]

    first = api.get(f"{LIST}?limit=3").json()
    second = api.get(first["next"]).json()

    assert [row["id"] for row in first["data"] + second["data"]] == ids
    assert (second["has_more"], second["next"]) == (False, None)


def test_statements(api: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_resource(user=owner, category=make_category())
    found = ready(api)

    # The user, the reports.
    with django_assert_num_queries(2):
        api.get(LIST)
    with django_assert_num_queries(2):
        api.get(f"{LIST}/{found['id']}")
    with django_assert_num_queries(2):
        b"".join(api.get(f"{LIST}/{found['id']}/download"))
