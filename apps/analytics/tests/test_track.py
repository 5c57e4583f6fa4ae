"""Telling events over HTTP, all the way to the table."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiUsage
from apps.accounts.services.usage import flush_usage
from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.models import Event, EventBatch
from apps.analytics.services.partitions import ensure_partitions
from apps.analytics.tests.telling import tell, told, written
from apps.catalog.choices import Status
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_city, make_resource

pytestmark = pytest.mark.django_db

VIEW = {"type": "view", "resource": "chez-wouri"}


@pytest.fixture
def listing() -> Resource:
    return make_resource(slug="chez-wouri")


def codes(answer: dict[str, Any]) -> list[tuple[int, str]]:
    assert all(one["detail"] for one in answer["rejected"])
    return [(one["index"], one["code"]) for one in answer["rejected"]]


def test_it_works(client: Client, listing: Resource) -> None:
    view = {"type": "view", "resource": "chez-wouri", "referrer": "https://www.google.cm/"}
    call = {"event_type": "contact", "channel": "whatsapp", "business_id": str(listing.pk), "metadata": {"page": "accueil"}}
    assert told(client, view) == {"accepted": 1, "set_aside": 0, "rejected": []}
    assert told(client, {"events": [call]}) == {"accepted": 1, "set_aside": 0, "rejected": []}
    first, second = written()
    assert (first.resource_number, first.event_type, first.channel) == (listing.number, EventType.VIEW, Channel.NONE)
    assert (first.source, first.verdict, second.source) == (SourceClass.SEARCH_ENGINE, Verdict.COUNTED, SourceClass.DIRECT)
    assert (second.event_type, second.channel) == (EventType.CONTACT, Channel.WHATSAPP)
    assert first.visitor is not None
    assert first.visitor == second.visitor
    assert sum(EventBatch.objects.values_list("events", flat=True)) == 2
    assert written() == [first, second]


@pytest.mark.usefixtures("listing")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8", "text/plain"])
@pytest.mark.parametrize("path", ["/api/v1/analytics/track", "/api/analytics/track"], ids=["v1", "plain"])
def test_both_addresses_read_what_browsers_send(client: Client, content_type: str, path: str) -> None:
    for body in (VIEW, [VIEW], {"events": [VIEW]}):
        answer = tell(client, body, content_type=content_type, path=path)
        assert answer.status_code == 202
        assert answer["Content-Type"] == "application/json"
        assert "no-store" in answer["Cache-Control"]
        assert "Set-Cookie" not in answer
        assert answer.cookies == {}
    assert [event.verdict for event in written()] == [Verdict.COUNTED, Verdict.REPEAT, Verdict.REPEAT]


@pytest.mark.usefixtures("listing")
def test_neither_cookie_nor_key_nor_token_matters(listing: Resource) -> None:
    user = make_user()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert told(browser, VIEW)["accepted"] == 1
    _key, secret = make_key(user)
    for headers in ({"X-API-Key": secret}, {"X-API-Key": "romapi_live_wrong"}, {"Authorization": "Bearer wrong"}):
        assert tell(Client(), VIEW, **headers).status_code == 202
    flush_usage(at=timezone.now())
    assert ApiUsage.objects.count() == 0
    assert {event.resource_number for event in written()} == {listing.number}


@pytest.mark.usefixtures("listing")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": "veiw", "resource": "chez-wouri"}, "unknown_type"),
        ({"resource": "chez-wouri"}, "unknown_type"),
        ({"type": "view"}, "invalid"),
        ({"type": "view", "resource": ""}, "invalid"),
        ({"type": "view", "resource": 7}, "invalid"),
        ({"type": "view", "resource": "chez-wouri", "user_agent": "x"}, "invalid"),
        ({"type": "contact", "resource": "chez-wouri"}, "invalid"),
        ({"type": "contact", "resource": "chez-wouri", "channel": "pigeon"}, "invalid"),
        ({"type": "view", "resource": "chez-wouri", "channel": "call"}, "invalid"),
        ({"type": "impression", "resource": "chez-wouri", "position": 0}, "invalid"),
        ({"type": "impression", "resource": "chez-wouri", "position": 10_001}, "invalid"),
        ({"type": "impression", "resource": "chez-wouri", "position": 1.5}, "invalid"),
        ({"type": "view", "resource": "chez-wouri", "occurred_at": "hier"}, "invalid"),
        ({"type": "view", "resource": "chez-wouri", "event_id": "x" * 65}, "invalid"),
        ({"type": "view", "resource": "chez-wouri", "referrer": "https://exemple.cm/" + "é" * 480}, "too_large"),
        ({"type": "view", "resource": "personne"}, "unknown_resource"),
        ({"type": "view", "resource": "a\u0000b"}, "unknown_resource"),
        ({"type": "view", "resource": "0198c0de-0000-7000-8000-000000000000"}, "unknown_resource"),
        ({"type": "view", "resource": "' OR 1=1 --"}, "unknown_resource"),
        ("view", "unreadable"), (7, "unreadable"), (None, "unreadable"), ([], "unreadable"),
    ],
)  # fmt: skip
def test_a_bad_event_costs_no_other(client: Client, body: Any, expected: str) -> None:
    answer = told(client, {"events": [VIEW, body, {**VIEW, "type": "share"}]})
    assert (answer["accepted"], codes(answer)) == (2, [(1, expected)])
    assert len(written()) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b'"view"', 400), (b"7", 400), (b"null", 400), (b"\xff\xfe", 400), (b'{"events": 7}', 400),
        (b"[" * 60_000, 400), (b'{"events": ' * 5_000, 400), (b"[" + b"{}," * 60 + b"{}]", 413), (b" " * 65_537, 413),
        (b'{"type": NaN}', 400), (b'{"type": "view", "resource": "\\ud800"}', 400), (b"[]", 202), (b'{"events": []}', 202),
    ],
    ids=[
        "empty", "cut", "text", "number", "null", "not UTF-8", "events no list", "deep list", "deep object", "61 events", "64 KiB",
        "NaN", "surrogate", "no event", "no events",
    ],
)  # fmt: skip
def test_a_body_is_read_or_refused_as_a_whole(client: Client, body: bytes, status: int) -> None:
    answer = tell(client, body)
    assert answer.status_code == status
    if status != 202:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] in {"malformed_request", "body_too_large"}


def test_what_is_no_post_of_json_is_refused(client: Client) -> None:
    assert tell(client, VIEW, content_type="application/x-www-form-urlencoded").status_code == 415
    assert tell(client, VIEW, content_type="multipart/form-data; boundary=x").status_code == 415
    assert tell(client, VIEW, Content_Encoding="gzip").status_code == 415
    assert tell(client, VIEW, path="/api/v1/analytics/track?listing=1").status_code == 400
    assert client.get("/api/v1/analytics/track").status_code == 405
    assert client.options("/api/v1/analytics/track")["Allow"] == "POST, OPTIONS"


def test_nothing_is_learnt_of_what_visitors_do_not_see(client: Client) -> None:
    hidden = [
        make_resource(slug="en-attente", status=Status.PENDING), make_resource(slug="refusee", status=Status.REJECTED),
        make_resource(slug="supprimee", deleted_at=timezone.now()), make_resource(slug="essai", livemode=False),
    ]  # fmt: skip
    for language in ("fr", "en"):
        answers = [
            told(client, {"type": "view", "resource": name}, Accept_Language=language)
            for name in ["personne", *(one.slug for one in hidden), *(str(one.pk) for one in hidden)]
        ]
        assert [answer for answer in answers if answer != answers[0]] == []
        assert codes(answers[0]) == [(0, "unknown_resource")]
    assert written() == []


def test_many_names_are_one_statement(client: Client, django_assert_num_queries: Any) -> None:
    slugs = [make_resource().slug for _ in range(20)]
    names = [*slugs, *(["personne"] * 10)]
    events = [{"type": "impression", "resource": name, "position": rank} for rank, name in enumerate(names, 1)]
    with django_assert_num_queries(1):
        assert told(client, events)["accepted"] == 20
    with django_assert_num_queries(0):
        assert told(client, events)["set_aside"] == 20
    assert [event.position for event in written() if event.verdict == Verdict.COUNTED] == list(range(1, 21))


@pytest.mark.usefixtures("listing")
@pytest.mark.parametrize(
    ("offset", "is_believed"),
    [
        (dt.timedelta(hours=-23), True), (dt.timedelta(seconds=-5), True), (dt.timedelta(hours=-25), False),
        (dt.timedelta(days=365), False), (dt.timedelta(days=-36500), False), (dt.timedelta(minutes=5), False),
    ],
    ids=["23 hours ago", "now", "25 hours ago", "in a year", "a century ago", "in five minutes"],
)  # fmt: skip
def test_a_moment_is_believed_within_a_day(client: Client, offset: dt.timedelta, is_believed: bool) -> None:
    ensure_partitions([timezone.localdate(), timezone.localdate() - dt.timedelta(days=1)])
    at = timezone.now()
    moment = at + offset
    told(client, {**VIEW, "occurred_at": moment.isoformat()})
    [event] = written()
    assert abs((event.created_at - (moment if is_believed else at)).total_seconds()) < 60
    assert event.day == timezone.localdate(event.created_at)


@pytest.mark.usefixtures("listing")
def test_an_event_that_is_sent_again_is_kept_once(client: Client) -> None:
    event = {**VIEW, "type": "contact", "channel": "call", "event_id": "0198c0de-1"}
    for _ in range(3):
        assert tell(client, event).status_code == 202
    told(client, {**event, "type": "share", "channel": None})
    assert [found.event_type for found in written()] == [EventType.CONTACT, EventType.SHARE]


def test_a_town_is_the_one_that_was_chosen(client: Client, listing: Resource) -> None:
    douala, other = make_city(slug="douala"), make_city(slug="kribi")
    told(client, {**VIEW, "city": "kribi"})
    told(client, {**VIEW, "type": "share", "referrer": "http://testserver/fr/douala/restaurants/"})
    told(client, {**VIEW, "type": "save", "referrer": "http://testserver/fr/recherche/?q=a&city=douala"})
    told(client, {**VIEW, "type": "click", "city": "nulle-part"})
    found = [(event.city_number, event.source) for event in written()]
    assert found == [
        (other.number, SourceClass.DIRECT), (douala.number, SourceClass.OUR_LIST), (douala.number, SourceClass.OUR_SEARCH),
        (None, SourceClass.DIRECT),
    ]  # fmt: skip
    assert listing.city is None or listing.city.number not in {number for number, _source in found}


def test_nothing_about_the_visitor_reaches_table_stream_or_log(client: Client, listing: Resource, caplog: Any) -> None:
    agent = "Mozilla/5.0 (Unmistakable Browser 7)"
    answer = client.post(
        "/api/v1/analytics/track", json.dumps(VIEW), content_type="text/plain", REMOTE_ADDR="203.0.113.77",
        headers={"User-Agent": agent, "Accept": "*/*", "Accept-Language": "fr"},
    )  # fmt: skip
    assert answer.status_code == 202
    [event] = written()
    assert event.resource_number == listing.number
    columns = {field.name for field in Event._meta.get_fields()}
    assert not columns & {"ip_address", "user_agent", "address", "agent", "referrer"}
    kept = " ".join(str(getattr(event, name)) for name in columns)
    assert "203.0.113.77" not in kept + caplog.text
    assert "Unmistakable" not in kept + caplog.text
