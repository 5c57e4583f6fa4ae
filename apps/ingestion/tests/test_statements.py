"""How many statements the ingest endpoints ask, whatever the number of records."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.ingestion.models import Source
from apps.ingestion.tests.factories import outcomes, place, send

# Savepoints and the event's delivery included. COPY is not counted.
NEW, UNCHANGED, UPDATED = 41, 17, 70
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def warm(client: Client, secret: str, source: Source) -> tuple[Client, str]:  # noqa: ARG001  the key is bound to the source
    """Key, reference data, types of columns and other caches of the process are read already."""
    assert outcomes(send(client, secret, [place(600)])) == ["created"]
    assert outcomes(send(client, secret, [place(600, email="warm@palmier.cm")])) == ["updated"]
    return client, secret


def _statements(warm: tuple[Client, str], records: list[dict[str, Any]], outcome: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        response = send(*warm, records)
    assert outcomes(response) == [outcome] * len(records)
    return len(asked)


@pytest.mark.parametrize("count", [1, 500])
def test_it_works(warm: tuple[Client, str], count: int) -> None:
    sent, changed = [place(number) for number in range(count)], [place(number, email="new@palmier.cm") for number in range(count)]

    assert _statements(warm, sent, "created") == NEW
    assert _statements(warm, sent, "unchanged") == UNCHANGED
    assert _statements(warm, changed, "updated") == UPDATED


@pytest.mark.parametrize("query", ["", "?limit=100", "?outcome=created"])
@pytest.mark.parametrize("count", [1, 500])
def test_a_batch_takes_two(warm: tuple[Client, str], count: int, query: str) -> None:
    client, secret = warm
    batch_id = send(client, secret, [place(number) for number in range(count)]).json()["batch_id"]

    with CaptureQueriesContext(connection) as asked:
        shown = client.get(f"/api/v1/ingest/batches/{batch_id}{query}", headers={"X-API-Key": secret}).json()

    assert shown["items"]
    assert len(asked) == 2
