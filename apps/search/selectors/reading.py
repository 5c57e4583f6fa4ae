"""One reading of the words of a query: which they are, what they mean, and the groups that are asked of an engine."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps.search.analysis import QUERY_LENGTH_MAX, QUERY_WORDS_MAX, STOP_WORDS, Word, fold, words
from apps.search.selectors.groups import Phrase, Spellings, WordGroup, build_groups
from apps.search.selectors.names import Names
from apps.search.selectors.phrases import JOINED_LETTERS_MIN, Found
from apps.search.selectors.sources import KnownWord, Vocabulary
from apps.search.selectors.synonyms import Synonyms
from apps.search.selectors.understanding import Part, Understanding, understand
from apps.search.spelling import distance

CORRECTED_LENGTH_MIN = 4
CORRECTIONS_MAX, COMPLETIONS_MAX = 4, 12
ERRORS_MAX = 2
# What may be one word or two: long enough not to be so by chance, short enough to be tried in all ways.
PIECE_LETTERS_MIN, SPLIT_LETTERS_MAX = 3, 24


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
    """Reads the words of one query, first as they stand, then with misspelt ones put right.

    :ivar landmark: what some of the words name, when that was found out.
    """

    text: str
    names: Names
    synonyms: Synonyms
    vocabulary: Vocabulary
    is_understood: bool = True
    landmark: Part | None = None

    def as_typed(self) -> Reading:
        """The words as they stand; what nobody knows of the last one may be unfinished."""
        typed = words(self.text, limit=QUERY_WORDS_MAX)
        known = self.vocabulary.known_words([word.form for word in typed]) if typed else {}
        return self._read(typed, {}, Spellings(completions=self._completions(typed, known, is_always=False), counts=_counts(typed, known)))

    def put_right(self, reading: Reading) -> Reading | None:
        """Misspelt words corrected, joined and split ones respelled, and the last one completed; None when that changes nothing."""
        given = reading.words
        known = self.vocabulary.known_words([word.form for word in given])
        meant = {place for part in reading.understanding.parts for place in range(part.start, part.end)}
        odd = [
            place
            for place, word in enumerate(given)
            if not (place in meant or word.form in known or word.form in self.synonyms.shown or word.form in STOP_WORDS)
        ]
        joined, split = self._respelled(given, meant)
        covered = {place for found in joined for place in range(found.start, found.end)}
        corrections: dict[int, Sequence[KnownWord]] = {place: self._corrections(given[place]) for place in odd if place not in covered}
        respelled = [*joined, *(found for place, found in split.items() if not corrections.get(place))]
        covered |= {found.start for found in respelled}
        # Words that only sound alike are the last resort.
        corrections |= {place: self._heard(given[place]) for place, found in corrections.items() if not found and place not in covered}
        corrected = {place: found[0] for place, found in corrections.items() if found}
        further = {place: [other.form for other in found[1:]] for place, found in corrections.items() if found}
        completions = self._completions(given, known, is_always=True)
        if not corrected and not respelled and completions == self._completions(given, known, is_always=False):
            return None
        right = [replace(word, form=corrected[place].form) if place in corrected else word for place, word in enumerate(given)]
        counts = _counts(right, {**known, **{other.form: other for other in corrected.values()}})
        shown = {place: other.shown for place, other in corrected.items()}
        return self._read(right, shown, Spellings(frozenset(corrected), further, completions, counts, respelled))

    def _read(self, given: Sequence[Word], corrected: Mapping[int, str], spellings: Spellings) -> Reading:
        understanding = understand(self.text, given, self.names, self.landmark) if self.is_understood else Understanding()
        groups = build_groups(given, understanding, names=self.names, synonyms=self.synonyms.book, spellings=spellings)
        return Reading(self.text, given, understanding, groups, corrected)

    def _corrections(self, word: Word) -> Sequence[KnownWord]:
        """Words of the catalogue, and of synonyms, that are typing errors apart. Never of numbers, nor of short words."""
        if not _may_be_misspelt(word):
            return ()
        found: dict[str, KnownWord] = {other.form: other for other in self.synonyms.near(word.form)}
        found |= {other.form: other for other in self.vocabulary.corrections(word.form, limit=CORRECTIONS_MAX)}
        nearest = sorted(found.values(), key=lambda other: (distance(word.form, other.form, most=ERRORS_MAX), -other.df, other.form))
        return nearest[:CORRECTIONS_MAX]

    def _heard(self, word: Word) -> Sequence[KnownWord]:
        """Words that sound alike."""
        if not _may_be_misspelt(word):
            return ()
        return self.names.sounds.alike(word.form, limit=CORRECTIONS_MAX) or self.synonyms.alike(word.form, limit=CORRECTIONS_MAX)

    def _respelled(self, given: Sequence[Word], meant: Collection[int]) -> tuple[list[Found[Phrase]], dict[int, Found[Phrase]]]:
        """Neighbours that the catalogue writes as one word, and words, by place, that it writes as two."""
        pairs = {
            place: one.form + other.form
            for place, (one, other) in enumerate(itertools.pairwise(given))
            if not (place in meant or place + 1 in meant or one.is_digits or other.is_digits)
        }
        pairs = {place: form for place, form in pairs.items() if JOINED_LETTERS_MIN <= len(form) <= SPLIT_LETTERS_MAX}
        pieces = {place: _pieces(word.form) for place, word in enumerate(given) if place not in meant}
        wanted = [*pairs.values(), *(piece for two in pieces.values() for pair in two for piece in pair)]
        known = self.vocabulary.known_words(wanted) if wanted else {}
        joined: list[Found[Phrase]] = []
        for place, form in pairs.items():
            if form in known and not (joined and joined[-1].end > place):
                joined.append(Found(place, place + 2, ((form,),), is_exact=True))
        split: dict[int, Found[Phrase]] = {}
        for place, two in pieces.items():
            whole = [pair for pair in two if pair[0] in known and pair[1] in known]
            if whole:
                best = max(whole, key=lambda pair: min(known[piece].df for piece in pair))
                split[place] = Found(place, place + 1, (best,), is_exact=True)
        return joined, split

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


def _may_be_misspelt(word: Word) -> bool:
    return len(word.form) >= CORRECTED_LENGTH_MIN and not any(c.isdigit() for c in word.form)


def _pieces(form: str) -> list[tuple[str, str]]:
    """A word as two, in every way that leaves enough of each and makes no little word."""
    if not form.isalpha() or not JOINED_LETTERS_MIN <= len(form) <= SPLIT_LETTERS_MAX:
        return []
    pairs = [(form[:end], form[end:]) for end in range(PIECE_LETTERS_MIN, len(form) - PIECE_LETTERS_MIN + 1)]
    return [pair for pair in pairs if STOP_WORDS.isdisjoint(pair)]


def _counts(given: Sequence[Word], known: Mapping[str, KnownWord]) -> dict[int, int]:
    return {place: known[word.form].df for place, word in enumerate(given) if word.form in known}
