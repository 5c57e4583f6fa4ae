"""What phrases mean: names and aliases of categories and places, and synonyms, found in a row of words, the longest first.

Little words between the others ("salle de sport", "salle sport") are passed over on both sides, and words may be joined or split
otherwise ("newbell", "bona moussadi", "call-box"). Categories and synonyms are found by their French or English stems too, so that
singular and plural are one; places only by their letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from apps.search.analysis import forms, stems

T = TypeVar("T")
K = TypeVar("K")

# Folded words that names have between their words and that people leave out.
LINKS = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "and"])
PHRASE_WORDS_MAX = 6
# Shorter ones are made of other words by chance.
JOINED_LETTERS_MIN = 6


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase in a row of words: [start, end) and all that it means. `is_exact`: by its letters, not only by its stems."""

    start: int
    end: int
    meanings: tuple[T, ...]
    is_exact: bool


class PhraseBook(Generic[T]):
    """Phrases with their meanings. Filled once, then only read."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, ...], list[T]] = {}
        self._joined: dict[str, list[T]] = {}
        self._stemmed: dict[tuple[str, ...], list[T]] = {}
        self._longest = 0

    def add(self, phrase: str | Sequence[str], meaning: T, *, is_stemmed: bool) -> None:
        """One more phrase for a meaning; one of little words alone means nothing."""
        words = significant_words(forms(phrase) if isinstance(phrase, str) else phrase)
        if not 0 < len(words) <= PHRASE_WORDS_MAX:
            return
        # One more than it has: "bona moussadi" is one word.
        self._longest = max(self._longest, len(words) + 1)
        _append(self._exact, words, meaning)
        joined = "".join(words)
        if len(joined) >= JOINED_LETTERS_MIN:
            _append(self._joined, joined, meaning)
        if is_stemmed:
            for key in _stem_keys(words):
                _append(self._stemmed, key, meaning)

    def find_all(self, words: Sequence[str], free: Sequence[bool]) -> list[Found[T]]:
        """Phrases in a row of forms, in order, not overlapping, the longest first, in words that are free."""
        places = [place for place, word in enumerate(words) if free[place] and word not in LINKS]
        taken: set[int] = set()
        found: list[Found[T]] = []
        for length in range(min(self._longest, len(places)), 0, -1):
            for run in _runs(places, length):
                if taken.isdisjoint(run) and all(free[run[0] : run[-1] + 1]):
                    known = self._look_up(tuple(words[place] for place in run))
                    if known is not None:
                        taken.update(range(run[0], run[-1] + 1))
                        found.append(Found(run[0], run[-1] + 1, *known))
        return sorted(found, key=lambda one: one.start)

    def meanings(self, words: Sequence[str]) -> tuple[T, ...]:
        """What these words together mean."""
        known = self._look_up(significant_words(words))
        return known[0] if known else ()

    def beginning(self, prefix: str, *, limit: int) -> list[T]:
        """Meanings of phrases of which the text, or some word, begins so; whole beginnings first, then the shortest."""
        found: dict[T, tuple[bool, int]] = {}
        for words, meanings in self._exact.items():
            text = " ".join(words)
            if text.startswith(prefix) or f" {text}".find(f" {prefix}") >= 0:
                rank = (not text.startswith(prefix), len(text))
                for meaning in meanings:
                    found[meaning] = min(found.get(meaning, rank), rank)
        return sorted(found, key=lambda meaning: found[meaning])[:limit]

    def words(self) -> set[str]:
        """Every word of every phrase."""
        return {word for words in self._exact for word in words}

    def _look_up(self, words: tuple[str, ...]) -> tuple[tuple[T, ...], bool] | None:
        exact = self._exact.get(words) or self._joined.get("".join(words))
        if exact:
            return tuple(exact), True
        stemmed = [meaning for key in _stem_keys(words) for meaning in self._stemmed.get(key, ())]
        return (tuple(dict.fromkeys(stemmed)), False) if stemmed else None


def significant_words(words: Iterable[str]) -> tuple[str, ...]:
    """Folded words without the little ones: what tells phrases apart."""
    return tuple(word for word in words if word not in LINKS)


def _runs(places: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    return (places[start : start + length] for start in range(len(places) - length + 1))


def _stem_keys(words: Sequence[str]) -> set[tuple[str, ...]]:
    """The words by their French stems, and by their English ones."""
    pairs = [stems(word) or (word,) for word in words]
    return {("f", *(pair[0] for pair in pairs)), ("e", *(pair[-1] for pair in pairs))}


def _append(table: dict[K, list[T]], key: K, meaning: T) -> None:
    kept = table.setdefault(key, [])
    if meaning not in kept:
        kept.append(meaning)
