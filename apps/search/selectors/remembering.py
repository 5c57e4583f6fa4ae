"""Answers of the last half hour, forgotten the moment an entry that may belong to them is indexed.

Only ids, counts and the reading of the words are kept: cards are always read, so what is hidden is never shown.
"""

from __future__ import annotations

import datetime as dt

from apps.catalog.selectors.cards import minute_of
from apps.core import cache_keys
from apps.core.caching import cached
from apps.search.analysis import forms
from apps.search.questions import SearchQuestion, UnderstoodKind
from apps.search.selectors import cursors
from apps.search.selectors.finding import Prepared, prepare
from apps.search.selectors.ranking import WEIGHTS
from apps.search.selectors.sources import Sources
from apps.search.selectors.understanding import CONDITIONS

# Moves with the form of what is kept.
_FORM = 2
# A question about so few towns hears of no others.
_CITIES_MAX = 4
_TIME_WORDS = {word for phrase in CONDITIONS[UnderstoodKind.OPEN_NOW] for word in phrase}


def remembered(question: SearchQuestion, *, at: dt.datetime, sources: Sources) -> Prepared:
    """As `finding.prepare`."""
    chosen = question.chosen
    # What is open changes by the minute, who pays for a place by the day.
    is_timed = chosen.open_now or not _TIME_WORDS.isdisjoint(forms(question.text))
    name = cache_keys.search(
        {
            "q": cursors.digest(question),
            "facets": ",".join(question.facets),
            "count": str(question.counted_max),
            "explain": str(question.explain),
            "at": f"{minute_of(at):%Y-%m-%d %H:%M}" if is_timed else f"{at:%Y-%m-%d}",
            "engine": sources.engine.name,
            # An answer by former synonyms is never given to who knows the new ones.
            "synonyms": str(sources.synonyms.version),
            "form": f"{_FORM}.{WEIGHTS.version}",
        }
    )
    cities = chosen.cities or ()
    is_local = 0 < len(cities) <= _CITIES_MAX and "city" not in question.facets
    places = tuple(map(cache_keys.search_city, cities)) if is_local else (cache_keys.SEARCH,)
    return cached(
        name,
        cache_keys.SEARCH_TTL_S,
        lambda: prepare(question, at=at, sources=sources),
        stamps=(cache_keys.SEARCH_WORDS, *places),
    )
