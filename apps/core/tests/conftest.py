"""Servers that only one test uses, so that it may stop them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from kombu import pools

from apps.core import background
from apps.core.tests.redis_server import RedisServer


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Up when the test starts."""
    server = RedisServer(tmp_path_factory.mktemp("r"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def broker(redis_server: RedisServer) -> Iterator[RedisServer]:
    """Celery sends to it for real while the test runs."""
    # Celery reads Django's settings once, on its first use: a changed setting would come too late.
    app: Any = current_app
    before = {name: app.conf[name] for name in ("CELERY_TASK_ALWAYS_EAGER", "broker_url", "broker_write_url")}
    address = f"redis+socket://{redis_server.socket}"
    app.conf.update(CELERY_TASK_ALWAYS_EAGER=False, broker_url=address, broker_write_url=address)
    pools.reset()
    app._after_fork()
    background._Broker.away_until = 0.0
    yield redis_server
    background._Broker.away_until = 0.0
    app.conf.update(before)
    pools.reset()
    app._after_fork()
