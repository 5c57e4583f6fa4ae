"""The engines. One whose server is missing fails its tests."""

from __future__ import annotations

import pytest

from apps.search.backends.base import SearchBackend
from apps.search.backends.postgres import PostgresBackend


@pytest.fixture(params=["postgres", "elasticsearch"])
def backend(request: pytest.FixtureRequest, db: None) -> SearchBackend:  # noqa: ARG001  engines may use the database
    """One engine after the other."""
    engine: SearchBackend = PostgresBackend() if request.param == "postgres" else request.getfixturevalue("elastic")
    return engine
