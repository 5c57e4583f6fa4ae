"""Questions to what is published now: the configured engine, or PostgreSQL while it is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from apps.catalog import selectors as catalog
from apps.search.backends import engine
from apps.search.backends.base import Circle
from apps.search.questions import SearchAnswer, SearchQuestion, Suggestion
from apps.search.selectors import finding, suggesting, vocabulary
from apps.search.selectors.locations import Location, get_location
from apps.search.selectors.packed import packed_documents
from apps.search.selectors.remembering import remembered
from apps.search.selectors.schedules import open_schedules
from apps.search.selectors.sources import Sources
from apps.search.selectors.synonyms import known_synonyms


def live_sources() -> Sources:
    """Where a question of now finds its candidates."""
    return Sources(engine(), vocabulary, known_synonyms(), packed_documents, open_schedules)


def search(question: SearchQuestion, *, at: dt.datetime) -> SearchAnswer:
    """See `finding.search`."""
    return finding.search(question, at=at, sources=live_sources(), prepared=remembered)


def nearby(
    circle: Circle, *, chosen: catalog.CardFilter, language: str, at: dt.datetime, limit: int, cursor: str = "", offset: int = 0
) -> SearchAnswer:
    """See `finding.nearby`."""
    return finding.nearby(
        circle, chosen=chosen, language=language, at=at, limit=limit, cursor=cursor, offset=offset, sources=live_sources()
    )


def locate(text: str, *, language: str, at: dt.datetime) -> Location:
    """See `locations.get_location`."""
    return get_location(text, language=language, at=at, sources=live_sources())


def suggest(text: str, *, language: str, limit: int, at: dt.datetime) -> Sequence[Suggestion]:
    """See `suggesting.suggest`."""
    return suggesting.suggest(text, language=language, limit=limit, at=at, sources=live_sources())
