"""Engines: what finds candidates. `engine()` is the one that questions go to; all of them are written."""

from __future__ import annotations

from collections.abc import Sequence

from apps.search.backends.base import SearchBackend
from apps.search.backends.postgres import PostgresBackend

_POSTGRES = PostgresBackend()


def engine() -> SearchBackend:
    """The engine that answers."""
    return _POSTGRES


def engines() -> Sequence[SearchBackend]:
    """Every engine that is kept up to date; PostgreSQL is the first and always there."""
    return (_POSTGRES,)
