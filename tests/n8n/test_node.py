"""Our community node, packed and installed as users install it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.n8n.conftest import NODE_PACKAGE, Lab
from tests.n8n.engine import Execution
from tests.n8n.web import Fault

pytestmark = pytest.mark.n8n
TYPE = f"{NODE_PACKAGE}.romapi"
CREDENTIAL = {"romapiApi": {"id": "romapiKey0000002", "name": "ROMAPI"}}
_numbers = itertools.count(1)


def run(lab: Lab, parameters: dict[str, Any], records: list[dict[str, Any]] | None = None, **more: Any) -> Execution:
    """A workflow of three nodes: by hand, the records, ours."""
    key = f"romapiNode{next(_numbers)}"
    code = f"return {json.dumps(records or [{}])}.map((json) => ({{ json }}));"
    nodes = [
        {"id": f"{key}-1", "name": "By hand", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "position": [0, 0],
         "parameters": {}},
        {"id": f"{key}-2", "name": "Records", "type": "n8n-nodes-base.code", "typeVersion": 2, "position": [200, 0],
         "parameters": {"mode": "runOnceForAllItems", "language": "javaScript", "jsCode": code}},
        {"id": f"{key}-3", "name": "ROMAPI", "type": TYPE, "typeVersion": 1, "position": [400, 0], "parameters": parameters,
         "credentials": CREDENTIAL, **more},
    ]  # fmt: skip
    links = {
        name: {"main": [[{"node": following, "type": "main", "index": 0}]]}
        for name, following in (("By hand", "Records"), ("Records", "ROMAPI"))
    }
    lab.n8n.create({"id": key, "name": key, "nodes": nodes, "connections": links, "settings": {"executionOrder": "v1"}})
    return lab.n8n.run(key)


def records_of(word: str, count: int, *, latitude: float = 3.5) -> list[dict[str, Any]]:
    """So many different places."""
    return [
        {"source_id": f"{word}-{number}", "name": f"{word} {number}", "category": "shop=hairdresser", "lat": latitude + number / 1000,
         "lon": 11.1, "phone": ""}
        for number in range(count)
    ]  # fmt: skip


def test_it_works(lab: Lab) -> None:
    """More records than one call takes, a server that is busy, a connection that breaks: each record once, each answered for."""
    records = records_of("Coiffure", 501)
    lab.gate.faults += [Fault(status=429, retry_after_s=1), Fault(status=503), Fault(after=True)]
    first = run(lab, {"operation": "ingest", "kind": "business"}, records)
    assert (first.status, first.error) == ("success", "")
    assert [post.status for post in lab.gate.posts()] == [429, 503, 0, 200, 200]
    keys = [post.headers.get("Idempotency-Key") or post.headers["idempotency-key"] for post in lab.gate.posts()]
    assert len(set(keys[:4])) == 1
    assert keys[4] != keys[0]
    assert [len(json.loads(post.body)["items"]) for post in lab.gate.posts()[-2:]] == [500, 1]
    lines = first.items("ROMAPI")
    assert [line["index"] for line in lines] == list(range(501))
    assert lines[500]["name"] == "Coiffure 500"
    assert {line["outcome"] for line in lines} <= {"created", "duplicate_suspected"}
    assert sum(line["outcome"] == "created" for line in lines) > 0
    stored = "SELECT count(*) FROM ingest_records WHERE source_id = %s AND identity LIKE 'Coiffure-%%'"
    assert lab.romapi.rows(stored, lab.source) == [(501,)]

    second = run(lab, {"operation": "ingest", "kind": "business"}, records)
    assert {line["outcome"] for line in second.items("ROMAPI")} == {"unchanged"}
    assert lab.romapi.rows(stored, lab.source) == [(501,)]


def test_a_refused_record_says_why_and_the_others_pass(lab: Lab) -> None:
    made = run(lab, {"operation": "ingest", "kind": "any"}, [{"name": ""}, *records_of("Menuiserie", 1, latitude=5.1)])
    refused, taken = made.items("ROMAPI")
    assert (refused["outcome"], taken["outcome"]) == ("rejected", "created")
    assert refused["reasons"][0]["code"]
    assert taken["batch_id"] == refused["batch_id"]


def test_search_and_get(lab: Lab) -> None:
    (made,) = run(lab, {"operation": "ingest", "kind": "business"}, records_of("Tapisserie Mbarga", 1, latitude=5.3)).items("ROMAPI")
    got = run(lab, {"operation": "get", "id": made["id"]})
    assert got.items("ROMAPI")[0]["name"] == "Tapisserie Mbarga 0"
    lab.n8n.until(lambda: bool(lab.romapi.get("/api/v1/search?q=tapisserie+mbarga", key=lab.key)["data"]), timeout_s=60)
    hits = run(lab, {"operation": "search", "query": "tapisserie mbarga", "limit": 3, "filters": {"lang": "fr"}}).items("ROMAPI")
    assert hits[0]["id"] == made["id"]


def test_an_error_is_the_servers_own_sentence(lab: Lab) -> None:
    missing = run(lab, {"operation": "get", "id": "nulle-part"})
    assert missing.status == "error"
    assert missing.error
    assert "undefined" not in missing.error
    kept = run(lab, {"operation": "get", "id": "nulle-part"}, onError="continueRegularOutput")
    assert (kept.status, kept.items("ROMAPI")[0]["message"]) == ("success", missing.error)


def test_the_credential_has_a_test(lab: Lab) -> None:
    assert lab.n8n.test_credential("romapiKey0000002") == ("OK", "Connection successful!")
    wrong = {"baseUrl": lab.gate.url, "apiKey": "romapi_live_wrong"}
    status, _message = lab.n8n.test_credential("romapiKey0000002", wrong)
    assert status == "Error"
