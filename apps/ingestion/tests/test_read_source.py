"""Readings of sources: from a site on loopback into the catalogue."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from apps.catalog.models import Resource
from apps.core.models import OutboxEvent
from apps.core.tests.talking_server import TalkingServer, reply, talking
from apps.ingestion.choices import BatchState, SourceKind
from apps.ingestion.models import Batch, BatchLine, FetchedPage, Source
from apps.ingestion.services import fetching
from apps.ingestion.services.credentials import read_credential
from apps.ingestion.services.fetching import due_sources, run_source, try_page
from apps.ingestion.services.sources import pause_expired, save_source
from apps.ingestion.sources.recipes import RecipeInvalid, read_recipe
from apps.ingestion.tasks import read_due_sources
from apps.ingestion.tests.factories import make_source

pytestmark = pytest.mark.django_db
Answer = bytes | Callable[[bytes], bytes]
RECIPE = {
    "block": ".item", "fields": {"name": "h2", "phone": ".phone", "category": ".kind", "source_id": {"attribute": "id"}},
    "constants": {"city": "Douala", "quarter": "Akwa"}, "next_page": "a.next",
}  # fmt: skip


PLACES = {1: ("Pharmacie du Soleil", "pharmacie"), 2: ("Boulangerie Zénith", "boulangerie"), 3: ("Garage Mboppi", "garage")}


def said_of(number: int) -> tuple[str, str, str]:
    """Name, category and phone of a place that is like no other."""
    name, category = PLACES.get(number, (f"Lieu {number}", "restaurant"))
    return name, category, f"6{70_000_000 + number * 1_234_567}"


class Site:
    """A site on loopback whose answers a test changes."""

    def __init__(self, server: TalkingServer, answers: dict[str, Answer]) -> None:
        self.server, self.answers = server, answers

    @property
    def asked(self) -> list[str]:
        """Paths, without the rules for robots."""
        return [path for path in (head.split()[1].decode() for head in self.server.heads) if path != "/robots.txt"]

    def url(self, path: str) -> str:
        """An address of the site."""
        return self.server.url.rstrip("/") + path


@pytest.fixture(autouse=True)
def _ready(settings: Settings, tmp_path: Path) -> None:
    cache.clear()
    call_command("load_reference", verbosity=0)
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def site() -> Iterator[Site]:
    answers: dict[str, Answer] = {}

    def talk(connection: socket.socket, head: bytes) -> None:
        answer = answers.get(head.split()[1].decode(), reply("404 Not Found"))
        connection.sendall(answer(head) if callable(answer) else answer)

    with talking(talk) as server:
        yield Site(server, answers)


def listing(*numbers: int, following: str = "", etag: str = '"1"') -> bytes:
    items = "".join(
        '<div class="item" id="e{}"><h2>{}</h2><b class="kind">{}</b><i class="phone">{}</i></div>'.format(n, *said_of(n)) for n in numbers
    )
    more = f'<a class="next" href="{following}">Suite</a>' if following else ""
    return reply("200 OK", "Content-Type: text/html; charset=utf-8", f"ETag: {etag}", body=f"{items}{more}".encode())


def reason(source: Source) -> str:
    """Why a source is paused, with plain spaces."""
    source.refresh_from_db()
    return source.pause_reason.replace("\xa0", " ").replace("\u202f", " ")


def source_of(site: Site, path: str = "/1", **fields: Any) -> Source:
    return make_source(
        **{"kind": SourceKind.CSS, "url": site.url(path), "recipe": RECIPE, "every_hours": 24, "next_run_at": timezone.now(), **fields}
    )


def test_it_works(site: Site) -> None:
    site.answers |= {"/1": listing(1, 2, following="/2"), "/2": listing(3)}
    source = source_of(site)
    assert due_sources(at=timezone.now()) == [source.pk]
    batch = run_source(source_id=source.pk)
    assert batch is not None
    assert (batch.state, batch.received, batch.created, batch.rejected, batch.is_full) == (BatchState.DONE, 3, 3, 0, True)
    assert set(Resource.objects.values_list("name", flat=True)) == {name for name, _category in PLACES.values()}
    source.refresh_from_db()
    assert (source.last_error, source.failures, source.run_started_at, source.run_lease_until) == ("", 0, None, None)
    assert source.next_run_at is not None
    hours = (source.next_run_at - timezone.now()).total_seconds() / 3600
    assert 21 < hours < 27
    assert due_sources(at=timezone.now()) == []


def test_a_second_reading_changes_nothing(site: Site) -> None:
    def answer(head: bytes) -> bytes:
        return b"HTTP/1.1 304 Not Modified\r\n\r\n" if b'If-None-Match: "1"' in head else listing(1, 2)

    site.answers["/1"] = answer
    source = source_of(site)
    run_source(source_id=source.pk)
    batch = run_source(source_id=source.pk)
    assert batch is not None
    assert (batch.received, batch.unchanged, batch.is_full) == (2, 2, True)


def test_the_beat_begins_what_is_due_and_closes_what_is_over(site: Site) -> None:
    site.answers["/1"] = listing(1)
    due, later = source_of(site), source_of(site, next_run_at=timezone.now() + dt.timedelta(hours=1))
    over = source_of(site, expires_at=timezone.now() - dt.timedelta(minutes=1))
    read_due_sources()
    assert list(Batch.objects.values_list("source", flat=True)) == [due.pk]
    for one in (later, over):
        one.refresh_from_db()
    assert reason(over) == "Le droit d’usage est passé."
    assert later.paused_at is None
    assert run_source(source_id=over.pk) is None
    assert pause_expired(at=timezone.now()) == 0


def test_nobody_reads_what_another_worker_reads(site: Site) -> None:
    source = source_of(site, run_started_at=timezone.now(), run_lease_until=timezone.now() + dt.timedelta(minutes=1))
    assert due_sources(at=timezone.now()) == []
    assert run_source(source_id=source.pk) is None
    assert site.asked == []


def test_a_worker_that_died_is_gone_on_for(site: Site) -> None:
    site.answers |= {"/1": listing(1, following="/2"), "/2": listing(2)}
    begun = timezone.now()
    source = source_of(site, run_started_at=begun, run_lease_until=begun)
    died = Batch.objects.create(source=source, sent_by="reading", state=BatchState.RUNNING, created_at=begun)
    with fetching._fetching(source, read_recipe("css", RECIPE), since=begun, client=None, is_kept=True, on_page=lambda: None) as fetch:
        fetch(site.url("/1"))
    batch = run_source(source_id=source.pk)
    assert batch is not None
    assert batch.created == 2
    assert site.asked == ["/1", "/2"]
    died.refresh_from_db()
    assert (died.state, died.error) == (BatchState.FAILED, "interrupted")


def test_a_long_reading_is_broken_off_and_gone_on_with(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.answers |= {"/1": listing(1, following="/2"), "/2": listing(2)}
    source = source_of(site)
    monkeypatch.setattr(fetching, "BUDGET_S", -1.0)
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert source.run_started_at is not None
    assert source.run_lease_until is None
    assert due_sources(at=timezone.now()) == [source.pk]


def test_a_site_that_wants_rest_is_read_later(site: Site) -> None:
    site.answers |= {"/1": listing(1, following="/2"), "/2": reply("429 Too Many Requests", "Retry-After: 600")}
    source = source_of(site)
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert source.last_error.startswith("http_429")
    assert source.next_run_at is not None
    assert 500 < (source.next_run_at - timezone.now()).total_seconds() <= 600
    assert not Batch.objects.exists()
    # Once it has rested, the first page is not asked again.
    site.answers["/2"] = listing(2)
    cache.clear()
    batch = run_source(source_id=source.pk)
    assert batch is not None
    assert batch.created == 2
    assert site.asked.count("/1") == 1


def test_failures_wait_longer_each_time_then_pause(site: Site) -> None:
    source = source_of(site, "/gone")
    for expected in (1, 2, 4, 8):
        assert run_source(source_id=source.pk) is None
        source.refresh_from_db()
        assert source.next_run_at is not None
        assert round((source.next_run_at - timezone.now()).total_seconds() / 3600) == expected
    assert source.last_error.startswith("http_404")
    run_source(source_id=source.pk)
    source.refresh_from_db()
    assert source.paused_at is not None
    assert reason(source) == "5 lectures de suite ont échoué."
    event = OutboxEvent.objects.get(name="ingestion.source_paused")
    assert (event.key, event.payload["reason"]) == (str(source.pk), source.pause_reason)


def test_a_page_that_is_missing_makes_no_full_reading(site: Site) -> None:
    site.answers["/1"] = listing(1, following="/gone")
    batch = run_source(source_id=source_of(site).pk)
    assert batch is not None
    assert (batch.received, batch.created, batch.rejected, batch.is_full) == (2, 1, 1, False)
    item = BatchLine.objects.get(batch=batch, outcome="rejected")
    assert item.reasons[0]["code"] == "http_404"


def test_a_site_that_changed_its_form_is_paused(site: Site) -> None:
    source = source_of(site)
    for _reading in range(2):
        site.answers["/1"] = listing(*range(1, 31))
        run_source(source_id=source.pk)
    site.answers["/1"] = reply("200 OK", body=b"<main>Nouveau site</main>")
    run_source(source_id=source.pk)
    assert reason(source) == "Chute soudaine : 0 bons enregistrements, contre 30 d’habitude."
    assert due_sources(at=timezone.now() + dt.timedelta(days=2)) == []


def test_records_without_names_pause_a_source(site: Site) -> None:
    nameless = '<div class="item"><h2></h2></div>' * 20
    site.answers["/1"] = reply("200 OK", body=nameless.encode())
    source = source_of(site)
    run_source(source_id=source.pk)
    assert reason(source).startswith("Trop de refus : 0 % acceptés")


def test_records_that_say_nothing_pause_a_source(site: Site) -> None:
    site.answers["/1"] = reply("200 OK", body="".join(f'<div class="item"><h2>Lieu {n}</h2></div>' for n in range(20)).encode())
    source = source_of(site, min_quality=0.6, recipe={"block": ".item", "fields": {"name": "h2"}})
    run_source(source_id=source.pk)
    assert reason(source).startswith("Fiches trop vides : complètes à ")


def test_a_redirect_inside_ends_the_reading(site: Site) -> None:
    site.answers["/1"] = reply("302 Found", "Location: http://169.254.169.254/latest/meta-data/")
    source = source_of(site)
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert source.last_error.startswith("address_private")


def test_a_file_is_fetched_and_read(site: Site) -> None:
    rows = [dict(zip(("source_id", "Enseigne", "category", "phone"), (str(n), *said_of(n)), strict=True)) for n in (1, 2, 3)]
    site.answers["/places.ndjson"] = reply("200 OK", body="\n".join([*map(json.dumps, rows), "{", "7"]).encode())
    recipe = {"columns": {"name": "Enseigne"}, "constants": {"city": "Douala", "quarter": "Akwa"}}
    batch = run_source(source_id=source_of(site, "/places.ndjson", kind=SourceKind.FILE, recipe=recipe).pk)
    assert batch is not None
    assert (batch.received, batch.created, batch.rejected) == (5, 3, 2)


def test_a_file_that_did_not_change_is_not_sent_again(site: Site) -> None:
    """Asked with what it was known by; a change of the source, or a reading that missed something, asks for it anew."""
    lines = [json.dumps({"source_id": "1", "name": "Pharmacie du Soleil", "category": "pharmacie", "city": "Douala"})]

    def answer(head: bytes) -> bytes:
        if b'If-None-Match: "v1"' in head:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return reply("200 OK", 'ETag: "v1"', body="\n".join(lines).encode())

    site.answers["/places.ndjson"] = answer
    source = source_of(site, "/places.ndjson", kind=SourceKind.FILE, recipe={})
    assert run_source(source_id=source.pk) is not None
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert (source.failures, source.last_error, source.run_lease_until) == (0, "", None)
    assert source.next_run_at is not None
    assert Batch.objects.count() == 1
    lines.append("{")
    save_source(source=source, changed=["trust"], at=timezone.now())
    again = run_source(source_id=source.pk)
    assert again is not None
    assert (again.unchanged, again.rejected) == (1, 1)
    assert run_source(source_id=source.pk) is not None


def test_an_api_that_asks_for_a_token(site: Site, settings: Settings) -> None:
    """The recipe names it, the environment holds it with its host, and neither the table nor another host sees it."""
    settings.SOURCE_CREDENTIALS = {"ANNUAIRE": f"{urlsplit(site.url('/')).netloc} X-API-Key: s3cret"}

    def answer(head: bytes) -> bytes:
        if b"x-api-key: s3cret" not in head.lower():
            return reply("401 Unauthorized")
        return reply("200 OK", body=json.dumps([{"name": "Pharmacie du Soleil", "city": "Douala"}]).encode())

    site.answers["/api"] = answer
    recipe: dict[str, Any] = {"fields": {"name": "name", "city": "city"}}
    source = source_of(site, "/api", kind=SourceKind.JSON_API, recipe=recipe)
    assert run_source(source_id=source.pk) is None
    source.recipe = {**recipe, "credential": "ANNUAIRE"}
    save_source(source=source, changed=["recipe"], at=timezone.now())
    batch = run_source(source_id=source.pk)
    assert batch is not None
    assert batch.created == 1
    assert "s3cret" not in str(Source.objects.filter(pk=source.pk).values()[0])


@pytest.mark.parametrize(
    ("written", "headers"),
    [
        ("api.example Authorization: Bearer a b", {"Authorization": "Bearer a b"}),
        ("other.example Authorization: Bearer a", {}),
        ("api.example:444 Authorization: Bearer a", {}),
    ],
)
def test_a_token_goes_to_its_host_only(settings: Settings, written: str, headers: dict[str, str]) -> None:
    settings.SOURCE_CREDENTIALS = {"A": written}
    assert read_credential("A").headers_for("https://api.example/list") == headers
    assert "Bearer" not in repr(read_credential("A"))


@pytest.mark.parametrize(
    "written", ["", "Bearer a", "api.example Authorization:", "api.example X-Other: a", "api.example Authorization: a\nX: b"]
)
def test_a_token_that_cannot_be_sent_ends_the_reading(site: Site, settings: Settings, written: str) -> None:
    settings.SOURCE_CREDENTIALS = {"A": written}
    recipe = {"fields": {"name": "name"}, "credential": "A"}
    source = source_of(site, "/api", kind=SourceKind.JSON_API, recipe=recipe)
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert source.last_error.startswith("SOURCE_CREDENTIAL_A")
    assert try_page(source=source, url=source.url).error == "credential_missing"
    assert site.asked == []


def test_a_trial_stores_nothing(site: Site) -> None:
    site.answers["/1"] = listing(1, 2, following="/2")
    source = source_of(site)
    trial = try_page(source=source, url=source.url)
    assert ([row["name"] for row in trial.rows], trial.unreadable, trial.error) == (["Pharmacie du Soleil", "Boulangerie Zénith"], [], "")
    assert try_page(source=source, url=site.url("/gone")).error == "http_404"
    assert try_page(source=source, url="http://169.254.169.254/").error == "address_private"
    assert site.asked == ["/1", "/gone"]
    assert not FetchedPage.objects.exists()
    assert not Batch.objects.exists()


def test_a_recipe_that_cannot_work_fails_the_reading(site: Site) -> None:
    source = source_of(site, recipe={"block": ".item"})
    assert run_source(source_id=source.pk) is None
    source.refresh_from_db()
    assert "fields" in source.last_error
    with pytest.raises(RecipeInvalid):
        try_page(source=source, url=source.url)
