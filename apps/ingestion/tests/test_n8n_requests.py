"""The requests of n8n 2.41 as they arrive, replayed without n8n: what it sends, sends again, and makes of our answers.

`make test-n8n` drives a real one; this keeps the contract in the suite that everybody runs.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.ingestion.models import Batch, RawRecord, Source
from apps.ingestion.tests.factories import outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

# Measured. The body is UTF-8 though no charset is named, names of its own headers come in lower case, and it never says "chunked".
HEADERS = {
    "Accept": "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7",
    "User-Agent": "n8n",
    "Accept-Encoding": "gzip, compress, deflate, br",
    "Connection": "close",
}
RUN = "romapiScrapeListing-20-1795712981557"
# The HTML node gives "" for a text that is missing and leaves out an attribute that is.
SCRAPED = [
    {"name": "Boulangerie & CafÃ© du NdÃ©", "address": "Rue Joss, Douala", "phone": "699 00 11 22", "category": "boulangerie",
     "description": "Pain chaud", "website": "https://pain.example.cm", "source_url": "https://annuaire.example/douala"},
    {"name": "Sans rien", "address": "", "phone": "", "category": "", "description": "", "source_url": "https://annuaire.example/douala"},
    {"name": "", "address": "", "phone": "233 42 00 00", "category": "", "description": "", "source_url": "https://annuaire.example/douala"},
]  # fmt: skip


def post(client: Client, secret: str, body: Any, *, path: str = "/api/businesses/ingest", **headers: str) -> Any:
    """A call of the HTTP Request node."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {**HEADERS, "X-API-Key": secret, **named}
    return client.generic("POST", path, json.dumps(body, ensure_ascii=False), content_type="application/json", headers=sent)


def test_it_works(client: Client, secret: str) -> None:
    """A scraped page: repaired, what is empty is absent, and the one without a name is refused alone."""
    response = post(client, secret, {"items": SCRAPED}, idempotency_key=f"{RUN}-0")
    assert outcomes(response) == ["created", "created", "rejected"]
    assert response["Content-Type"] == "application/json"
    answer = json.loads(response.content)
    assert not answer.get("error")
    assert answer["items"][2]["reasons"][0]["field"] == "name"
    full, bare = RawRecord.objects.exclude(outcome="rejected").order_by("pk")
    assert full.clean["name"] == "Boulangerie & Café du Ndé"
    assert full.clean["phones"] == ["+237699001122"]
    assert {"phones", "email", "website"}.isdisjoint(name for name, value in bare.clean.items() if value)


def test_a_node_that_retries_sends_everything_again(client: Client, secret: str) -> None:
    """Same key: the stored answer. Without a key, and in a run later on: the same records, unchanged."""
    first = post(client, secret, {"items": SCRAPED}, idempotency_key=f"{RUN}-0")
    again = post(client, secret, {"items": SCRAPED}, idempotency_key=f"{RUN}-0")
    assert (again["Idempotent-Replayed"], again.content) == ("true", first.content)
    for headers in ({}, {"idempotency_key": "romapiScrapeListing-21-1795713073278-0"}):
        assert outcomes(post(client, secret, {"items": SCRAPED}, **headers)) == ["unchanged", "unchanged", "rejected"]
    assert RawRecord.objects.count() == 3


def test_one_request_an_item(client: Client, secret: str) -> None:
    """Without batching, the node sends each item by itself, as a bare object, and all of them again when the first fails."""
    for expected in (["created", "created", "rejected"], ["unchanged", "unchanged", "rejected"]):
        answers = [outcomes(post(client, secret, item))[0] for item in SCRAPED]
        assert answers == expected


@pytest.mark.parametrize("path", ["/api/businesses/ingest", "/api/v1/businesses/ingest", "/api/api-resources/ingest"])
def test_no_redirect_turns_the_call_into_a_get(client: Client, secret: str, path: str) -> None:
    """It would follow 301, 302 and 303 with a GET, without the body."""
    assert post(client, secret, SCRAPED[0], path=path).status_code == 200
    assert post(client, secret, SCRAPED[0], path=f"{path}/").status_code not in {301, 302, 303}


def test_both_kinds_of_credential(client: Client, secret: str) -> None:
    """“Header Auth” and “Bearer Auth”."""
    sent = {**HEADERS, "Authorization": f"Bearer {secret}"}
    response: Any = client.generic("POST", "/api/businesses/ingest", json.dumps(SCRAPED[0]), content_type="application/json", headers=sent)
    assert outcomes(response) == ["created"]
    refused = post(client, "romapi_live_wrong", SCRAPED[0])
    assert refused.status_code == 401
    assert json.loads(refused.content)["detail"]


def test_a_refusal_says_when_in_whole_seconds(client: Client, secret: str, settings: Settings) -> None:
    """The workflows wait for `Number(Retry-After)`; the sentence is what n8n shows."""
    settings.KEY_BURST = 1
    answers = [post(client, secret, SCRAPED[0]) for _ in range(4)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused["Retry-After"]) >= 1
    assert json.loads(refused.content)["detail"]


def test_a_batch_for_later_is_followed_by_its_address(client: Client, secret: str, source: Source) -> None:
    """`Location` is what the workflow asks next, with the outcome that it wants to hear of."""
    taken = post(client, secret, {"items": SCRAPED}, idempotency_key=f"{RUN}-0", prefer="respond-async")
    assert taken.status_code == 202
    batch = Batch.objects.get(source=source)
    assert taken["Location"].endswith(f"/api/v1/ingest/batches/{batch.pk}")
    replayed = post(client, secret, {"items": SCRAPED}, idempotency_key=f"{RUN}-0", prefer="respond-async")
    assert (replayed.status_code, replayed["Location"]) == (202, taken["Location"])
    assert Batch.objects.count() == 1
    state = client.get(taken["Location"], {"outcome": "rejected", "limit": "100"}, headers={**HEADERS, "X-API-Key": secret}).json()
    assert state["state"] in {"queued", "running", "done"}
    assert isinstance(state["items"], list)


def test_a_body_that_nobody_can_read_is_refused_with_a_sentence(client: Client, secret: str) -> None:
    sent = {**HEADERS, "X-API-Key": secret}
    response: Any = client.generic("POST", "/api/businesses/ingest", "[object Object]", content_type="application/json", headers=sent)
    assert response.status_code == 400
    assert json.loads(response.content)["detail"]
    assert RawRecord.objects.count() == 0
