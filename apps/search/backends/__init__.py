"""Engines: what finds candidates. `engine()` is the one that questions go to; all of them are written."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence

from django.conf import settings

from apps.search.backends.base import SearchBackend
from apps.search.backends.postgres import PostgresBackend
from apps.search.backends.resilience import Breaker, ResilientBackend

_POSTGRES = PostgresBackend()


def engine() -> SearchBackend:
    """The engine that answers, for one request: PostgreSQL, or the configured one with PostgreSQL behind it."""
    if not settings.ELASTICSEARCH:
        return _POSTGRES
    configured, breaker = _configured()
    return ResilientBackend(configured, _POSTGRES, breaker)


def engines() -> Sequence[SearchBackend]:
    """Every engine that is kept up to date; PostgreSQL is the first and always there."""
    return (_POSTGRES, _configured()[0]) if settings.ELASTICSEARCH else (_POSTGRES,)


def _configured() -> tuple[SearchBackend, Breaker]:
    return _connect(json.dumps(settings.ELASTICSEARCH), settings.ELASTICSEARCH_INDEX_PREFIX)


@functools.lru_cache(maxsize=1)
def _connect(options: str, prefix: str) -> tuple[SearchBackend, Breaker]:
    """One client and one breaker for all requests of this process."""
    from apps.search.backends.elasticsearch import ElasticsearchBackend  # noqa: PLC0415  16 MB that a site on PostgreSQL does without

    return ElasticsearchBackend(json.loads(options), prefix=prefix), Breaker()
