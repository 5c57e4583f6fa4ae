"""Servers that only one test uses, so that it may stop them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from kombu import pools
from pytest_django import Settings

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
def broker(redis_server: RedisServer, settings: Settings) -> Iterator[RedisServer]:
    """Celery sends to it for real while the test runs."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.CELERY_BROKER_URL = f"redis+socket://{redis_server.socket}"
    background._Broker.away_until = 0.0
    yield redis_server
    background._Broker.away_until = 0.0
    pools.reset()
    app: Any = current_app
    app._after_fork()
