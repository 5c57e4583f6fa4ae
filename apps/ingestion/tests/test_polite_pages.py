"""Pages of a source, from a real server on loopback that counts how it is asked."""

from __future__ import annotations

import datetime as dt
import gzip
import socket
import time
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from apps.core.outgoing import Client
from apps.core.tests.talking_server import TalkingServer, reply, talking
from apps.ingestion.choices import LawfulBasis, SourceKind
from apps.ingestion.models import FetchedPage, RobotsSnapshot, Source
from apps.ingestion.services import evidence
from apps.ingestion.services.pages import PoliteFetch
from apps.ingestion.services.politeness import SiteBusy, retry_after
from apps.ingestion.sources import PageUnavailable

pytestmark = pytest.mark.django_db
Answer = bytes | Callable[[bytes], bytes]
HTML = "Content-Type: text/html; charset=utf-8"


class Site:
    """A site on loopback: answers by path, and what it was asked, in order."""

    def __init__(self, server: TalkingServer, answers: dict[str, Answer]) -> None:
        self.server, self.answers = server, answers

    @property
    def asked(self) -> list[str]:
        """Paths that were asked, without the rules for robots."""
        return [path for path in (head.split()[1].decode() for head in self.server.heads) if path != "/robots.txt"]

    def url(self, path: str = "/") -> str:
        """An address of the site."""
        return self.server.url.rstrip("/") + path


@pytest.fixture
def site() -> Iterator[Site]:
    answers: dict[str, Answer] = {}

    def talk(connection: socket.socket, head: bytes) -> None:
        answer = answers.get(head.split()[1].decode(), reply("404 Not Found"))
        connection.sendall(answer(head) if callable(answer) else answer)

    cache.clear()
    with talking(talk) as server:
        yield Site(server, answers)


@pytest.fixture(autouse=True)
def _private(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def make_source(**fields: Any) -> Source:
    return Source.objects.create(
        slug="annuaire", name="Annuaire", kind=SourceKind.SCHEMA_ORG, licence="CC BY 4.0", lawful_basis=LawfulBasis.OPEN_LICENCE, **fields
    )


@pytest.fixture
def source() -> Source:
    return make_source()


def fetching(source: Source, **options: Any) -> PoliteFetch:
    return PoliteFetch(source, since=options.pop("since", timezone.now()), **options)


def unavailable(fetch: PoliteFetch, url: str) -> PageUnavailable:
    with pytest.raises(PageUnavailable) as refusal:
        fetch(url)
    return refusal.value


def test_it_works(site: Site, source: Source) -> None:
    site.answers["/a"] = reply("200 OK", HTML, 'ETag: "v1"', body="<p>Été</p>".encode())
    page = fetching(source)(site.url("/a"))
    assert (page.text, page.is_unchanged) == ("<p>Été</p>", False)
    kept = FetchedPage.objects.get()
    assert (kept.url, kept.status, kept.etag) == (site.url("/a"), 200, '"v1"')
    assert evidence.read(kept.evidence) == page.body
    assert site.server.heads[0].startswith(b"GET /robots.txt ")
    assert b"EcosysteBot/1.0 (+http" in site.server.heads[1]
    assert RobotsSnapshot.objects.get().status == 404


def test_what_is_unchanged_is_not_sent_again(site: Site, source: Source) -> None:
    def answer(head: bytes) -> bytes:
        if b'If-None-Match: "v1"' in head and b"If-Modified-Since: Thu, 26 Nov 2026 08:00:00 GMT" in head:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return reply("200 OK", HTML, 'ETag: "v1"', "Last-Modified: Thu, 26 Nov 2026 08:00:00 GMT", body=b"<p>A</p>")

    site.answers["/a"] = answer
    fetching(source)(site.url("/a"))
    before = FetchedPage.objects.get()
    page = fetching(source)(site.url("/a"))
    assert (page.body, page.is_unchanged) == (b"<p>A</p>", True)
    after = FetchedPage.objects.get()
    assert after.fetched_at > before.fetched_at
    assert after.changed_at == before.changed_at


def test_without_its_evidence_a_page_is_asked_whole(site: Site, source: Source, tmp_path: Path) -> None:
    site.answers["/a"] = reply("200 OK", 'ETag: "v1"', body=b"A")
    fetching(source)(site.url("/a"))
    (tmp_path / FetchedPage.objects.get().evidence).unlink()
    assert fetching(source)(site.url("/a")).is_unchanged
    assert b"If-None-Match" not in site.server.heads[-1]


def test_a_reading_that_was_broken_off_asks_no_page_twice(site: Site, source: Source) -> None:
    site.answers |= {"/a": reply("200 OK", body=b"A"), "/b": reply("200 OK", body=b"B")}
    since = timezone.now()
    fetching(source, since=since)(site.url("/a"))
    resumed = fetching(source, since=since)
    assert [resumed(site.url(path)).body for path in ("/a", "/b")] == [b"A", b"B"]
    assert site.asked == ["/a", "/b"]


def test_what_the_site_map_calls_unchanged_is_not_asked(site: Site, source: Source) -> None:
    site.answers["/a"] = reply("200 OK", body=b"A")
    fetching(source)(site.url("/a"))
    fetch = fetching(source)
    assert fetch(site.url("/a"), changed_at=timezone.now() - dt.timedelta(days=1)).is_unchanged
    assert site.asked == ["/a"]
    fetch(site.url("/a"), changed_at=timezone.now() + dt.timedelta(days=1))
    assert site.asked == ["/a", "/a"]


def test_rules_for_robots_are_followed_and_kept(site: Site, source: Source) -> None:
    site.answers |= {
        "/robots.txt": reply("200 OK", body=b"User-agent: EcosysteBot\nDisallow: /private\n\nUser-agent: *\nDisallow: /"),
        "/private/a": reply("200 OK"), "/a": reply("200 OK", body=b"A"),
    }  # fmt: skip
    fetch = fetching(source)
    assert unavailable(fetch, site.url("/private/a")).reason == "robots_forbid"
    assert fetch(site.url("/a")).body == b"A"
    assert site.asked == ["/a"]
    assert sum(b"GET /robots.txt" in head for head in site.server.heads) == 1
    assert "Disallow: /private" in RobotsSnapshot.objects.get().body


def test_a_redirect_to_where_robots_may_not_go(site: Site, source: Source) -> None:
    site.answers |= {
        "/robots.txt": reply("200 OK", body=b"User-agent: *\nDisallow: /private"),
        "/a": reply("302 Found", "Location: /private/b"), "/private/b": reply("200 OK"),
    }  # fmt: skip
    assert unavailable(fetching(source), site.url("/a")).reason == "robots_forbid"
    assert site.asked == ["/a"]


def test_rules_that_nobody_answers_forbid_all_unless_known(site: Site, source: Source) -> None:
    site.answers |= {"/robots.txt": reply("500 Oops"), "/a": reply("200 OK", body=b"A"), "/x": reply("200 OK")}
    assert unavailable(fetching(source), site.url("/a")).reason == "robots_forbid"
    RobotsSnapshot.objects.update(status=200, body="User-agent: *\nDisallow: /x", fetched_at=timezone.now() - dt.timedelta(days=2))
    assert fetching(source)(site.url("/a")).body == b"A"
    assert unavailable(fetching(source), site.url("/x")).reason == "robots_forbid"


@pytest.mark.parametrize(
    "body", [b"\x00\xff\xfe", b"<html>", b"User-agent: *\n" * 100_000, b"Disallow: %zz%\nCrawl-delay: nan\nRequest-rate: 0/0"]
)
def test_rules_that_are_none_forbid_nothing(site: Site, source: Source, body: bytes) -> None:
    site.answers |= {"/robots.txt": reply("200 OK", body=body), "/a": reply("200 OK", body=b"A")}
    assert fetching(source)(site.url("/a")).body == b"A"


def test_one_request_at_a_time_for_a_host(site: Site, source: Source) -> None:
    site.answers |= {f"/{n}": reply("200 OK") for n in range(4)}
    first, second = fetching(source, delay_s=0.3), fetching(source, delay_s=0.3)
    begun = time.monotonic()
    for n in range(4):
        (first if n % 2 else second)(site.url(f"/{n}"))
    assert time.monotonic() - begun >= 3 * 0.3


def test_the_pace_of_the_rules_counts_when_it_is_slower(site: Site, source: Source) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        cache.clear()

    site.answers |= {"/robots.txt": reply("200 OK", body=b"User-agent: *\nCrawl-delay: 20"), "/a": reply("200 OK"), "/b": reply("200 OK")}
    fetch = fetching(source, sleep=sleep)
    fetch(site.url("/a"))
    assert waits == []
    fetch(site.url("/b"))
    assert waits != []


def test_a_site_that_wants_rest_gets_it_from_everybody(site: Site, source: Source) -> None:
    site.answers["/a"] = reply("429 Too Many Requests", "Retry-After: 3600")
    busy = unavailable(fetching(source), site.url("/a"))
    assert isinstance(busy, SiteBusy)
    assert (busy.reason, busy.wait_s, busy.is_final) == ("http_429", 3600, False)
    other = make_other_source()
    busy = unavailable(fetching(other), site.url("/b"))
    assert isinstance(busy, SiteBusy)
    assert busy.reason == "site_rests"
    assert 3500 < busy.wait_s <= 3600
    assert site.asked == ["/a"]


def make_other_source() -> Source:
    return Source.objects.create(
        slug="autre", name="Autre", kind=SourceKind.CSS, licence="CC0", lawful_basis=LawfulBasis.PUBLIC_INFORMATION
    )


def test_a_short_rest_is_waited_for(site: Site, source: Source) -> None:
    answers = iter([reply("503 Unavailable", "Retry-After: 5"), reply("200 OK", body=b"A")])
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        cache.clear()

    site.answers["/a"] = lambda _head: next(answers)
    assert fetching(source, sleep=sleep)(site.url("/a")).body == b"A"
    assert waits == [5.0]


@pytest.mark.parametrize("failure", [reply("500 Oops"), b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nA"])
def test_what_may_pass_is_tried_again(site: Site, source: Source, failure: bytes) -> None:
    answers = iter([failure, failure, reply("200 OK", body=b"A")])
    site.answers["/a"] = lambda _head: next(answers)
    assert fetching(source)(site.url("/a")).body == b"A"


def test_what_does_not_pass_is_not_tried_again(site: Site, source: Source) -> None:
    site.answers |= {"/gone": reply("410 Gone"), "/inside": reply("302 Found", "Location: http://169.254.169.254/latest/meta-data/")}
    fetch = fetching(source)
    assert unavailable(fetch, site.url("/gone")).reason == "http_410"
    assert unavailable(fetch, site.url("/inside")).reason == "address_private"
    assert site.asked == ["/gone", "/inside"]
    assert FetchedPage.objects.count() == 0


def test_a_site_that_only_fails_ends_the_reading(site: Site, source: Source) -> None:
    site.answers |= {f"/{n}": reply("500 Oops") for n in range(9)}
    fetch = fetching(source)
    errors = [unavailable(fetch, site.url(f"/{n}")) for n in range(5)]
    assert [(error.reason, error.is_final) for error in errors] == [("http_500", True)] * 4 + [("site_failing", False)]


def test_a_bomb_is_left(site: Site, source: Source) -> None:
    site.answers["/a"] = reply("200 OK", "Content-Encoding: gzip", body=gzip.compress(bytes(6_000_000)))
    assert unavailable(fetching(source), site.url("/a")).reason == "too_large"


def test_a_trial_leaves_nothing_behind(site: Site, source: Source, tmp_path: Path) -> None:
    site.answers["/a"] = reply("200 OK", body=b"A")
    assert fetching(source, is_kept=False)(site.url("/a")).body == b"A"
    assert not FetchedPage.objects.exists()
    assert not (tmp_path / "evidence").exists()


def test_odd_headers_are_not_sent_back(site: Site, source: Source) -> None:
    site.answers["/a"] = reply("200 OK", "ETag: " + "x" * 5000, "Last-Modified: " + "z" * 100, "Content-Type: " + "y" * 5000, body=b"A")
    fetching(source)(site.url("/a"))
    kept = FetchedPage.objects.get()
    assert (kept.etag, kept.last_modified, len(kept.content_type)) == ("", "", 120)


def test_old_evidence_is_pruned_when_no_page_has_it(site: Site, source: Source, tmp_path: Path) -> None:
    site.answers |= {"/a": reply("200 OK", body=b"same"), "/b": reply("200 OK", body=b"same"), "/c": reply("200 OK", body=b"other")}
    fetch = fetching(source)
    for path in ("/a", "/b", "/c"):
        fetch(site.url(path))
    assert len(list(tmp_path.glob("evidence/*/*.gz"))) == 2
    old = timezone.now() - dt.timedelta(days=91)
    FetchedPage.objects.exclude(url=site.url("/b")).update(fetched_at=old)
    assert evidence.prune(at=timezone.now()) == 2
    assert [page.url for page in FetchedPage.objects.all()] == [site.url("/b")]
    assert evidence.read(FetchedPage.objects.get().evidence) == b"same"
    assert len(list(tmp_path.glob("evidence/*/*.gz"))) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", 120.0), ("0", 0.0), ("", 60.0), (None, 60.0), ("soon", 60.0), ("999999999999", 86400.0), ("-5", 60.0), ("1.5", 60.0)],
)
def test_rest_in_seconds(value: str | None, expected: float) -> None:
    assert retry_after(value, at=timezone.now()) == expected


def test_rest_until_a_date() -> None:
    at = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    assert retry_after(format_datetime(at + dt.timedelta(minutes=2), usegmt=True), at=at) == 120.0
    assert retry_after(format_datetime(at - dt.timedelta(minutes=2), usegmt=True), at=at) == 0.0


def test_a_private_address_is_never_asked(source: Source) -> None:
    fetch = fetching(source, client=Client(resolve=lambda _host, _timeout: ["10.0.0.1"]))
    assert unavailable(fetch, "https://annuaire.example/").reason == "address_private"
    assert not RobotsSnapshot.objects.exists()
