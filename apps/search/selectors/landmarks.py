"""Landmarks: published entries that people tell the way by, found by what they are called ("hôtel Akwa Palace", "marché central").

Nothing is kept of them: what is published today is what can be a landmark today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.catalog import selectors as catalog
from apps.search.analysis import STOP_WORDS, folded, forms, terms_of
from apps.search.backends.base import EngineQuery, Filters, Group, Order
from apps.search.documents import AREA, CATEGORY
from apps.search.packing import STOP_KEYS, Packed, split_keys, unpack, word_key
from apps.search.selectors.names import Names
from apps.search.selectors.reading import Reader
from apps.search.selectors.sources import Packed as Row
from apps.search.selectors.sources import Sources

# Around a landmark: many positions are those of their quarter, so that what stands opposite may be said to be 1,500 m away.
RADIUS_M = 2_000
_LOOKED_AT = 40
# Some may have been hidden a moment ago.
_CARDS_MAX = 5
# What must be said of a name of several words, at least.
_PART_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Landmark:
    """A position to search around. `slug` is the entry's, or the quarter's; `name` in the language that was asked for."""

    name: str
    slug: str
    latitude: float
    longitude: float
    radius_m: int = RADIUS_M

    @property
    def point(self) -> tuple[float, float]:
        """(latitude, longitude)."""
        return (self.latitude, self.longitude)


def find_landmark(
    text: str,
    *,
    names: Names,
    sources: Sources,
    language: str,
    at: dt.datetime,
    cities: tuple[int, ...] = (),
    is_corrected: bool = True,
) -> Landmark | None:
    """The entry with a position that these words name, None when there is none.

    All the words must be in one of its names, or say its category or place; at least half of that name must be said. The one whose
    whole name is said comes first, then the one with the fewest words more, then the most complete.

    :param cities: short keys of the towns where it may lie, anywhere by default. :param is_corrected: whether misspelt words are put right.
    """
    found = _named(forms(text), names, sources, language, at, cities)
    if found is None and is_corrected:
        reader = Reader(text, names, sources.synonyms, sources.vocabulary, is_understood=False)
        right = reader.put_right(reader.as_typed())
        found = _named([word.form for word in right.words], names, sources, language, at, cities) if right else None
    return found


def _named(
    words: Sequence[str], names: Names, sources: Sources, language: str, at: dt.datetime, cities: tuple[int, ...]
) -> Landmark | None:
    said = [form for form in words if form not in STOP_WORDS]
    # A kind of place alone ("pharmacie") is no landmark.
    if not said or (len(said) == 1 and names.categories.meanings(said)):
        return None
    query = EngineQuery(
        groups=tuple(Group(terms_of(form)) for form in said), whole_name=folded(" ".join(words)), order=Order.RELEVANCE, limit=_LOOKED_AT,
        filters=Filters(cities=cities or None),
    )  # fmt: skip
    rows = sources.packed_documents([place.id for place in sources.engine.search(query).places])
    judged = sorted((rank, pk) for pk, row in rows.items() if (rank := _rank(said, row)) is not None)
    cards = catalog.cards_by_ids([pk for _how, pk in judged[:_CARDS_MAX]], language=language)
    return next((landmark for card in cards if (landmark := _of_card(card, at)) is not None), None)


def _rank(said: Sequence[str], row: Row) -> tuple[bool, int, int] | None:
    """How little an entry is what was said, smallest first; None when it is not."""
    if row.latitude is None:
        return None
    document = unpack(row.packed)
    best: tuple[bool, int, int] | None = None
    for joined in document.names:
        telling = [key for key in split_keys(joined) if key not in STOP_KEYS]
        held = [form for form in said if word_key(form) in telling]
        others = [form for form in said if word_key(form) not in telling]
        is_named = len(held) >= max(1, len(telling) * _PART_MIN) and (len(held) > 1 or len(telling) == 1 or len(said) == 1)
        if is_named and all(_is_beside(form, document) for form in others):
            is_whole = len(held) == len(telling) and not others
            rank = (not is_whole, len(telling) - len(held), -row.quality)
            best = rank if best is None else min(best, rank)
    return best


def _is_beside(form: str, document: Packed) -> bool:
    """Whether a word says the category of an entry, or where it lies."""
    places = [place for term in terms_of(form) if (place := document.find(word_key(term))) >= 0]
    return any(document.counts[place + CATEGORY] or document.counts[place + AREA] for place in places)


def _of_card(card: catalog.Card, at: dt.datetime) -> Landmark | None:
    data = card.data(at)
    if data["latitude"] is None:
        return None
    return Landmark(data["name"], data["slug"], float(data["latitude"]), float(data["longitude"]))
