"""Places as people type them: a region, a town, a quarter, by any of their names, or a landmark.

In this order: a name as the gazetteer has it; a name among words that only lead to it ("quartier Akwa à Douala"); a landmark; a
misspelt name; a misspelt landmark. "Carrefour Ndokoti" and "face Bastos" are points near which something lies, not the whole quarter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.catalog import selectors as catalog
from apps.search.analysis import QUERY_WORDS_MAX, STOP_WORDS, Word, words
from apps.search.questions import UnderstoodKind
from apps.search.selectors.landmarks import Landmark, find_landmark
from apps.search.selectors.names import Names, known_names
from apps.search.selectors.phrases import LINKS
from apps.search.selectors.reading import clean
from apps.search.selectors.sources import Sources
from apps.search.selectors.understanding import POINT_WORDS, Understanding, understand

# Said of places, and of all of them.
_GENERIC = frozenset(
    [
        "quartier", "quartiers", "ville", "region", "commune", "arrondissement", "departement", "secteur", "zone", "cameroun", "cameroon",
        "town", "city", "quarter", "area", "neighbourhood",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Location:
    """What a typed place means: slugs for the filters, or a landmark to search around.

    :ivar name: as it is called, in the language that was asked for. :ivar value: the slug of the smallest place named.
    """

    kind: UnderstoodKind
    name: str
    value: str
    place: catalog.FoundPlace | None = None
    landmark: Landmark | None = None


def find_location(text: str, *, language: str, at: dt.datetime, sources: Sources) -> Location | None:
    """The place that people mean; None when nobody knows it."""
    names = known_names()
    text = clean(text)
    typed = words(text, limit=QUERY_WORDS_MAX)
    understanding = understand(text, typed, names)
    place = catalog.find_place(text)
    if place is not None and not _is_point([word.form for word in typed], understanding):
        return _of_place(place, language)
    named = _among_words(typed, understanding, language)
    if named is not None:
        return named
    rest = _behind_leads(text, typed, understanding)
    town = understanding.first(UnderstoodKind.CITY)
    cities = town.meanings[0].cities if town else ()

    def landmark(*, is_corrected: bool) -> Location | None:
        found = find_landmark(rest, names=names, sources=sources, language=language, at=at, cities=cities, is_corrected=is_corrected)
        return Location(UnderstoodKind.LANDMARK, found.name, found.slug, landmark=found) if found else None

    return landmark(is_corrected=False) or _misspelt(rest, names, language) or landmark(is_corrected=True)


def get_location(text: str, *, language: str, at: dt.datetime, sources: Sources) -> Location:
    """The same.

    :raises UnknownSlug: nobody knows it; the suggestions are names of places that look like it.
    """
    found = find_location(text, language=language, at=at, sources=sources)
    if found is None:
        return _of_place(catalog.get_place(text, language=language), language)
    return found


def _is_point(forms: Iterable[str], understanding: Understanding) -> bool:
    """Whether something lies near the place that is named."""
    return bool(understanding.leads) or any(form in POINT_WORDS for form in forms)


def _among_words(typed: Sequence[Word], understanding: Understanding, language: str) -> Location | None:
    """The smallest place that is named, when nothing else is said."""
    named = [part for part in understanding.parts if part.meanings and part.meanings[0].is_place]
    covered = {place for part in named for place in range(part.start, part.end)} | understanding.leads
    little = LINKS | STOP_WORDS | _GENERIC | POINT_WORDS
    if not named or any(place not in covered and word.form not in little for place, word in enumerate(typed)):
        return None
    meaning = min(named, key=lambda part: _SIZES[part.kind]).meanings[0]
    if meaning.kind is UnderstoodKind.QUARTER:
        if meaning.point is not None and _is_point([word.form for word in typed], understanding):
            name = catalog.place_name(city=meaning.town, quarter=meaning.slug, language=language)
            return Location(UnderstoodKind.LANDMARK, name, meaning.slug, landmark=Landmark(name, meaning.slug, *meaning.point))
        return _of_place(catalog.FoundPlace(city=meaning.town, quarter=meaning.slug), language)
    is_city = meaning.kind is UnderstoodKind.CITY
    return _of_place(catalog.FoundPlace(city=meaning.slug) if is_city else catalog.FoundPlace(region=meaning.slug), language)


_SIZES = {UnderstoodKind.QUARTER: 0, UnderstoodKind.CITY: 1, UnderstoodKind.REGION: 2}


def _behind_leads(text: str, typed: Sequence[Word], understanding: Understanding) -> str:
    """The text without the words that only lead to what it names."""
    first = next((word for place, word in enumerate(typed) if place not in understanding.leads and word.form not in LINKS), None)
    return text[first.start :] if first else ""


def _misspelt(text: str, names: Names, language: str) -> Location | None:
    """A place whose name is written a little otherwise."""
    told = [word.form for word in words(text, limit=QUERY_WORDS_MAX) if word.form not in _GENERIC | LINKS]
    place = names.misspelt_place("".join(told)) if told else None
    return _of_place(place, language) if place else None


def _of_place(place: catalog.FoundPlace, language: str) -> Location:
    name = catalog.place_name(region=place.region, city=place.city, quarter=place.quarter, language=language)
    if place.quarter:
        return Location(UnderstoodKind.QUARTER, name, place.quarter, place)
    return Location(UnderstoodKind.CITY if place.city else UnderstoodKind.REGION, name, place.city or place.region, place)
