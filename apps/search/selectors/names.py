"""Names of categories and places as phrases, from the catalogue's snapshot; built anew only when the snapshot says something else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from apps.catalog.selectors.reference import FoundPlace, QuarterRow, Snapshot, snapshot
from apps.search.analysis import forms, terms_of
from apps.search.questions import UnderstoodKind
from apps.search.selectors.phrases import LINKS, PhraseBook
from apps.search.selectors.sounds import Sounds
from apps.search.spelling import WordList, distance

_ERRORS_MAX = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """A category or a place: its slug, and the short keys that an entry has which is filed or lies there.

    :ivar point: (latitude, longitude) of a quarter that has one. :ivar town: slug of a quarter's town.
    :ivar is_alias: the phrase is no part of its name. :ivar family: short keys of the categories beside it.
    """

    kind: UnderstoodKind
    slug: str
    name_fr: str
    name_en: str
    categories: tuple[int, ...] = ()
    cities: tuple[int, ...] = ()
    quarters: tuple[uuid.UUID, ...] = ()
    point: tuple[float, float] | None = None
    town: str = ""
    is_alias: bool = False
    family: tuple[int, ...] = ()

    @property
    def is_place(self) -> bool:
        """Whether it is a place, not a category."""
        return self.kind is not UnderstoodKind.CATEGORY

    def name_in(self, language: str) -> str:
        """The name in `fr` or `en`."""
        return self.name_en if language.startswith("en") else self.name_fr


@dataclass(frozen=True)
class Names:
    """What names mean. `places` has towns before regions and quarters: the first meaning is the likeliest.

    :ivar whole_places: places by a whole name with its words joined, "akwadouala". :ivar place_names: these names, for misspelt ones.
    """

    categories: PhraseBook[Meaning]
    places: PhraseBook[Meaning]
    own_names: PhraseBook[Meaning]  # without aliases, for suggestions
    sounds: Sounds = field(default_factory=Sounds)
    whole_places: Mapping[str, FoundPlace] = field(default_factory=dict)
    place_names: WordList = field(default_factory=WordList)

    def misspelt_place(self, name: str) -> FoundPlace | None:
        """The place whose whole name, with its words joined, is nearest to this one; a town before a region and a quarter."""
        near = [self.whole_places[other] for other in self._nearest(name)]
        return min(near, key=lambda place: (not place.city or bool(place.quarter), bool(place.quarter)), default=None)

    def _nearest(self, name: str) -> list[str]:
        if name in self.whole_places:
            return [name]
        near = self.place_names.near(name)
        least = distance(name, near[0], most=_ERRORS_MAX) if near else 0
        return [other for other in near if distance(name, other, most=_ERRORS_MAX) == least]


def known_names() -> Names:
    """The names of now."""
    return _kept.of(snapshot())


class _Kept:
    """The names of the last snapshot: renewed every half minute, it nearly always says the same."""

    def __init__(self) -> None:
        self._last: tuple[Snapshot, Names] | None = None

    def of(self, known: Snapshot) -> Names:
        last = self._last
        if last is not None and last[0] is known:
            return last[1]
        names = last[1] if last is not None and last[0] == known else _build(known)
        self._last = (known, names)
        return names


_kept = _Kept()


def _build(known: Snapshot) -> Names:
    names = Names(PhraseBook(), PhraseBook(), PhraseBook())
    parents = {row.id: row for row in known.categories.values()}
    for row in known.categories.values():
        family = parents[row.parent_id].numbers if row.parent_id else ()
        meaning = Meaning(UnderstoodKind.CATEGORY, row.slug, row.name_fr, row.name_en, categories=row.numbers, family=family)
        own = {term for name in (row.name_fr, row.name_en) for form in forms(name) for term in terms_of(form)}
        for name in (row.name_fr, row.name_en):
            names.own_names.add(name, meaning, is_stemmed=False)
        for name in (row.name_fr, row.name_en, *row.aliases):
            # "Banque" is the name of "Banques et distributeurs"; "guichet" would be an alias.
            is_alias = any(own.isdisjoint(terms_of(form)) for form in forms(name) if form not in LINKS)
            names.categories.add(name, replace(meaning, is_alias=is_alias), is_stemmed=True)
    for city in known.cities.values():
        meaning = Meaning(UnderstoodKind.CITY, city.slug, city.name_fr, city.name_en, cities=(city.number,))
        _add_place(names, meaning, (city.name_fr, city.name_en, city.slug, *city.aliases))
    for region in known.regions.values():
        meaning = Meaning(UnderstoodKind.REGION, region.slug, region.name_fr, region.name_en, cities=region.city_numbers)
        _add_place(names, meaning, (region.name_fr, region.name_en, region.slug, *region.aliases))
    for rows in known.quarters.values():
        for quarter in rows:
            _add_place(names, _quarter(known, quarter), (quarter.name, quarter.slug, *quarter.aliases))
    whole = {name.replace(" ", ""): place for name, place in known.names.items()}
    return replace(names, sounds=Sounds(names.categories.words() | names.places.words()), whole_places=whole, place_names=WordList(whole))


def _add_place(names: Names, meaning: Meaning, spellings: tuple[str, ...]) -> None:
    for name in spellings:
        names.places.add(name, meaning, is_stemmed=False)
    for name in {meaning.name_fr, meaning.name_en}:
        names.own_names.add(name, meaning, is_stemmed=False)


def _quarter(known: Snapshot, row: QuarterRow) -> Meaning:
    point = None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)
    town = known.cities_by_id[row.city_id]
    return Meaning(
        UnderstoodKind.QUARTER, row.slug, row.name, row.name, quarters=(row.id,), point=point, town=town.slug,
    )  # fmt: skip
