"""What is told about the write path."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from apps.analytics.checks import check_server_networks
from apps.analytics.selectors.health import check_stream, server_faults
from apps.analytics.stream import stream
from apps.analytics.tests.telling import told
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db


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
