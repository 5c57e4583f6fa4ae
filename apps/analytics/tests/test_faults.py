"""Drainers and rollups that are killed, and servers that are away: nothing that reached the stream is lost or counted twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg.sql
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from apps.analytics.binary_rows import microseconds
from apps.analytics.choices import EventType
from apps.analytics.constants import EVERY_LISTING
from apps.analytics.encoding import pack_rows
from apps.analytics.exceptions import StreamAway
from apps.analytics.models import DayVisitor, Event, EventBatch, ListingDay
from apps.analytics.services.buffering import buffer
from apps.analytics.services.counting import LOCK
from apps.analytics.services.draining import drain
from apps.analytics.services.rollups import count_waiting
from apps.analytics.stream import stream
from apps.analytics.tests.telling import asked, buffered, row, told
from apps.catalog.tests.factories import make_resource
from apps.core.clock import now
from apps.core.tests.killed_processes import KilledProcesses
from apps.core.tests.redis_server import RedisServer

RUNS, EVENTS, KILLS, DRAINERS = 240, 40, 8, 3
BOUND_S = 240.0

pytestmark = pytest.mark.django_db(transaction=True)


def drainers() -> KilledProcesses:
    """Processes that drain."""
    return KilledProcesses(
        imports="from apps.analytics.services.draining import drain",
        turn="""
            busy()
            if not drain(budget_s=0.2, idle_s=0.3, entries_max=4).runs:
                time.sleep(0.02)  # nothing was there
        """,
    )


def counters() -> KilledProcesses:
    """Processes that count what was written, a few runs at a time."""
    return KilledProcesses(
        imports="""
            from apps.analytics.services.rollups import count_waiting
            from apps.core.clock import now
        """,
        turn="""
            busy()
            if not count_waiting(at=now(), budget_s=0, slice_events=300).runs:
                time.sleep(0.02)  # nothing was there
        """,
    )


def put_run(number: int, *, at_us: int, name: str = "") -> str:
    """A run in the stream, as a process hands it over; its events count."""
    visitors = range(number * EVENTS + 1, (number + 1) * EVENTS + 1)
    rows = [row(1 + number % 7, at_us=at_us, visitor=visitor) for visitor in visitors]
    # Each from an address of its own: no rule sets one aside.
    questions = [asked(1 + number % 7, visitor=visitor, address=visitor.to_bytes(8, "big")) for visitor in visitors]
    name = name or uuid.uuid4().hex
    stream.add(name, pack_rows(rows), questions, b"0" * EVENTS, now_s=int(time.time()))
    return name


def figures() -> tuple[int, int, int]:
    """Events in the table, views in the counters, and names of runs."""
    views = ListingDay.objects.filter(resource_number=EVERY_LISTING).values_list("views", flat=True)
    return Event.objects.count(), sum(views), EventBatch.objects.count()


def test_no_event_is_lost_or_counted_twice_by_drainers_that_are_killed() -> None:
    chance = random.Random(5)  # noqa: S311  no secret
    at_us = microseconds(now())
    processes, began = drainers(), time.monotonic()
    try:
        for _ in range(DRAINERS):
            processes.begin()
        for number in range(RUNS):
            put_run(number, at_us=at_us)
            if number % 12 == 0 and len(processes.killed) < KILLS:
                processes.kill_one(after_s=chance.random() / 50)
        while time.monotonic() - began < BOUND_S and (len(processes.killed) < KILLS or figures()[0] < RUNS * EVENTS):
            if len(processes.killed) < KILLS:
                processes.kill_one(after_s=chance.random() / 50)
            time.sleep(0.1)  # between two looks at how far they are
    finally:
        processes.end()
    # What a killed one had written and not acknowledged is read again here, and adds nothing.
    drain(idle_s=0)
    count_waiting(at=now())
    assert figures() == (RUNS * EVENTS, RUNS * EVENTS, RUNS)
    assert DayVisitor.objects.filter(resource_number=EVERY_LISTING).count() == RUNS * EVENTS
    assert len(processes.killed) >= KILLS
    assert stream.status().length == 0
    assert stream.status().held_bytes == 0


def test_no_event_is_lost_or_counted_twice_by_rollups_that_are_killed() -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    at_us = microseconds(now())
    processes, began = counters(), time.monotonic()
    try:
        for _ in range(2):
            processes.begin()
        for number in range(RUNS):
            put_run(number, at_us=at_us)
            if number % 6 == 0:
                drain(idle_s=0)
        drain(idle_s=0)
        while time.monotonic() - began < BOUND_S and (len(processes.killed) < KILLS or EventBatch.objects.filter(counted_at=None).exists()):
            if len(processes.killed) < KILLS:
                processes.kill_one(after_s=chance.random() / 20)
            time.sleep(0.1)  # between two looks at how far they are
    finally:
        processes.end()
    count_waiting(at=now())
    assert figures() == (RUNS * EVENTS, RUNS * EVENTS, RUNS)
    assert DayVisitor.objects.filter(resource_number=EVERY_LISTING).count() == RUNS * EVENTS
    assert len(processes.killed) >= KILLS


def test_a_rollup_that_dies_before_its_end_has_counted_nothing() -> None:
    put_run(1, at_us=microseconds(now()))
    drain(idle_s=0)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert count_waiting(at=now()).events == EVENTS
        raise KeyboardInterrupt
    assert figures() == (EVENTS, 0, 1)
    assert count_waiting(at=now()).events == EVENTS
    assert count_waiting(at=now()).events == 0
    assert figures() == (EVENTS, EVENTS, 1)


def test_two_rollups_at_once_take_turns() -> None:
    put_run(1, at_us=microseconds(now()))
    drain(idle_s=0)
    other = connections.create_connection("default")
    found: list[int] = []

    def count() -> None:
        try:
            found.append(count_waiting(at=now()).events)
        finally:
            connection.close()

    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            first, second = threading.Thread(target=count), threading.Thread(target=count)
            first.start()
            second.start()
            first.join(0.3)
            assert found == []
            cursor.execute("ROLLBACK")
        first.join(BOUND_S)
        second.join(BOUND_S)
    finally:
        other.close()
    assert sorted(found) == [0, EVENTS]
    assert figures() == (EVENTS, EVENTS, 1)


def test_a_run_whose_transaction_ends_after_a_later_one_is_counted() -> None:
    at_us = microseconds(now())
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT nextval('analytics_batches_number_seq')")
            early = cursor.fetchone()[0]
            put_run(2, at_us=at_us)
            drain(idle_s=0)
            assert count_waiting(at=now()).events == EVENTS
            day = Event.objects.values_list("day", flat=True)[0]
            cursor.execute(
                "INSERT INTO analytics_batches (id, number, created_at, events, first_day, last_day, counted_at) "
                "VALUES ('slow', %s, now(), %s, %s, %s, NULL)", [early, EVENTS, day, day],
            )  # fmt: skip
            cursor.execute("CREATE TEMPORARY TABLE early AS SELECT * FROM analytics_events")
            cursor.execute("UPDATE early SET run = %s, visitor = visitor + 100000", [early])
            cursor.execute("INSERT INTO analytics_events SELECT * FROM early")
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert early < EventBatch.objects.exclude(pk="slow").get().number
    assert count_waiting(at=now()).events == EVENTS
    assert figures() == (2 * EVENTS, 2 * EVENTS, 2)


def test_a_run_that_was_written_before_its_drainer_died_is_only_acknowledged() -> None:
    at_us = microseconds(now())
    name = put_run(1, at_us=at_us)
    [entry] = stream.take("dead", count=10, idle_ms=0)
    assert drain(consumer="other", idle_s=60).runs == 0
    assert drain(consumer="other", idle_s=0).events == EVENTS
    # Handed over again by a process that did not hear that it had arrived.
    put_run(1, at_us=at_us, name=name)
    assert entry.name == name
    assert drain(idle_s=0).events == 0
    count_waiting(at=now())
    assert figures() == (EVENTS, EVENTS, 1)
    assert stream.status().length == 0


def test_what_nobody_can_read_or_write_does_not_stop_what_comes_behind() -> None:
    at_us = microseconds(now())
    put_run(1, at_us=at_us)
    whole = row(1, at_us=at_us, visitor=1)
    impossible = [row(1, at_us=at_us, visitor=1, kind=99), row(1, at_us=at_us, visitor=1, position=20_000), whole[:-1], whole + b"\0"]
    stream.client().xadd(stream.name, {"n": "broken", "r": b"\xff\xff", "v": b"0"})
    stream.client().xadd(stream.name, {"n": "short", "r": pack_rows([whole]), "v": b"00"})
    for place, one in enumerate(impossible):
        stream.client().xadd(stream.name, {"n": f"impossible {place}", "r": pack_rows([one]), "v": b"0"})
    put_run(2, at_us=at_us)
    done = drain(idle_s=0)
    assert (done.runs, done.events, done.refused) == (2, 2 * EVENTS, 6)
    count_waiting(at=now())
    assert figures() == (2 * EVENTS, 2 * EVENTS, 2)
    assert stream.status().length == 0
    assert stream.client().xlen(stream.name.replace("stream", "refused")) == 6


class Database:
    """The suite's PostgreSQL, which refuses everybody at this database for a while."""

    def __init__(self) -> None:
        self.name = connection.settings_dict["NAME"]
        parameters = {**connection.get_connection_params(), "dbname": "postgres"}
        for option in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(option, None)
        self._other = psycopg.connect(**parameters, autocommit=True)

    def stop(self) -> None:
        """Refuse new connections and end those that there are."""
        connections.close_all()
        self._other.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(psycopg.sql.Identifier(self.name)))
        self._other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])

    def start(self) -> None:
        """Take them again."""
        self._other.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(psycopg.sql.Identifier(self.name)))

    def close(self) -> None:
        """The test is over."""
        self.start()
        self._other.close()
        connections.close_all()


@pytest.fixture
def database() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()


def test_events_wait_in_the_stream_while_postgresql_is_away(client: Client, database: Database, settings: Any) -> None:
    make_resource(slug="chez-wouri")
    assert told(client, {"type": "view", "resource": "chez-wouri"})["accepted"] == 1
    database.stop()
    # This process knows the listing; of another one nobody can say anything now.
    assert told(client, {"type": "contact", "channel": "sms", "resource": "chez-wouri"})["accepted"] == 1
    assert [one["code"] for one in told(client, {"type": "view", "resource": "inconnue"})["rejected"]] == ["unavailable"]
    with pytest.raises(OperationalError):
        drain(idle_s=0)
    assert stream.status().length == 2
    # What does not fit into the stream waits in the process, and that has bounds, too.
    settings.ANALYTICS_STREAM_BYTES_MAX = 1
    assert told(client, {"type": "share", "resource": "chez-wouri"})["accepted"] == 1
    assert buffer.waiting == 1
    one = buffered(at_us=0)
    assert buffer.add([one] * 12_000, at_once=False) == 9_999
    buffer.clear()
    database.start()
    connections.close_all()
    drain(idle_s=0)
    assert sorted(Event.objects.values_list("event_type", flat=True)) == [EventType.VIEW, EventType.CONTACT]


@pytest.fixture
def own_redis(tmp_path: Path, settings: Any) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    settings.REDIS_URL = f"unix://{server.socket}?db=0"
    yield server
    server.kill()
    stream.reset()


def test_events_go_to_the_table_while_redis_is_away(client: Client, own_redis: RedisServer) -> None:
    make_resource(slug="chez-wouri")
    assert told(client, {"type": "view", "resource": "chez-wouri"})["accepted"] == 1
    drain()
    own_redis.kill()
    stream.reset()
    assert told(client, {"type": "share", "resource": "chez-wouri"}) == {"accepted": 1, "set_aside": 0, "rejected": []}
    assert told(client, {"type": "share", "resource": "chez-wouri"}) == {"accepted": 0, "set_aside": 1, "rejected": []}
    assert list(Event.objects.order_by("created_at").values_list("event_type", "verdict")) == [(1, 0), (6, 0), (6, 2)]
    with pytest.raises(StreamAway):
        drain()
    own_redis.start()
    stream.reset()
    assert told(client, {"type": "direction", "resource": "chez-wouri"})["accepted"] == 1
    assert drain().events == 1
    assert Event.objects.count() == EventBatch.objects.count() == 4


PROCESS = """
import django
django.setup()
from apps.analytics.services.buffering import buffer
from apps.analytics.tests.telling import buffered
one = buffered(at_us=1_700_000_000_000_000)
{fork}
buffer.add([one], at_once=False)
assert buffer.waiting == 1
"""
FORKED = """
import multiprocessing, sys
def work():
    buffer.add([one], at_once=False)
process = multiprocessing.get_context("fork").Process(target=work)
process.start()
process.join()
sys.exit(process.exitcode)
"""


@pytest.mark.parametrize("fork", ["", FORKED], ids=["by itself", "forked"])
def test_a_process_that_ends_hands_over_what_it_has(fork: str) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.test"}
    program = f"from django.conf import settings\nsettings.ANALYTICS_BUFFER_MS = 60_000\n{PROCESS.format(fork=fork)}"
    subprocess.run([sys.executable, "-c", program], env=env, check=True, timeout=60)
    assert stream.status().length == 1


def test_the_buffer_hands_over_by_itself(settings: Any) -> None:
    settings.ANALYTICS_BUFFER_MS = 20
    began = time.monotonic()
    buffer.add([buffered(at_us=microseconds(now()))], at_once=False)
    while not stream.status().length and time.monotonic() - began < 10:
        time.sleep(0.01)  # until its thread has come
    assert stream.status().length == 1
    assert buffer.waiting == 0
