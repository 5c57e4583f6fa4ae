"""When the engine of a site does not answer, PostgreSQL does: at once, for as long as it takes, and without anybody's hand."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

import structlog
from prometheus_client import Counter

from apps.search.backends.base import Circle, EngineQuery, EngineUnavailable, FacetCounts, Filters, Health, Hits, Place, SearchBackend
from apps.search.documents import SearchDocument

logger = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

# Contracts, section 14.
FAILURES_MAX = 5
PROBE_EVERY_S = 10.0
FALLBACKS = Counter("search_fallbacks", "Questions that PostgreSQL answered because the configured engine did not.", ["question"])


class Breaker:
    """What this process knows of an engine: after `FAILURES_MAX` failures in a row it is asked once in `PROBE_EVERY_S` only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures, self._asked_at = 0, 0.0

    @property
    def is_open(self) -> bool:
        """Whether questions pass the engine by."""
        return self._failures >= FAILURES_MAX

    def may_ask(self) -> bool:
        """Whether this caller may ask the engine; while it is away, one caller at a time finds out if it is back."""
        with self._lock:
            now = self._clock()
            if self.is_open and now - self._asked_at < PROBE_EVERY_S:
                return False
            self._asked_at = now
            return True

    def failed(self, error: EngineUnavailable) -> None:
        """It did not answer."""
        with self._lock:
            self._failures += 1
            just_opened = self._failures == FAILURES_MAX
        logger.warning("search_engine_failed", error=str(error), failures=self._failures)
        if just_opened:
            logger.error("search_engine_away", probe_every_s=PROBE_EVERY_S)

    def answered(self) -> None:
        """It did."""
        with self._lock:
            was_open, self._failures = self.is_open, 0
        if was_open:
            logger.warning("search_engine_back")


class ResilientBackend:
    """The engine of one request: once the first did not answer, the second answers all that is left of the request.

    So a request waits for a silent engine once, and the parts of an answer come from one engine.

    :ivar name: of the engine that answers now.
    """

    def __init__(self, first: SearchBackend, second: SearchBackend, breaker: Breaker) -> None:
        self._first, self._second, self._breaker = first, second, breaker
        self._asks_first = breaker.may_ask()
        self.name = first.name if self._asks_first else second.name

    def search(self, query: EngineQuery) -> Hits:
        """The hits of a query."""
        return self._ask("search", lambda engine: engine.search(query))

    def nearby(self, circle: Circle, *, filters: Filters, limit: int, after: Place | None = None) -> Hits:
        """What lies in a circle, nearest first."""
        return self._ask("nearby", lambda engine: engine.nearby(circle, filters=filters, limit=limit, after=after))

    def facets(self, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
        """Counts of each named facet."""
        return self._ask("facets", lambda engine: engine.facets(query, names))

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """Entries of which some word begins the prefix."""
        return self._ask("suggest", lambda engine: engine.suggest(prefix, limit=limit))

    def versions(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        """Versions of what is held."""
        return self._ask("versions", lambda engine: engine.versions(ids))

    def ids_after(self, last: uuid.UUID | None, *, limit: int) -> Sequence[uuid.UUID]:
        """Ids of what is held."""
        return self._ask("ids_after", lambda engine: engine.ids_after(last, limit=limit))

    def health(self) -> Health:
        """Of the first: the second is the database."""
        return self._first.health()

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents into the first: a write that fails is repeated, not diverted."""
        return self._first.index(documents)

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents, likewise."""
        return self._first.delete(versions)

    def rebuilding(self) -> AbstractContextManager[Callable[[Sequence[SearchDocument]], int]]:
        """Likewise."""
        return self._first.rebuilding()

    def is_current(self) -> bool:
        """Likewise."""
        return self._first.is_current()

    def _ask(self, question: str, ask: Callable[[SearchBackend], Answer]) -> Answer:
        if self._asks_first:
            try:
                answer = ask(self._first)
            except EngineUnavailable as error:
                self._breaker.failed(error)
                self._asks_first, self.name = False, self._second.name
            else:
                self._breaker.answered()
                return answer
        FALLBACKS.labels(question).inc()
        return ask(self._second)
