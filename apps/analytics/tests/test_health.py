"""What is told about the write path."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
from django.test import Client

from apps.analytics.checks import check_server_networks
from apps.analytics.rows import EventRow
from apps.analytics.selectors.health import check_stream, server_faults, waiting_since
from apps.analytics.services.draining import drain, prune_consumers
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_waiting
from apps.analytics.stream import GROUP, stream
from apps.analytics.tests.telling import told
from apps.analytics.tests.test_counters import event as event_at
from apps.catalog.tests.factories import make_resource
from apps.core.clock import now

pytestmark = pytest.mark.django_db


def event() -> EventRow:
    return event_at(at=now())


def test_it_works(client: Client) -> None:
    make_resource(slug="chez-wouri")
    told(client, {"type": "view", "resource": "chez-wouri"})
    check_stream()
    figures = client.get("/metrics").content.decode()
    assert "analytics_stream_runs 1.0" in figures
    assert 'analytics_events_total{way="stream"}' in figures
    assert client.get("/health/ready").json()["checks"]["analytics"]["status"] == "ok"


def test_runs_that_wait_too_long_are_told(client: Client) -> None:
    stream.client().xadd(stream.name, {"n": "old"}, id=f"{int((time.time() - 90) * 1000)}-0")
    assert client.get("/health/ready").json()["checks"]["analytics"]["status"] == "down"


def test_runs_that_nobody_counts_are_told(client: Client) -> None:
    row = event()
    record([row], batch_id="young", at=now() - dt.timedelta(minutes=1))
    check_stream()
    record([row], batch_id="old", at=now() - dt.timedelta(minutes=9))
    # Numbers are in the order of writing; the first one waits longest.
    count_waiting(at=now(), slice_events=1, budget_s=0)
    with pytest.raises(RuntimeError, match="not counted"):
        check_stream()
    lag = re.search(r"^analytics_count_lag_seconds (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE)
    assert lag
    assert 500 < float(lag[1]) < 600
    count_waiting(at=now())
    check_stream()


def test_what_waits_longest_is_told() -> None:
    at = now()
    assert waiting_since(at=at) is None
    record([event()], batch_id="table", at=at - dt.timedelta(minutes=9))
    assert waiting_since(at=at) == at - dt.timedelta(minutes=9)
    stream.client().xadd(stream.name, {"n": "old"}, id=f"{int((time.time() - 1800) * 1000)}-0")
    since = waiting_since(at=at)
    assert since
    assert 1790 < (at - since).total_seconds() < 1860
    stream.forget()
    count_waiting(at=at)
    assert waiting_since(at=at) is None


def test_names_of_drainers_that_are_gone_are_forgotten() -> None:
    assert prune_consumers(gone_s=0) == 0  # nobody has drained
    for name in ("idle", "holds"):
        stream.client().xadd(stream.name, {"n": name})
        taken = stream.take(name, count=1, idle_ms=60_000)
        assert len(taken) == 1
        if name == "idle":
            stream.done(taken)
    assert prune_consumers() == 0  # both asked a moment ago
    assert prune_consumers(gone_s=0) == 1
    assert names() == {"holds"}
    # What he holds is for whoever comes, then he goes, too.
    drain(consumer="next", idle_s=0)
    assert stream.status().length == 0
    assert names() == {"holds", "next"}
    assert prune_consumers(gone_s=0) == 2
    assert names() == set()


def names() -> set[str]:
    found: Any = stream.client().xinfo_consumers(stream.name, GROUP)
    return {one["name"].decode() for one in found}


def test_a_nearly_full_stream_is_told(client: Client, settings: Any) -> None:
    make_resource(slug="chez-wouri")
    told(client, {"type": "view", "resource": "chez-wouri"})
    settings.ANALYTICS_STREAM_BYTES_MAX = stream.status().held_bytes
    with pytest.raises(RuntimeError, match="nearly full"):
        check_stream()


def test_a_server_that_forgets_is_told(settings: Any) -> None:
    settings.ANALYTICS_NEEDS_DURABLE_REDIS = True
    with pytest.raises(RuntimeError, match="appendonly"):
        check_stream()
    client = stream.client()
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert [fault.split(":")[1] for fault in server_faults()] == [
            " set maxmemory-policy to noeviction", " set appendonly to yes",
        ]  # fmt: skip
    finally:
        client.config_set("maxmemory-policy", "noeviction")


def test_networks_are_checked(settings: Any) -> None:
    settings.ANALYTICS_SERVER_NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]
    assert check_server_networks(None) == []
    settings.ANALYTICS_SERVER_NETWORKS = ["192.0.2.0/24", "amazon"]
    assert [found.id for found in check_server_networks(None)] == ["analytics.E001"]
