"""Two at once, and a worker that is killed: nothing twice, nothing lost. Real processes, real connections."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files import File
from django.db import connection

from apps.catalog.models import Resource
from apps.catalog.services.reference import load_reference
from apps.catalog.tests.test_cards_race import Other
from apps.core.clock import now
from apps.ingestion.models import Batch, BatchLine, RawRecord, Source
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import Row
from apps.ingestion.tests.factories import make_source, place

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 120.0
WORKER = """
import django
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = {name!r}
from apps.ingestion.services.batches import work_off
import uuid
print(work_off(batch_id=uuid.UUID({batch!r})), flush=True)
"""


@pytest.fixture(autouse=True)
def _places() -> None:
    load_reference()


@pytest.fixture
def source() -> Source:
    return make_source()


def rows(count: int) -> list[Row]:
    return [Row(index, json.dumps(place(index)).encode()) for index in range(count)]


def test_two_batches_with_the_same_records_at_once(source: Source) -> None:
    others = make_source()
    found: list[Counter[str]] = []

    def send(sender: Source) -> None:
        _batch, items = batches.take_now(source=sender, rows=rows(200), at=now(), sent_by="test")
        found.append(Counter(item.outcome.value for item in items))

    senders = [Other(lambda sender=sender: send(sender)) for sender in (source, source, others)]  # type: ignore[misc]  # a default in a lambda
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(WAIT_S)
        assert sender.error is None
    assert Resource.objects.count() == 200
    assert RawRecord.objects.count() == 400
    assert sum(found, Counter()) == {"created": 200, "unchanged": 200, "merged": 200}


@pytest.fixture
def batch(source: Source) -> Batch:
    lines = io.BytesIO(b"\n".join(row.payload for row in rows(3000)))
    # Not by `queue`, whose event the workers of tests answer at once.
    waiting = Batch(source=source, received=3000, created_at=now())
    waiting.file.save(f"{waiting.pk}.ndjson", File(lines), save=False)
    waiting.save(force_insert=True)
    return waiting


@pytest.fixture
def worker(batch: Batch) -> Iterator[subprocess.Popen[str]]:
    """A process that works the batch off."""
    process = _work(batch)
    yield process
    process.kill()
    process.communicate()


def _work(batch: Batch) -> subprocess.Popen[str]:
    program = WORKER.format(name=connection.settings_dict["NAME"], batch=str(batch.pk))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    return subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)


def test_a_worker_killed_in_the_middle_is_followed_by_another(batch: Batch, worker: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not Batch.objects.filter(pk=batch.pk, done__gte=1000).exists():
        assert time.monotonic() < deadline, "the worker never got anywhere"
        time.sleep(0.02)  # between two looks at how far it is
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    batch.refresh_from_db()
    assert batch.state == "running"
    assert 1000 <= batch.done < 3000
    done = batch.done
    assert done == BatchLine.objects.filter(batch=batch).count() == RawRecord.objects.count()
    assert batches.waiting(at=batch.created_at) == []
    assert batches.waiting(at=batch.created_at + batches.ORPHAN_AFTER * 2) == [batch.pk]
    second = _work(batch)
    told, _errors = second.communicate(timeout=WAIT_S)
    assert told.strip() == "True"
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.created, batch.unchanged, batch.rejected) == ("done", 3000, 3000, 0, 0)
    assert list(BatchLine.objects.filter(batch=batch).order_by("index").values_list("index", flat=True)) == list(range(3000))
    assert Resource.objects.count() == RawRecord.objects.count() == 3000


def test_a_batch_that_somebody_works_on_is_left_alone(batch: Batch) -> None:
    key = batch.pk.int & (2**63 - 1)

    def try_it() -> None:
        assert batches.work_off(batch_id=batch.pk) is False

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    other = Other(try_it)
    other.start()
    other.finish()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    assert not RawRecord.objects.exists()
