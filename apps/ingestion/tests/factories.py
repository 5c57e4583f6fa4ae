"""Sources and keys for tests."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.catalog.models import Resource
from apps.ingestion.choices import LawfulBasis, Policy
from apps.ingestion.models import Batch, Proposal, RawRecord, Source, SourceKey

PATH = "/api/v1/api-resources/ingest"
_numbers = itertools.count(1)


def make_source(**fields: Any) -> Source:
    """A source that publishes at once."""
    slug = fields.pop("slug", f"source-{next(_numbers)}")
    given = {"name": slug, "licence": "CC0 1.0", "lawful_basis": LawfulBasis.OPEN_LICENCE, "policy": Policy.AUTO, **fields}
    return Source.objects.create(slug=slug, **given)


def make_source_key(source: Source | None, *, user: User | None = None, **fields: Any) -> str:
    """The secret of a key that may ingest, bound to a source when there is one."""
    key, secret = make_key(user or make_user(), permissions=[Scope.INGEST_WRITE.value, Scope.RESOURCES_READ.value], **fields)
    if source is not None:
        SourceKey.objects.create(key=key, source=source)
    return secret


def make_batch(source: Source | None = None, **fields: Any) -> Batch:
    """A batch that waits."""
    return Batch.objects.create(source=source or make_source(), created_at=fields.pop("created_at", timezone.now()), **fields)


def make_proposal(resource: Resource, *, field: str = "name", value: Any = "Un autre nom", **fields: Any) -> Proposal:
    """What a record of a new source says of an entry."""
    at = timezone.now()
    source = fields.pop("source", None) or make_source()
    record = RawRecord.objects.create(
        source=source, identity=f"n{next(_numbers)}", payload=b"{}", payload_hash=b"0" * 16, clean={"name": resource.name},
        outcome="created", resource=resource, livemode=resource.livemode, first_seen_at=at, seen_at=at, changed_at=at,
    )  # fmt: skip
    digest = hashlib.blake2b(json.dumps(value).encode(), digest_size=16).digest()
    return Proposal.objects.create(resource=resource, field=field, value=value, value_hash=digest, record=record, created_at=at, **fields)


def place(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A good record; two numbers are two places that nobody takes for one another."""
    return {
        "source_id": str(number), "name": f"Pharmacie {_word(number)}", "category": "pharmacie",
        "lat": round(3.98 + number % 40 * 0.005, 4), "lon": round(9.66 + number // 40 * 0.004, 4), "city": "Douala", "quarter": "Akwa",
        "phone": f"6 99 {number:06d}", **changes,
    }  # fmt: skip


def _word(number: int) -> str:
    """A word of its own, unlike that of the next number."""
    digits = hashlib.blake2b(str(number).encode(), digest_size=10).digest()
    return "".join("bdfgjklmnprstvz"[byte % 15] + "aeiou"[byte // 15 % 5] for byte in digits).capitalize()


def send(client: Client, secret: str, body: Any, *, path: str = PATH, kind: str = "application/json", **headers: str) -> Any:
    """One call; bytes and texts go as they are."""
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic("POST", path, data, content_type=kind, headers={"X-API-Key": secret, **named})


def outcomes(response: HttpResponse) -> list[str]:
    """What became of each record."""
    assert response.status_code == 200, response.content
    return [item["outcome"] for item in json.loads(response.content)["items"]]
