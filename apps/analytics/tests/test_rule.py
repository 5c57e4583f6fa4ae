"""What counts and what is set aside, whose it is, and where he came from."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.analytics import constants as c
from apps.analytics.choices import EventType, SourceClass, Verdict
from apps.analytics.gate import Gate, gate
from apps.analytics.incoming import Incoming
from apps.analytics.referrers import NOT_TOLD, clean_campaign, origin_of
from apps.analytics.robots import is_in_data_centre
from apps.analytics.services.tracking import track
from apps.analytics.stream import NO_ID, PLACE, WHO, Asked, stream
from apps.analytics.tests.telling import BROWSER, tell, told, written
from apps.analytics.visitors import PURPOSE, Visitor, visitor_of
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource
from apps.core import day_salts
from apps.core.process_cache import clear_process_caches

pytestmark = pytest.mark.django_db

VIEW = {"type": "view", "resource": "chez-wouri"}
AT = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def listing() -> Resource:
    return make_resource(slug="chez-wouri")


def forged(events: int, *, addresses: int, kind: int = EventType.VIEW) -> Counter[int]:
    """Verdicts of so many events, each of a visitor of his own, from so many addresses."""
    for number in range(events):
        visitor = Visitor(number + 1, (number % addresses).to_bytes(8, "big"), is_private=False, is_robot=False)
        track([Incoming(0, "chez-wouri", kind)], visitor=visitor, own_host="testserver", at=timezone.now())
    return Counter(event.verdict for event in written())


def test_it_works(client: Client) -> None:
    assert told(client, VIEW)["accepted"] == 1
    assert told(client, VIEW) == {"accepted": 0, "set_aside": 1, "rejected": []}
    assert told(client, {**VIEW, "type": "share"})["accepted"] == 1
    assert told(client, VIEW, User_Agent=BROWSER["User-Agent"].replace("140", "141"))["accepted"] == 1
    assert [event.verdict for event in written()] == [Verdict.COUNTED, Verdict.REPEAT, Verdict.COUNTED, Verdict.COUNTED]


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": ""}, {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, {"User-Agent": "python-requests/2.32"},
        {"User-Agent": "Mozilla/5.0 HeadlessChrome/140"}, {"User-Agent": "facebookexternalhit/1.1"}, {"User-Agent": "curl/8.5.0"},
        {"Accept-Language": ""}, {"Accept": ""}, {"Sec-Purpose": "prefetch;prerender"},
    ],
    ids=["no browser", "crawler", "library", "headless", "preview", "curl", "no language", "no accept", "fetched ahead"],
)  # fmt: skip
def test_robots_are_set_aside(client: Client, headers: dict[str, str]) -> None:
    assert told(client, VIEW, **headers) == {"accepted": 0, "set_aside": 1, "rejected": []}
    assert [event.verdict for event in written()] == [Verdict.BOT]


def test_visitors_of_data_centres_are_robots(settings: Any) -> None:
    settings.ANALYTICS_SERVER_NETWORKS = ["192.0.2.0/25", "192.0.2.64/26", "198.51.100.0/24", "2001:db8:1::/48"]
    inside = ["192.0.2.0", "192.0.2.127", "198.51.100.255", "2001:db8:1:ffff::1"]
    outside = ["192.0.1.255", "192.0.2.128", "203.0.113.1", "2001:db8:2::1", "::1"]
    assert [address for address in inside if not is_in_data_centre(address)] == []
    assert [address for address in outside if is_in_data_centre(address)] == []


def test_forged_events_from_one_address_move_a_listing_by_thirty() -> None:
    found = forged(400, addresses=1)
    assert found == {Verdict.COUNTED: c.ADDRESS_HOURLY, Verdict.FLOOD: 400 - c.ADDRESS_HOURLY}


def test_forged_events_from_everywhere_move_it_by_its_allowance() -> None:
    found = forged(900, addresses=900, kind=EventType.SHARE)
    assert found == {Verdict.COUNTED: c.LISTING_HOURLY[c.ACTION], Verdict.FLOOD: 900 - c.LISTING_HOURLY[c.ACTION]}
    # What visitors do besides is not stopped by it.
    assert forged(1, addresses=1)[Verdict.COUNTED] == c.LISTING_HOURLY[c.ACTION] + 1


def test_another_process_is_known_through_redis(client: Client) -> None:
    """Each process has a gate of its own; the stream's rule is that of all."""
    assert told(client, VIEW)["accepted"] == 1
    gate.clear()
    assert told(client, VIEW)["accepted"] == 1
    assert [event.verdict for event in written()] == [Verdict.COUNTED, Verdict.REPEAT]


def test_an_address_may_send_so_many_a_minute(client: Client) -> None:
    events = [{**VIEW, "type": "impression"}] * 50
    answers = [told(client, events) for _ in range(c.VISITOR_PER_MINUTE // 50 + 1)]
    assert [len(answer["rejected"]) for answer in answers] == [0] * (len(answers) - 1) + [50]
    assert {one["code"] for one in answers[-1]["rejected"]} == {"rate_limited"}


def test_memory_of_the_rule_is_bounded() -> None:
    own = Gate()
    for number in range(120_000):
        address = number.to_bytes(8, "big")
        question = Asked(WHO.pack(number, number, 1, 0, 0), address + PLACE.pack(number, c.VISIT), NO_ID)
        assert own.judge(number, address, [question], now_s=1_800_000_000) == [Verdict.COUNTED]
        assert own.judge(number, address, [question], now_s=1_800_000_000) == [Verdict.REPEAT]
    assert len(own._seen) + len(own._seen_before) <= 50_000
    assert len(own._counts) <= 50_000
    assert len(own._listings) <= 50_000


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"Sec-GPC": "1"}], ids=["DNT", "GPC"])
def test_who_asks_not_to_be_followed_counts_in_totals_alone(client: Client, headers: dict[str, str]) -> None:
    body = {**VIEW, "referrer": "https://www.google.cm/", "campaign": "fete", "city": "douala"}
    assert told(client, body, **headers)["accepted"] == 1
    assert told(client, {**body, "type": "share", "dnt": True})["accepted"] == 1
    for event in written():
        assert (event.verdict, event.visitor, event.source, event.city_number, event.campaign) == (0, None, 0, None, "")


def seen(at: dt.datetime, address: str = "203.0.113.7") -> Visitor:
    return visitor_of(RequestFactory().get("/", headers=BROWSER, REMOTE_ADDR=address), at=at)


def test_a_visitor_is_the_same_for_a_day_in_every_process_and_nobody_the_day_after() -> None:
    first = seen(AT).number
    clear_process_caches()
    assert seen(AT + dt.timedelta(hours=12)).number == first
    assert seen(AT, "203.0.113.8").number != first
    assert seen(AT + dt.timedelta(hours=13, minutes=1)).number != first
    assert first is not None
    assert -(2**63) <= first < 2**63


def test_the_secret_of_a_day_ends_with_it() -> None:
    at = timezone.now()
    day = timezone.localdate(at)
    secret = day_salts.salt_of(stream.client(), PURPOSE, day, at=at)
    [name] = list(stream.client().scan_iter(f"*{PURPOSE}:{day}:salt"))
    left_s = stream.client().ttl(name)
    midnight = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    assert 0 < left_s <= (midnight - at).total_seconds() + 61
    day_salts.forget_salt(stream.client(), PURPOSE, day)
    clear_process_caches()
    assert day_salts.salt_of(stream.client(), PURPOSE, day, at=at) != secret


@pytest.mark.parametrize(
    ("referrer", "source", "city"),
    [
        ("", SourceClass.DIRECT, ""), ("https://www.google.com/", SourceClass.SEARCH_ENGINE, ""),
        ("https://google.co.uk/search?q=a", SourceClass.SEARCH_ENGINE, ""), ("https://mail.google.com/", SourceClass.MESSAGE, ""),
        ("https://l.facebook.com/", SourceClass.SOCIAL, ""), ("https://lm.facebook.com/l.php", SourceClass.SOCIAL, ""),
        ("https://t.co/x", SourceClass.SOCIAL, ""), ("https://web.whatsapp.com/", SourceClass.MESSAGE, ""),
        ("android-app://com.whatsapp/", SourceClass.MESSAGE, ""), ("https://fr.search.yahoo.com/", SourceClass.SEARCH_ENGINE, ""),
        ("https://google.com.evil.example/", SourceClass.REFERRAL, ""), ("https://notfacebook.com/", SourceClass.REFERRAL, ""),
        ("https://camer.be/", SourceClass.REFERRAL, ""), ("http://testserver/fr/recherche/?city=douala", SourceClass.OUR_SEARCH, "douala"),
        ("http://testserver/en/douala/akwa/", SourceClass.OUR_LIST, "douala"), ("http://testserver/", SourceClass.OUR_LIST, ""),
        ("http://[::1/", SourceClass.UNKNOWN, ""), ("javascript:alert(1)", SourceClass.UNKNOWN, ""), ("x", SourceClass.UNKNOWN, ""),
        (NOT_TOLD, SourceClass.UNKNOWN, ""),
    ],
    ids=str,
)  # fmt: skip
def test_where_somebody_came_from_is_a_class(referrer: str, source: SourceClass, city: str) -> None:
    assert origin_of(referrer, own_host="testserver") == (source, city)


def test_campaigns_and_posters(client: Client) -> None:
    told(client, {**VIEW, "campaign": "  Fête\u0000 de\n la  jeunesse \u202e" + "x" * 100, "referrer": "https://t.co/"})
    told(client, {**VIEW, "type": "share", "campaign": "fete", "poster": "vitrine"})
    told(client, {**VIEW, "type": "save", "campaign": "awa@exemple.cm"})
    first, second, third = written()
    assert (first.source, len(first.campaign)) == (SourceClass.CAMPAIGN, 60)
    assert first.campaign.startswith("Fête de la jeunesse x")
    assert (second.source, second.campaign) == (SourceClass.QR, "vitrine")
    assert (third.source, third.campaign) == (SourceClass.DIRECT, "")
    assert clean_campaign("=HYPERLINK()") == "=HYPERLINK()"
    assert tell(client, {**VIEW, "campaign": 7}).json()["rejected"][0]["code"] == "invalid"
