"""The candidates of a question, in up to three rounds: as typed, then with words put right and places widened, then with fewer words."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.catalog.selectors.reference import snapshot
from apps.search.analysis import folded
from apps.search.backends.base import EngineQuery, Filters, Hits, Order
from apps.search.distances import great_circle_m
from apps.search.questions import SearchQuestion, Sort, UnderstoodKind
from apps.search.selectors.conditions import engine_filters
from apps.search.selectors.groups import BY_FAMILY, WordGroup
from apps.search.selectors.landmarks import find_landmark
from apps.search.selectors.names import Meaning, Names
from apps.search.selectors.ranking import CANDIDATES_MAX
from apps.search.selectors.reading import Reader, Reading
from apps.search.selectors.sources import Sources
from apps.search.selectors.understanding import Part, Understanding

# A first round that finds so many is enough, whatever the length of a page: pages of any length are of one list.
ENOUGH = 10
# A named quarter with too little in it is widened to its neighbours.
AROUND_M = 3_000
ON_DUTY = "on_duty"


@dataclass(frozen=True, slots=True)
class Candidates:
    """What an engine found, and for which question.

    :ivar query: as it was asked, so that later pages and facets ask the same.
    :ivar is_judged: the words decide the order, so that the candidates are still to be ranked.
    :ivar let_go: conditions read from the words that nothing meets; the hits do not meet them either.
    """

    reading: Reading
    query: EngineQuery
    hits: Hits
    is_judged: bool
    is_partial: bool = False
    let_go: tuple[UnderstoodKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """Asks an engine in rounds."""

    question: SearchQuestion
    at: dt.datetime
    sources: Sources
    names: Names

    def find(self, reader: Reader) -> Candidates:
        """The candidates of a question with words. Conditions read from the words are let go when nothing meets them."""
        reading = reader.as_typed()
        landmark = self._landmark(reading)
        if landmark is not None:
            reader = replace(reader, landmark=landmark)
            reading = reader.as_typed()
        found = self._whole(reader, reading, frozenset())
        conditions = frozenset(part.kind for part in reading.understanding.parts) & _CONDITIONS
        if not found.hits.places and conditions:
            free = self._whole(reader, reading, conditions)
            if free.hits.places:
                found = replace(free, let_go=tuple(sorted(conditions)))
        return self._in_part(found)

    def without_words(self, text: str) -> Candidates:
        """A list: the filters alone decide. Signs without a word are a question that nothing answers."""
        reading = Reading(text)
        query = self.query_of(reading)
        hits = Hits([]) if text.strip() else self.sources.engine.search(query)
        return Candidates(reading, query, hits, is_judged=False)

    def _landmark(self, reading: Reading) -> Part | None:
        """What words behind "face", "derrière" or "near" name, when it is an entry with a position."""
        beside = reading.understanding.beside
        if beside is None:
            return None
        start, end = beside
        text = reading.text[reading.words[start].start : reading.words[end - 1].end]
        towns = reading.understanding.first(UnderstoodKind.CITY)
        cities = towns.meanings[0].cities if towns else self.question.chosen.cities or ()
        found = find_landmark(text, names=self.names, sources=self.sources, language=self.question.language, at=self.at, cities=cities)
        return (
            Part(UnderstoodKind.LANDMARK, start, end, value=found.slug, is_near=True, name=found.name, point=found.point) if found else None
        )

    def _whole(self, reader: Reader, reading: Reading, let_go: frozenset[UnderstoodKind]) -> Candidates:
        """What holds all the words: as they stand and, when that is too little, put right and with places widened."""
        found = self._ask(reading, let_go)
        if found.hits.total >= ENOUGH or not reading.groups:
            return found
        right = reader.put_right(reading)
        wide = _widened(right or reading, is_empty=not found.hits.places)
        if right is None and wide is None:
            return found
        second = self._ask(wide or right or reading, let_go)
        return second if second.hits.total > found.hits.total or not found.hits.places else found

    def _in_part(self, found: Candidates) -> Candidates:
        """The same with what lacks some words behind it, when too little holds them all."""
        for minimum in self._minimums(found):
            part = self._ask(found.reading, frozenset(found.let_go), minimum=minimum)
            if part.hits.total > found.hits.total:
                return replace(part, is_partial=not found.hits.places, let_go=found.let_go)
        return found

    def _minimums(self, found: Candidates) -> Sequence[int]:
        """How many of the words an entry must hold in a third round: most of them, then half, then any, while nothing is found.

        A short page goes on with entries that lack one word of three, or of two that name no category and no place: who asks for
        "hôtel kribi" wants neither the other hotels nor the rest of Kribi.
        """
        required = [group for group in found.reading.groups if group.is_required]
        # Who lacks a word lacks it whole: groups that only make room for synonyms are no words.
        further, total = sum(group.is_further for group in required), found.hits.total
        count = len(required) - further
        most = count - 1 if count < 5 else count - count // 3
        if not total:
            return tuple(further + some for some in dict.fromkeys((most, (count + 1) // 2, 1))) if count > 1 else ()
        is_named = any(part.meanings for part in found.reading.understanding.parts)
        is_ranked = self.question.sort is Sort.RELEVANCE
        return (further + most,) if is_ranked and total < ENOUGH and count >= (3 if is_named else 2) else ()

    def _ask(self, reading: Reading, let_go: frozenset[UnderstoodKind], *, minimum: int | None = None) -> Candidates:
        query = self.query_of(reading, let_go)
        if minimum is not None:
            query = replace(query, minimum=minimum)
        return Candidates(reading, query, self.sources.engine.search(query), is_judged=query.order is Order.RELEVANCE)

    def query_of(self, reading: Reading, let_go: frozenset[UnderstoodKind] = frozenset()) -> EngineQuery:
        """The question as an engine reads it, with room for the candidates of the ranking."""
        understanding, groups = reading.understanding, list(reading.groups)
        filters = self._filters(understanding, let_go)
        order = _ORDERS[self.question.sort] if groups else _LIST_ORDERS[self.question.sort]
        point = self.point_of(understanding)
        near_me = understanding.first(UnderstoodKind.NEAR_ME)
        if near_me is not None and self.question.sort is Sort.RELEVANCE and self.question.point is not None:
            order, point = Order.DISTANCE, self.question.point
            filters, groups = _nearest_of_category(filters, groups, understanding)
        return EngineQuery(
            groups=tuple(group.as_group() for group in groups if group.is_required),
            whole_name=folded(reading.text) if groups else "",
            filters=filters,
            order=order,
            point=point,
            limit=CANDIDATES_MAX,
            counted_max=max(self.question.counted_max, CANDIDATES_MAX),
        )

    def point_of(self, understanding: Understanding) -> tuple[float, float] | None:
        """Where to measure from: a named landmark or quarter, else the person."""
        landmark = understanding.first(UnderstoodKind.LANDMARK)
        if landmark is not None and self.question.sort is Sort.RELEVANCE:
            return landmark.point
        quarter = understanding.first(UnderstoodKind.QUARTER)
        if quarter is not None and quarter.meanings[0].point is not None and self.question.sort is Sort.RELEVANCE:
            return quarter.meanings[0].point
        return self.question.point

    def _filters(self, understanding: Understanding, let_go: frozenset[UnderstoodKind]) -> Filters:
        said = {part.kind for part in understanding.parts} - let_go
        is_open = self.question.chosen.open_now or UnderstoodKind.OPEN_NOW in said
        schedules = self.sources.open_schedules(self.at) if is_open else None
        filters = engine_filters(self.question.chosen, circle=self.question.circle, schedules=schedules)
        return replace(filters, has=(*filters.has, (ON_DUTY,))) if UnderstoodKind.DUTY in said else filters


_CONDITIONS = frozenset({UnderstoodKind.OPEN_NOW, UnderstoodKind.DUTY})
_ORDERS = {Sort.RELEVANCE: Order.RELEVANCE, Sort.DISTANCE: Order.DISTANCE, Sort.NEWEST: Order.NEWEST}
_LIST_ORDERS = {**_ORDERS, Sort.RELEVANCE: Order.PLAN}


def _nearest_of_category(filters: Filters, groups: list[WordGroup], understanding: Understanding) -> tuple[Filters, list[WordGroup]]:
    """For an order by distance a named category is a condition: the hotel next door that has a restaurant is not the nearest one."""
    part = understanding.first(UnderstoodKind.CATEGORY)
    if part is None:
        return filters, groups
    number = understanding.parts.index(part)
    meant = {key for meaning in part.meanings for key in meaning.categories}
    kept = meant if filters.categories is None else meant.intersection(filters.categories)
    return replace(filters, categories=tuple(sorted(kept))), [group for group in groups if group.part != number]


def _widened(reading: Reading, *, is_empty: bool) -> Reading | None:
    """The same with the neighbours of a named quarter and, when nothing was found, the categories beside a named one."""
    part = reading.understanding.first(UnderstoodKind.QUARTER)
    category = reading.understanding.first(UnderstoodKind.CATEGORY) if is_empty else None
    around = _around(part.meanings[0]) if part is not None else []
    family = [number for meaning in category.meanings[:1] for number in meaning.family] if category else []
    if not around and not family:
        return None
    groups = []
    for group in reading.groups:
        of = None if group.part is None else reading.understanding.parts[group.part]
        if of is not None and of is part:
            groups.append(replace(group, quarters=tuple(dict.fromkeys([*group.quarters, *around]))))
        elif of is not None and of is category:
            wide = replace(group, categories=dict(group.categories))
            wide.mean(family, BY_FAMILY)
            groups.append(wide)
        else:
            groups.append(group)
    return replace(reading, groups=groups)


def _around(meaning: Meaning) -> list[uuid.UUID]:
    """The quarters of the same town near a quarter with a position."""
    if meaning.point is None:
        return []
    known = snapshot()
    town = known.cities[meaning.town].id
    return [
        row.id
        for rows in known.quarters.values()
        for row in rows
        if row.city_id == town and row.latitude is not None and row.longitude is not None
        and great_circle_m(row.latitude, row.longitude, meaning.point) <= AROUND_M
    ]  # fmt: skip
