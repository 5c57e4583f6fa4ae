"""The engines. One whose server is missing fails its tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.search.backends.base import SearchBackend
from apps.search.backends.postgres import PostgresBackend

ENGINES: dict[str, Callable[[], SearchBackend]] = {"postgres": PostgresBackend}


@pytest.fixture(params=ENGINES)
def backend(request: pytest.FixtureRequest, db: None) -> SearchBackend:  # noqa: ARG001  engines may use the database
    """One engine after the other."""
    return ENGINES[request.param]()
