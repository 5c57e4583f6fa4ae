"""The exact order of the candidates that an engine found, one rule for both engines. Pure: reads nothing but its arguments.

Rules, in this order; the first that tells two entries apart decides (docs/decisions/0008-ranking.md):

1. An entry whose whole name is the query comes first; then one whose name is the query without its little words.
2. An entry that holds all the words comes before one that lacks some.
3. One that holds them as they were typed comes before one that holds a correction of them.
4. The score, a product of
   - the words: for each, how rare it is × how well the entry holds it. Name weighs more than category, that more than place,
     that more than text; the word itself more than its stem, a synonym, a completion, a correction. Being filed under the
     category, or lying in the place, that the word means counts like a strong match. Repeating a word soon stops helping.
     What part of the name the query says, and says in the same order, is added;
   - the distance, when a person's position or a named quarter gives a point: half of what it can take away is gone after 2 km;
   - completeness, at most 6 %, and how recently it was published, at most 2 %.
5. The id, so that the same question always has the same answer.

Money is no part of it: see `sponsored`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from apps.search.distances import great_circle_m
from apps.search.documents import CATEGORY
from apps.search.packing import FIELD_COUNT, STOP_KEYS, Packed, split_keys, unpack, word_key
from apps.search.selectors import sources
from apps.search.selectors.groups import BY_FAMILY, Kind, WordGroup

CANDIDATES_MAX = 200


@dataclass(frozen=True, slots=True)
class Weights:
    """Every number of the ranking. Change `version` with any of them, and measure (`score_search`)."""

    version: int = 2
    fields: tuple[float, float, float, float] = (5.0, 3.0, 2.0, 1.0)  # name, category, area, text
    lengths: tuple[float, float, float, float] = (4.0, 14.0, 6.0, 40.0)  # usual words of each
    length_effect: tuple[float, float, float, float] = (0.3, 0.0, 0.0, 0.5)
    saturation: float = 1.2
    times: int = 4  # said more often in one field, a word counts no more: owners write their texts
    kinds: tuple[float, float, float, float, float] = (1.0, 0.95, 0.75, 0.7, 0.6)  # by `Kind`
    meaning: float = 6.0  # in the category or place that the word means, as a field
    coverage: float = 0.35  # of the words' part, when the query says the whole name
    order: float = 0.10  # likewise, when it says it in the same order
    optional: float = 0.3  # a word that need not be held
    elsewhere: float = 0.3  # a word in the names of a category other than the one that it names
    place_in_part: float = 0.6  # a place's words when not all words need be held
    distance_half_m: float = 2_000.0
    distance_far: float = 0.2
    quality: float = 0.06
    freshness: float = 0.02
    fresh_days: float = 365.0


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the ranking reads it.

    :ivar whole_name: keys of its words (`packing.word_key`). :ivar point: where to measure from.
    :ivar quarters: the named quarters; what lies in them is not far, wherever their centre is.
    """

    groups: Sequence[WordGroup]
    whole_name: Sequence[bytes]
    document_count: int
    at: dt.datetime
    point: tuple[float, float] | None = None
    quarters: frozenset[uuid.UUID] = frozenset()
    weights: Weights = WEIGHTS


class Held(NamedTuple):
    """How an entry holds one word: strength 0 (not at all) to 1, by which kind of term, in which field (None: by its meaning).

    `is_beside`: by its meaning only nearly, in a neighbouring quarter or a category beside.
    """

    strength: float
    kind: Kind = Kind.FORM
    field: int | None = None
    is_beside: bool = False


_NOT_HELD = Held(0.0)


@dataclass(slots=True)
class Ranked:
    """A candidate with what its place rests on."""

    id: uuid.UUID
    exactness: int  # 2: the whole name; 1: without little words; 0
    missing: int
    corrected: int
    score: float
    plan_rank: int = 0
    distance_m: float | None = None
    held: Sequence[Held] = ()

    @property
    def tier(self) -> tuple[int, bool, bool]:
        """Rules 1 to 3: smaller is better."""
        return (-self.exactness, self.missing > 0, self.corrected > 0)

    def key(self) -> tuple[object, ...]:
        """All rules: smaller is better."""
        return (-self.exactness, self.missing > 0, self.corrected > 0, -self.score, -self.id.int)


@dataclass(frozen=True, slots=True)
class _Word:
    """A group made ready for many entries.

    :ivar terms: keys, with how much each counts and how it came in. :ivar in_part: its weight where not all words need be held.
    """

    terms: Sequence[tuple[bytes, float, Kind]]
    weight: float
    in_part: float
    categories: Mapping[int, float]
    cities: frozenset[int]
    quarters: frozenset[uuid.UUID]
    surest: Kind
    is_required: bool


@dataclass(frozen=True, slots=True)
class _Name:
    """The query as names are compared with it."""

    whole: bytes
    telling: list[bytes]
    said: frozenset[bytes]
    following: frozenset[tuple[bytes, bytes]]


def rank(asked: Asked, rows: Mapping[uuid.UUID, sources.Packed]) -> list[Ranked]:
    """The candidates, best first."""
    words = [_ready(group, asked) for group in asked.groups]
    whole = list(asked.whole_name)
    name = _Name(
        b"".join(whole),
        [key for key in whole if key not in STOP_KEYS],
        frozenset(key for word in words for key, _counts, _kind in word.terms),
        frozenset(itertools.pairwise(whole)),
    )
    lengths = [
        ((1 - effect) / weight, effect / usual / weight)
        for weight, effect, usual in zip(asked.weights.fields, asked.weights.length_effect, asked.weights.lengths, strict=True)
    ]
    return sorted([_rank_one(asked, words, name, lengths, pk, row) for pk, row in rows.items()], key=Ranked.key)


def _ready(group: WordGroup, asked: Asked) -> _Word:
    weights, count = asked.weights, max(asked.document_count, group.df, 1)
    rarity = math.log(1 + (count - group.df + 0.5) / (group.df + 0.5))
    weight = max(rarity if group.is_required else rarity * weights.optional, 0.1)
    return _Word(
        terms=[(word_key(term), weights.kinds[kind], kind) for term, kind in group.terms.items()],
        weight=weight,
        in_part=weight * weights.place_in_part if group.is_place else weight,
        categories=group.categories,
        cities=frozenset(group.cities),
        quarters=frozenset(group.quarters),
        surest=group.surest,
        is_required=group.is_required,
    )


def _rank_one(
    asked: Asked, words: Sequence[_Word], name: _Name, lengths: Sequence[tuple[float, float]], pk: uuid.UUID, row: sources.Packed
) -> Ranked:
    weights, document = asked.weights, unpack(row.packed)
    # What a word counts in each field of this entry: less in a long one.
    worth = [1 / (base + slope * length) for (base, slope), length in zip(lengths, document.lengths, strict=True)]
    held = [_held(word, document, worth, row, asked) for word in words]
    missing = corrected = 0
    for word, one in zip(words, held, strict=True):
        missing += word.is_required and not one.strength
        corrected += one.kind is Kind.CORRECTION
    total = got = 0.0
    for word, one in zip(words, held, strict=True):
        weight = word.in_part if missing else word.weight
        total += weight
        got += weight * one.strength
    exactness, bonus = _of_names(name, document.names, weights)
    distance = _distance_m(asked.point, row)
    score = (got / total if total else 0.0) + bonus
    score *= _nearness(asked, row, distance) * (1 + weights.quality * row.quality / 100)
    score *= 1 + weights.freshness * math.exp(-max((asked.at - row.published_at).days, 0) / weights.fresh_days)
    return Ranked(pk, exactness, missing, corrected, score, row.plan_rank, distance, held)


def _held(word: _Word, document: Packed, worth: Sequence[float], row: sources.Packed, asked: Asked) -> Held:
    """What the entry has for a word: being what the word means, and over the fields (BM25F) the best of its terms."""
    weights = asked.weights
    is_there = row.city in word.cities or row.quarter in word.quarters
    surely = 1.0 if is_there else word.categories.get(row.category, 0.0)
    meant = weights.kinds[word.surest] * weights.meaning * surely
    elsewhere = weights.elsewhere if word.categories and not surely else 1.0
    best, kind, where = 0.0, word.surest, None
    for key, counts, how in word.terms:
        place = document.find(key)
        if place < 0:
            continue
        found, first = 0.0, None
        for number, times in enumerate(document.counts[place : place + FIELD_COUNT]):
            if times:
                found += worth[number] * min(times, weights.times) * (elsewhere if number == CATEGORY else 1.0)
                first = number if first is None else first
        if found * counts > best:
            best, kind, where = found * counts, how, first
    total = meant + best
    if not total:
        return _NOT_HELD
    strength = total / (total + weights.saturation)
    if meant < best:
        return Held(strength, kind, where)
    is_beside = bool(word.quarters) and row.quarter not in asked.quarters if is_there else surely <= BY_FAMILY
    return Held(strength, word.surest, is_beside=is_beside)


def _of_names(name: _Name, names: Sequence[bytes], weights: Weights) -> tuple[int, float]:
    """Whether one of the names is the query, and what the best of them gains: for the part of it that the query says, and for
    saying it in order.
    """
    exactness, best = 0, 0.0
    for joined in names:
        if joined == name.whole:
            exactness = 2
        own = split_keys(joined)
        if name.said.isdisjoint(own):
            continue
        telling = [key for key in own if key not in STOP_KEYS]
        if telling and telling == name.telling:
            exactness = max(exactness, 1)
        part = sum([key in name.said for key in telling]) / max(len(telling), 1)
        pairs = list(itertools.pairwise(own))
        in_order = sum([pair in name.following for pair in pairs]) / len(pairs) if pairs else 0.0
        best = max(best, weights.coverage * part * part + weights.order * in_order)
    return exactness, best


def _distance_m(point: tuple[float, float] | None, row: sources.Packed) -> float | None:
    if point is None or row.latitude is None or row.longitude is None:
        return None
    return great_circle_m(row.latitude, row.longitude, point)


def _nearness(asked: Asked, row: sources.Packed, distance: float | None) -> float:
    if asked.point is None or (row.quarter is not None and row.quarter in asked.quarters):
        return 1.0
    far = asked.weights.distance_far
    if distance is None:
        # Where it is nobody knows: as if at the half of what distance can take away.
        return far + (1 - far) / 2
    return far + (1 - far) / (1 + distance / asked.weights.distance_half_m)
