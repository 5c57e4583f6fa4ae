"""One reading of the words of a query: which they are, what they mean, and the groups that are asked of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps.search.analysis import QUERY_LENGTH_MAX, QUERY_WORDS_MAX, STOP_WORDS, Word, fold, words
from apps.search.selectors.groups import Phrase, Spellings, WordGroup, build_groups
from apps.search.selectors.names import Names
from apps.search.selectors.phrases import PhraseBook
from apps.search.selectors.sources import KnownWord, Vocabulary
from apps.search.selectors.understanding import Understanding, understand

CORRECTED_LENGTH_MIN = 4
CORRECTIONS_MAX, COMPLETIONS_MAX = 4, 12


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it is read. `words` have corrected forms where they were misspelt, at the places of the text."""

    text: str
    words: Sequence[Word] = ()
    understanding: Understanding = field(default_factory=Understanding)
    groups: Sequence[WordGroup] = ()
    corrected: Mapping[int, str] = field(default_factory=dict)  # how people write the corrections

    @property
    def did_you_mean(self) -> str:
        """The text with its misspelt words put right, "" when none was."""
        if not self.corrected:
            return ""
        made, last = [], 0
        for place, word in enumerate(self.words):
            if place in self.corrected:
                made += [self.text[last : word.start], self.corrected[place]]
                last = word.end
        return "".join([*made, self.text[last:]])


def clean(text: str) -> str:
    """What can be searched of anything that anybody sends: no NUL, no lone surrogates, at most 200 characters."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()[:QUERY_LENGTH_MAX]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the words of one query, first as they stand, then with misspelt ones put right."""

    text: str
    names: Names
    synonyms: PhraseBook[Phrase]
    vocabulary: Vocabulary
    is_understood: bool = True

    def as_typed(self) -> Reading:
        """The words as they stand; what nobody knows of the last one may be unfinished."""
        typed = words(self.text, limit=QUERY_WORDS_MAX)
        known = self.vocabulary.known_words([word.form for word in typed]) if typed else {}
        return self._read(typed, {}, Spellings(completions=self._completions(typed, known, is_always=False), counts=_counts(typed, known)))

    def put_right(self, reading: Reading) -> Reading | None:
        """Misspelt words corrected and the last one completed; None when that changes nothing."""
        known = self.vocabulary.known_words([word.form for word in reading.words])
        corrected: dict[int, KnownWord] = {}
        further: dict[int, Sequence[str]] = {}
        meant = {place for part in reading.understanding.parts for place in range(part.start, part.end)}
        for place, word in enumerate(reading.words):
            if place in meant or word.form in known or word.form in STOP_WORDS:
                continue
            found = self._corrections(word)
            if found:
                corrected[place] = found[0]
                further[place] = [other.form for other in found[1:]]
        completions = self._completions(reading.words, known, is_always=True)
        if not corrected and completions == self._completions(reading.words, known, is_always=False):
            return None
        right = [replace(word, form=corrected[place].form) if place in corrected else word for place, word in enumerate(reading.words)]
        counts = _counts(right, {**known, **{other.form: other for other in corrected.values()}})
        shown = {place: other.shown for place, other in corrected.items()}
        return self._read(right, shown, Spellings(frozenset(corrected), further, completions, counts))

    def _read(self, given: Sequence[Word], corrected: Mapping[int, str], spellings: Spellings) -> Reading:
        understanding = understand(self.text, given, self.names) if self.is_understood else Understanding()
        groups = build_groups(given, understanding, names=self.names, synonyms=self.synonyms, spellings=spellings)
        return Reading(self.text, given, understanding, groups, corrected)

    def _corrections(self, word: Word) -> Sequence[KnownWord]:
        """Never of numbers, nor of short words."""
        if len(word.form) < CORRECTED_LENGTH_MIN or any(c.isdigit() for c in word.form):
            return ()
        found = self.vocabulary.corrections(word.form, limit=CORRECTIONS_MAX)
        return found or self.names.sounds.alike(word.form, limit=CORRECTIONS_MAX)

    def _completions(self, given: Sequence[Word], known: Mapping[str, KnownWord], *, is_always: bool) -> dict[int, Sequence[str]]:
        """What the last word may become while somebody types; a known word only when too little was found."""
        if not given:
            return {}
        last = given[-1]
        is_unfinished = last.end == len(self.text) and len(last.form) >= 2 and not last.is_digits
        if not is_unfinished or last.form in STOP_WORDS or (last.form in known and not is_always):
            return {}
        found = [word.form for word in self.vocabulary.completions(fold(last.form), limit=COMPLETIONS_MAX) if word.form != last.form]
        return {len(given) - 1: found} if found else {}


def _counts(given: Sequence[Word], known: Mapping[str, KnownWord]) -> dict[int, int]:
    return {place: known[word.form].df for place, word in enumerate(given) if word.form in known}
