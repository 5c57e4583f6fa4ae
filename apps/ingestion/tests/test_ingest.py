"""`POST /api-resources/ingest`: every record is answered for, and sending again is harmless."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.tests.factories import make_user
from apps.catalog.models import Resource, ResourceCard
from apps.catalog.services import deletion
from apps.core.clock import now
from apps.ingestion.choices import Policy
from apps.ingestion.models import Batch, BatchLine, FormerRecord, RawRecord, Source
from apps.ingestion.selectors.batches import every_line
from apps.ingestion.tests.factories import PATH, make_source, make_source_key, outcomes, place, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_it_works(client: Client, secret: str, source: Source) -> None:
    response = send(client, secret, place())
    assert response.status_code == 200, response.content
    answer = response.json()
    assert response["Content-Type"] == "application/json"
    assert "error" not in answer
    assert answer["counts"]["created"] == 1
    resource = Resource.objects.get()
    assert answer["items"] == [{"index": 0, "outcome": "created", "id": str(resource.pk), "reasons": []}]
    assert (resource.status, resource.name, resource.category and resource.category.slug) == ("active", place()["name"], "pharmacies")
    assert ResourceCard.objects.filter(resource=resource).count() == 2
    record = RawRecord.objects.get()
    assert (record.source, record.identity, record.resource) == (source, "1", resource)
    assert json.loads(bytes(record.payload)) == place()
    shown = client.get(f"/api/v1/ingest/batches/{answer['batch_id']}", headers={"X-API-Key": secret}).json()
    assert (shown["state"], shown["items"], shown["has_more"]) == ("done", answer["items"], False)


@pytest.mark.parametrize(
    "body", [place(), [place()], {"items": [place()]}, {"items": [place()], "full": True}], ids=["object", "list", "items", "full"]
)
@pytest.mark.parametrize("path", [PATH, "/api/api-resources/ingest", "/api/v1/businesses/ingest", "/api/businesses/ingest"])
def test_every_shape_and_path_is_read(client: Client, secret: str, body: Any, path: str) -> None:
    assert outcomes(send(client, secret, body, path=path)) == ["created"]
    assert outcomes(send(client, secret, body)) == ["unchanged"]


def test_lines_are_read(client: Client, secret: str) -> None:
    body = "\ufeff" + "\n\n".join(json.dumps(place(number)) for number in range(3)) + "\r\n{broken\n"
    response = send(client, secret, body.encode(), kind="application/x-ndjson")
    assert outcomes(response) == ["created", "created", "created", "rejected"]
    assert response.json()["items"][3]["reasons"][0]["code"] == "not_json"


def test_packed_bodies_are_read(client: Client, secret: str) -> None:
    packed = gzip.compress(json.dumps([place(1), place(2)]).encode())
    assert outcomes(send(client, secret, packed, Content_Encoding="gzip")) == ["created", "created"]
    assert send(client, secret, packed, Content_Encoding="br").status_code == 415


def test_a_rejected_record_does_not_change_the_answer(client: Client, secret: str) -> None:
    response = send(client, secret, [place(1), {"name": ""}, "text", None, 5, [], place(2, lat=0, lon=0)])
    assert outcomes(response) == ["created", *["rejected"] * 6]
    codes = [item["reasons"][0]["code"] for item in response.json()["items"][1:]]
    assert codes == ["name_missing", "not_an_object", "not_an_object", "not_an_object", "not_an_object", "position_zero"]
    again = send(client, secret, [place(1), {"name": ""}])
    assert outcomes(again) == ["unchanged", "rejected"]
    assert RawRecord.objects.filter(is_quarantined=True).count() == 6


def test_a_change_is_an_update_and_the_former_bytes_are_kept(client: Client, secret: str) -> None:
    send(client, secret, place())
    assert outcomes(send(client, secret, place(name="Pharmacie Neuve"))) == ["updated"]
    resource = Resource.objects.get()
    assert (resource.name, resource.version) == ("Pharmacie Neuve", 2)
    assert b"Pharmacie Neuve" in bytes(ResourceCard.objects.get(resource=resource, language="fr").body)
    assert json.loads(bytes(FormerRecord.objects.get().payload)) == place()
    # Other bytes that say the same.
    assert outcomes(send(client, secret, json.dumps(place(name="Pharmacie Neuve"), indent=2))) == ["unchanged"]
    assert Resource.objects.get().version == 2


def test_the_last_of_several_versions_counts(client: Client, secret: str) -> None:
    first, second = place(), place(name="Deuxième")
    assert outcomes(send(client, secret, [first, first, second])) == ["created", "unchanged", "updated"]
    assert Resource.objects.get().name == "Deuxième"
    assert outcomes(send(client, secret, [first, second])) == ["updated", "updated"]
    assert Resource.objects.get().name == "Deuxième"
    assert outcomes(send(client, secret, [second, first])) == ["unchanged", "updated"]
    assert Resource.objects.get().name == first["name"]
    assert outcomes(send(client, secret, [first, {**first, "lat": 0, "lon": 0}])) == ["unchanged", "rejected"]


def test_a_record_without_id_is_known_by_what_does_not_change(client: Client, secret: str) -> None:
    listed = {"name": "Boulangerie Le Bon Pain", "address": "Rue 1.234", "city": "Douala", "phone": "", "category": "", "website": "",
              "source_url": "https://exemple.cm/liste", "description": ""}  # fmt: skip
    assert outcomes(send(client, secret, listed)) == ["created"]
    assert outcomes(send(client, secret, {**listed, "description": "Pain chaud"})) == ["updated"]
    assert outcomes(send(client, secret, {**listed, "name": "Autre boulangerie"})) == ["created"]


def test_only_a_key_with_scope_and_source_sends(client: Client) -> None:
    assert client.post(PATH, place(), content_type="application/json").status_code == 401
    unbound = send(client, make_source_key(None), place())
    assert (unbound.status_code, unbound.json()["code"]) == (403, "source_required")
    client.force_login(make_user())
    assert client.post(PATH, place(), content_type="application/json").json()["code"] == "source_required"


@pytest.mark.parametrize("field", ["paused_at", "withdrawn_at", "expires_at"])
def test_a_closed_source_takes_nothing(client: Client, secret: str, source: Source, field: str) -> None:
    Source.objects.filter(pk=source.pk).update(**{field: now()})
    refused = send(client, secret, place())
    assert (refused.status_code, refused.json()["code"]) == (403, "source_closed")
    assert not Batch.objects.exists()


def test_the_report_says_what_was_answered(client: Client, secret: str) -> None:
    """Wherever a line is written: those of unchanged records are one row together."""
    send(client, secret, [place(1), place(2), {"name": ""}, place(4)])
    answer = send(client, secret, [place(2), {"name": ""}, place(7), place(1), place(2), place(4), place(4, name="Neuve"), place(4)]).json()
    said = ["unchanged", "rejected", "created", "unchanged", "unchanged", "unchanged", "updated", "updated"]
    assert [line["outcome"] for line in answer["items"]] == said
    batch = Batch.objects.get(pk=answer["batch_id"])
    assert [len(run.indexes) for run in batch.runs.all()] == [3]
    for limit, outcome in ((2, ""), (3, "unchanged"), (100, "")):
        address, shown = f"/api/v1/ingest/batches/{batch.pk}?limit={limit}" + (f"&outcome={outcome}" if outcome else ""), []
        while address:
            page = client.get(address, headers={"X-API-Key": secret}).json()
            shown += page["items"]
            address = page["next"]
        assert shown == [line for line in answer["items"] if not outcome or line["outcome"] == outcome]
    lines = [(line.index, line.outcome, str(line.resource_id or "")) for line in BatchLine.objects.filter(batch=batch).order_by("index")]
    assert lines == [(line["index"], line["outcome"], line["id"] or "") for line in answer["items"]]
    assert [(index, outcome, str(entry or "")) for index, outcome, entry, _reasons in every_line(batch)] == lines


def test_a_batch_is_shown_to_its_source_and_staff(client: Client, secret: str) -> None:
    batch_id = send(client, secret, place()).json()["batch_id"]
    address = f"/api/v1/ingest/batches/{batch_id}"
    assert client.get(address).status_code == 401
    assert client.get(address, headers={"X-API-Key": make_source_key(make_source())}).status_code == 404
    client.force_login(make_user())
    assert client.get(address).status_code == 404
    client.force_login(make_user(is_staff=True))
    assert client.get(address).status_code == 200


def test_a_test_key_writes_test_rows(client: Client, source: Source) -> None:
    owner = make_user()
    test_secret = make_source_key(source, user=owner, livemode=False)
    answer = send(client, test_secret, place()).json()
    resource = Resource.objects.get()
    assert (resource.livemode, resource.user, answer["livemode"]) == (False, owner, False)
    assert not ResourceCard.objects.exists()
    live = make_source_key(source)
    assert outcomes(send(client, live, place())) == ["created"], "the live record is another one"
    assert client.get(f"/api/v1/ingest/batches/{answer['batch_id']}", headers={"X-API-Key": live}).status_code == 404


def test_what_staff_deleted_stays_deleted(client: Client, secret: str) -> None:
    send(client, secret, place())
    resource = Resource.objects.get()
    deletion.delete_resource(resource_id=resource.pk, at=now())
    for body in (place(), place(name="Nouveau nom")):
        response = send(client, secret, body)
        assert outcomes(response) == ["unchanged"]
        assert response.json()["items"][0]["reasons"] == [{"field": "", "code": "suppressed", "detail": ""}]
    resource.refresh_from_db()
    assert (resource.name, resource.deleted_at is None) == (place()["name"], False)


def test_a_source_to_be_read_first_waits(client: Client) -> None:
    secret = make_source_key(make_source(policy=Policy.REVIEW))
    response = send(client, secret, place())
    assert [reason["code"] for reason in response.json()["items"][0]["reasons"]] == ["review"]
    assert Resource.objects.get().status == "pending"


def test_an_incomplete_record_waits_with_what_it_lacks(client: Client, secret: str) -> None:
    response = send(client, secret, {"name": "Chez Maman", "source_id": "7", "city": "Douala"})
    assert outcomes(response) == ["created"]
    assert [reason["code"] for reason in response.json()["items"][0]["reasons"]] == ["category_missing", "place_missing"]
    assert Resource.objects.get().status == "pending"
    assert outcomes(send(client, secret, {"name": "Chez Maman", "source_id": "7", "category": "restaurant", "quarter": "Akwa",
                                          "city": "Douala"})) == ["updated"]  # fmt: skip
    assert Resource.objects.get().status == "active"


def test_a_position_outside_the_outline_waits_until_somebody_looked(client: Client, secret: str) -> None:
    abroad = {"name": "Auberge du Lac", "source_id": "9", "category": "hotel", "lat": 5.0, "lon": 16.0}
    response = send(client, secret, abroad)
    assert outcomes(response) == ["created"]
    assert [reason["code"] for reason in response.json()["items"][0]["reasons"]] == ["position_outside_outline", "position_to_confirm"]
    resource = Resource.objects.get()
    assert (resource.status, float(resource.longitude or 0)) == ("pending", 16.0)
    assert outcomes(send(client, secret, {**abroad, "lat": 5.9, "lon": 14.5})) == ["updated"]
    resource.refresh_from_db()
    assert resource.status == "active"


def test_the_same_key_and_body_get_the_same_answer(client: Client, secret: str) -> None:
    first = send(client, secret, place(), Idempotency_Key="n8n-1")
    again = send(client, secret, place(), Idempotency_Key="n8n-1")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert send(client, secret, place(2), Idempotency_Key="n8n-1").status_code == 422
    assert Batch.objects.count() == 1
