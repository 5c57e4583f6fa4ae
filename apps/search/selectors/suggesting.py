"""What stands under the search box while somebody types."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from apps.catalog import selectors as catalog
from apps.search.analysis import QUERY_WORDS_MAX, STOP_WORDS, folded, sought, terms_of, words
from apps.search.backends.base import EngineQuery, Group, Order
from apps.search.questions import Suggestion
from apps.search.selectors.names import Meaning, known_names
from apps.search.selectors.reading import COMPLETIONS_MAX, CORRECTED_LENGTH_MIN, clean
from apps.search.selectors.sources import Sources

LENGTH_MIN = 2
LIMIT_MAX = 20
# So many names of categories and places, so that entries always have room.
NAMES_MAX = 3


def suggest(text: str, *, language: str, limit: int, at: dt.datetime, sources: Sources) -> list[Suggestion]:
    """Categories, places and entries that begin so, categories and places first; nothing below two letters.

    Then entries that hold all the words, in any order. When there is nothing at all, the same with the last word put right.
    """
    text, limit = clean(text), max(0, min(limit, LIMIT_MAX))
    prefix = folded(text)
    if len(prefix.replace(" ", "")) < LENGTH_MIN or not limit:
        return []
    found = _beginning(prefix, language=language, limit=limit, at=at, sources=sources)
    if found:
        return found
    for corrected in _corrected(text, sources):
        found = _beginning(corrected, language=language, limit=limit, at=at, sources=sources)
        if found:
            return found
    return []


def _beginning(prefix: str, *, language: str, limit: int, at: dt.datetime, sources: Sources) -> list[Suggestion]:
    meanings = known_names().own_names.beginning(prefix, limit=4 * NAMES_MAX)
    named = _named([one for one in meanings if not one.is_place], language) + _named([one for one in meanings if one.is_place], language)
    room = max(limit - len(named), limit // 2)
    ids = list(sources.engine.suggest(prefix, limit=room))
    if len(ids) < room and " " in prefix:
        ids += [pk for pk in _holding(prefix, limit=room, sources=sources) if pk not in ids][: room - len(ids)]
    entries = [_entry(card, at) for card in catalog.cards_by_ids(ids, language=language)]
    return [*named[: limit - len(entries)], *entries]


def _holding(prefix: str, *, limit: int, sources: Sources) -> Sequence[uuid.UUID]:
    """Entries that hold all the words wherever they stand, the last of which may be unfinished: in their name first."""
    *whole, last = prefix.split()[:QUERY_WORDS_MAX]
    finished = [word.form for word in sources.vocabulary.completions(last, limit=COMPLETIONS_MAX)]
    groups = [Group(sought(terms_of(form))) for form in whole if form not in STOP_WORDS]
    groups.append(Group(sought(term for form in (last, *finished) for term in terms_of(form))))
    query = EngineQuery(groups=tuple(groups), whole_name=prefix, order=Order.RELEVANCE, limit=limit)
    return [place.id for place in sources.engine.search(query).places]


def _named(meanings: Iterable[Meaning], language: str) -> list[Suggestion]:
    made = []
    for meaning in list(meanings)[:NAMES_MAX]:
        town = catalog.place_name(city=meaning.town, language=language) if meaning.town else ""
        made.append(Suggestion(str(meaning.kind), meaning.name_in(language), meaning.slug, detail=town, city=meaning.town))
    return made


def _entry(card: catalog.Card, at: dt.datetime) -> Suggestion:
    data = card.data(at)
    detail = ", ".join(data[name]["name"] for name in ("category", "quarter", "city") if data[name])
    return Suggestion("resource", data["name"], data["slug"], detail=detail, id=card.id, city=data["city"]["slug"] if data["city"] else "")


def _corrected(text: str, sources: Sources) -> Sequence[str]:
    """The folded text with its last word put right, in the likeliest ways."""
    typed = [word.form for word in words(text, limit=QUERY_WORDS_MAX)]
    if not typed or len(typed[-1]) < CORRECTED_LENGTH_MIN or any(c.isdigit() for c in typed[-1]):
        return ()
    return [" ".join([*typed[:-1], other.form]) for other in sources.vocabulary.corrections(typed[-1], limit=3)]
