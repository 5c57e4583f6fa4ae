"""What an ingest call is sent that it should not be, and what is too long to answer at once."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.catalog.models import Resource
from apps.ingestion.models import Batch, RawRecord
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import arrive
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.pipeline import take
from apps.ingestion.tests.factories import PATH, outcomes, place, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LINES = "application/x-ndjson"


def lines(*records: object) -> bytes:
    """NDJSON; bytes go as they are."""
    return b"\n".join(record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)


@pytest.fixture
def finish(client: Client, secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Sends, lets the worker take it, and reads the batch."""

    def run(body: bytes, **options: str) -> dict[str, Any]:
        with django_capture_on_commit_callbacks(execute=True):
            response = send(client, secret, body, **options)
        assert response.status_code == 202, response.content
        assert response["Location"].endswith(f"/api/v1/ingest/batches/{response.json()['batch_id']}")
        shown: dict[str, Any] = client.get(response["Location"], headers={"X-API-Key": secret}).json()
        return shown

    return run


def test_it_works(finish: Any, client: Client, secret: str) -> None:
    body = lines(*(place(number) for number in range(1200)), {"name": ""})
    shown = finish(body, kind=LINES)
    assert (shown["state"], shown["received"], shown["done"]) == ("done", 1201, 1201)
    assert (shown["counts"]["created"], shown["counts"]["rejected"], shown["has_more"]) == (1200, 1, True)
    assert Resource.objects.count() == 1200
    assert shown["items"][-1]["index"] == 19
    following = client.get(shown["next"], headers={"X-API-Key": secret}).json()
    assert following["items"][0]["index"] == 20
    rejected = client.get(f"/api/v1/ingest/batches/{shown['batch_id']}?outcome=rejected&limit=5", headers={"X-API-Key": secret}).json()
    assert [(item["index"], item["reasons"][0]["code"]) for item in rejected["items"]] == [(1200, "name_missing")]
    assert not storages["private"].exists(f"ingest/{shown['batch_id']}.ndjson"), "what is done is not kept twice"
    again = finish(body, kind=LINES)
    assert again["counts"] == {
        "created": 0, "updated": 0, "unchanged": 1200, "merged": 0, "duplicate_suspected": 0, "rejected": 1,
    }  # fmt: skip


def test_who_prefers_it_is_answered_later(finish: Any) -> None:
    shown = finish(json.dumps([place()]).encode(), Prefer="respond-async")
    assert shown["counts"]["created"] == 1


def test_a_list_of_more_than_a_megabyte_is_read_from_its_file(finish: Any) -> None:
    records = [place(number, description="été " * 300) for number in range(900)]
    shown = finish(json.dumps({"full": False, "items": records}, indent=1).encode())
    assert (shown["received"], shown["counts"]["created"]) == (900, 900)
    assert RawRecord.objects.count() == 900


@pytest.mark.parametrize("kind", ["application/json", LINES])
def test_an_object_of_forty_megabytes_is_one_refused_record(finish: Any, kind: str) -> None:
    shown = finish(json.dumps({"name": "Un", "description": "x" * 40_000_000}).encode(), kind=kind)
    assert [(item["outcome"], item["reasons"][0]["code"]) for item in shown["items"]] == [("rejected", "record_too_large")]
    assert len(bytes(RawRecord.objects.get().payload)) < 10_000


def test_fifty_thousand_times_the_same_record_is_one_entry(finish: Any) -> None:
    body = gzip.compress(lines(*[{"name": "Chez Pierre", "category": "restaurant", "city": "Douala", "quarter": "Akwa",
                                  "description": f"{'ab' * 20}"}] * 50_000), compresslevel=0)  # fmt: skip
    shown = finish(body, kind=LINES, Content_Encoding="gzip")
    assert (shown["counts"]["created"], shown["counts"]["unchanged"]) == (1, 49_999)
    assert Resource.objects.count() == RawRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b" ", {}, 400),
        (b"{", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'"text"', {}, 400),
        (b'{"items": 5}', {}, 400),
        (b"\xff\xfe\x00", {}, 400),
        (gzip.compress(b"[]", mtime=0)[:-4], {"Content_Encoding": "gzip"}, 400),
        (b"not gzip", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b"[]", mtime=0) + b"more", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b" " * 30_000_000, mtime=0), {"Content_Encoding": "gzip"}, 413),
    ],
)
def test_an_unreadable_body_is_refused_whole(client: Client, secret: str, body: bytes, headers: dict[str, str], status: int) -> None:
    assert send(client, secret, body, **headers).status_code == status
    assert not Batch.objects.exists()


def test_a_bomb_is_seen_before_it_is_unpacked(client: Client, secret: str) -> None:
    """Two hundred times a gigabyte's worth of blanks in 200 kB each: read on, it would fill the disk."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(1000)) + packer.flush()
    response = send(client, secret, bomb, kind=LINES, Content_Encoding="gzip")
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("kind", "status"), [("text/csv", 415), ("multipart/form-data; boundary=x", 415), ("application/json; charset=utf-8", 200)]
)
def test_only_json_is_read(client: Client, secret: str, kind: str, status: int) -> None:
    assert send(client, secret, place(), kind=kind).status_code == status


def test_what_is_read_is_said(client: Client, secret: str) -> None:
    for response in (send(client, secret, "a|b", kind="text/csv"), send(client, secret, b"x", Content_Encoding="br")):
        assert (response.status_code, "application/x-ndjson" in response.json()["detail"]) == (415, True)


def test_a_body_in_chunks_is_refused_not_read_as_empty(client: Client, secret: str) -> None:
    response = client.post(
        PATH, headers={"X-API-Key": secret, "Transfer-Encoding": "chunked"}, CONTENT_LENGTH="", content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (411, "length_required")


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"name": "Profond"}
    for _ in range(depth):
        value = {"name": "Profond", "extra": value}
    return value


@pytest.mark.parametrize(
    "record",
    [
        nested(10),
        nested(400),
        {"name": ["a", {"b": None}], "source_id": {"x": 1}},
        {"name": 12, "phone": {"a": 1}, "email": 5, "website": [], "lat": "4,05", "lon": True, "category": {"x": "y"}},
        {"name": "Nul\x00dans le nom", "source_id": "a\x00b", "description": "\x00", "extra": {"a\x00": "\x00"}},
        {"name": "PharmacieÃ© du MarchÃ©", "category": "pharmacie", "city": "Douala"},
        {"name": "<script>alert(1)</script>Bar", "description": "<img src=x onerror=alert(1)><b>Bon</b>"},
        {"name": "x" * 5000, "source_id": "y" * 5000, "source": "z" * 5000},
        {"name": "=cmd|' /C calc'!A0", "address": "@SUM(1+1)", "phone": "+237 233 42 00 00"},
        {"name": "Un", "lat": 1e308, "lon": -1e308},
        {"name": "Demi \ud800 caractère", "source_id": "\udfff"},
        {"name": "Un", "extra": {"x" * 10_000: 1}, "source_url": "javascript:alert(1)"},
        {},
    ],
    ids=range(13),
)
def test_whatever_a_record_holds_it_is_answered_for(client: Client, secret: str, record: dict[str, Any]) -> None:
    found = outcomes(send(client, secret, {"items": [record, place(5)]}))
    assert found[0] in {"created", "rejected"}
    assert found[1] == "created"
    assert outcomes(send(client, secret, {"items": [record, place(5)]})) == [
        "unchanged" if found[0] == "created" else "rejected",
        "unchanged",
    ]
    for resource in Resource.objects.all():
        assert "<" not in resource.name + resource.description_fr
        assert "Ã" not in resource.name


def test_text_that_is_no_utf8_is_refused_alone(client: Client, secret: str) -> None:
    for body, kind in (
        (lines(b'{"name": "caf\xe9"}', place()), LINES),
        (b'[{"name": "caf\xe9"},' + lines(place(2)) + b"]", "application/json"),
    ):
        response = send(client, secret, body, kind=kind)
        assert outcomes(response) == ["rejected", "created"]
        assert response.json()["items"][0]["reasons"][0]["code"] == "not_utf8"


def test_a_worker_goes_on_after_what_is_done(client: Client, secret: str) -> None:
    """The first chunk is stored, then the worker ends; the next one takes the rest, and nothing twice."""
    response = send(client, secret, lines(*(place(number) for number in range(1500))), kind=LINES)
    batch = Batch.objects.get(pk=response.json()["batch_id"])
    context = read_context(batch.source)
    with batch.file.open("rb") as file:
        first = [row for row in batches.read_lines(file) if row.index < 1000]
    take(batch=batch, arrivals=[arrive(row) for row in first], context=context, at=batch.created_at)
    assert batches.work_off(batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.created, batch.unchanged) == ("done", 1500, 1500, 0)
    assert list(batch.lines.order_by("index").values_list("index", flat=True)) == list(range(1500))
    assert batches.work_off(batch_id=batch.pk), "harmless when it is done"
    assert Resource.objects.count() == 1500
