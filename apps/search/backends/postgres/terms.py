"""Words and values as numbers of 31 bits: what stands in `resource_search.terms`.

One GIN index of integers answers every kind of "holds", and a row is a quarter of what texts would take. Words anywhere, words of
the name and category, beginnings of the name's words, and whole names are different numbers of the same word, so that "in the name"
is as cheap to ask as "anywhere". Numbers of filters are negative. Two of five million numbers are the same once in four hundred
words asked; then an entry is found that does not hold the word, and the ranking, which reads numbers of 63 bits, puts it last.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable

from apps.search.documents import SearchDocument, term_id

# Suggestions look up beginnings of at most so many letters, and compare the rest.
PREFIX_MAX = 5
_BITS = 0x7FFF_FFFF


@functools.lru_cache(maxsize=131_072)
def _pair(text: str) -> tuple[int, int]:
    """Two numbers of 31 bits from the 63 of a term."""
    number = term_id(text)
    return number & _BITS or 1, (number >> 31) & _BITS or 1


def anywhere(term: str) -> int:
    """A term in any field."""
    return _pair(term)[0]


def in_name(term: str) -> int:
    """A term in a name or category."""
    return _pair(term)[1]


def whole_name(folded: str) -> int:
    """A whole folded name."""
    return _pair("=" + folded)[0]


def word_begins(letters: str) -> int:
    """A word of a name that begins with these letters, the first `PREFIX_MAX` of which count."""
    return _pair("^" + letters[:PREFIX_MAX])[0]


def name_begins(letters: str) -> int:
    """A name whose first word begins with these letters."""
    return _pair("^" + letters[:PREFIX_MAX])[1]


def value(kind: str, key: int | str | bool | uuid.UUID) -> int:
    """A value that filters ask for, or completeness."""
    return -_pair(f"{kind}:{key}")[0]


def terms_of(document: SearchDocument) -> list[int]:
    """Every number of a document, sorted."""
    numbers = {_pair(term)[0] for term in document.terms}
    numbers.update([_pair(term)[1] for term in document.name_terms])
    for name in document.names:
        numbers.add(whole_name(name))
        first, *_others = parts = name.split(" ")
        numbers.update(map(name_begins, _beginnings(first)))
        for part in parts:
            numbers.update(_begun(part))
    numbers.update((
        value("category", document.category), value("type", document.resource_type), value("plan", document.plan_rank),
        value("verified", document.verified), value("quality", document.quality),
    ))  # fmt: skip
    numbers.update(value("has", attribute) for attribute in document.attributes)
    if document.city is not None:
        numbers.add(value("city", document.city))
    if document.quarter is not None:
        numbers.add(value("quarter", document.quarter))
    return sorted(numbers)


@functools.lru_cache(maxsize=65_536)
def _begun(word: str) -> tuple[int, ...]:
    """The numbers of all beginnings of a word."""
    return tuple(map(word_begins, _beginnings(word)))


def _beginnings(word: str) -> Iterable[str]:
    return (word[:length] for length in range(1, min(len(word), PREFIX_MAX) + 1))
