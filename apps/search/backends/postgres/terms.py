"""Words and values as numbers of 31 bits: what stands in `resource_search.terms`.

One GIN index of integers answers every kind of "holds", and a row is a quarter of what texts would take. Words anywhere, words of
the name and category, beginnings of the name's words, and whole names are different numbers of the same word, so that "in the name"
is as cheap to ask as "anywhere". Numbers of filters are negative. Two of five million numbers are the same once in four hundred
words asked; then an entry is found that does not hold the word, and the ranking, which reads numbers of 63 bits, puts it last.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Sequence

from apps.search.backends.postgres import grid
from apps.search.documents import SearchDocument, term_id

# Suggestions look up beginnings of at most so many letters, and compare the rest.
PREFIX_MAX = 8
QUALITY_MAX, QUALITY_STEP = 100, 5
_BITS = 0x7FFF_FFFF
_KEPT_MAX = 131_072


class _Numbers(dict[str, int]):
    """Numbers by text, 31 of a term's 63 bits, each worked out once. A document looks up two hundred: by a function, in twice the time."""

    def __init__(self, shift: int) -> None:
        self._shift = shift

    def __missing__(self, text: str) -> int:
        if len(self) >= _KEPT_MAX:
            self.clear()
        number = self[text] = (term_id(text) >> self._shift) & _BITS or 1
        return number


_first, _second = _Numbers(0), _Numbers(31)


def anywhere(term: str) -> int:
    """A term in any field."""
    return _first[term]


def in_name(term: str) -> int:
    """A term in a name or category."""
    return _second[term]


def whole_name(folded: str) -> int:
    """A whole folded name."""
    return _first["=" + folded]


def word_begins(letters: str) -> int:
    """A word of a name that begins with these letters, the first `PREFIX_MAX` of which count."""
    return _first["^" + letters[:PREFIX_MAX]]


def name_begins(letters: str) -> int:
    """A name whose first word begins with these letters."""
    return _second["^" + letters[:PREFIX_MAX]]


def weighted(number: int, weight: int) -> int:
    """The number of a beginning (of one letter) and a weight together."""
    return (number ^ weight) or 1


@functools.lru_cache(maxsize=512)
def weight(plan_rank: int, quality: int) -> int:
    """What makes the number of a beginning that of entries of this plan rank and completeness."""
    return _first[f"weight:{plan_rank}:{quality}"]


def value(kind: str, key: int | str | bool | uuid.UUID) -> int:
    """A value that filters ask for, or completeness."""
    return -_first[f"{kind}:{key}"]


@functools.lru_cache
def at_least(quality: int) -> Sequence[int]:
    """Completeness of so much or more, in steps: an entry has the number of every step that it reaches.

    One list of the index has the most complete entries. Of a number for each value it would take a list for each of sixty, and the
    index asks of every entry which of them it is in: that took three quarters of the time of a question.
    """
    return [value("quality at least", step) for step in range(0, quality + 1, QUALITY_STEP)]


def written_with_cells() -> int:
    """What every entry holds that was written since there are cells, wherever it lies."""
    return value("cell", "any")


def terms_of(document: SearchDocument) -> list[int]:
    """Every number of a document, sorted."""
    numbers = set(map(_first.__getitem__, document.terms))
    numbers.update(map(_second.__getitem__, document.name_terms))
    its_weight = weight(document.plan_rank, document.quality)
    for name in document.names:
        numbers.add(whole_name(name))
        first, *_others = parts = name.split(" ")
        numbers.update(map(name_begins, _beginnings(first)))
        numbers.add(weighted(name_begins(first[:1]), its_weight))
        for part in parts:
            begun = _begun(part)
            numbers.update(begun)
            # The first is that of its first letter.
            numbers.update([weighted(number, its_weight) for number in begun[:1]])
    numbers.update((
        value("category", document.category), value("type", document.resource_type), value("plan", document.plan_rank),
        value("verified", document.verified), value("quality", document.quality), *at_least(document.quality),
        written_with_cells(),
    ))  # fmt: skip
    numbers.update(value("has", attribute) for attribute in document.attributes)
    if document.city is not None:
        numbers.add(value("city", document.city))
    if document.quarter is not None:
        numbers.add(value("quarter", document.quarter))
    if document.latitude is not None and document.longitude is not None:
        numbers.update(value("cell", cell) for cell in grid.cells(document.latitude, document.longitude))
    return sorted(numbers)


@functools.lru_cache(maxsize=65_536)
def _begun(word: str) -> tuple[int, ...]:
    """The numbers of all beginnings of a word."""
    return tuple(map(word_begins, _beginnings(word)))


def _beginnings(word: str) -> Iterable[str]:
    return (word[:length] for length in range(1, min(len(word), PREFIX_MAX) + 1))
