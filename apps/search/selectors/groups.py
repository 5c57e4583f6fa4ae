"""From words to what is asked of an engine: for each word its form, stems, synonyms, and what else it may mean.

A phrase with synonyms of several words ("callbox", "call box") becomes groups side by side, the first words of all of them, then
the second: whoever holds one of the phrases holds all groups. The ranking weighs each term by how it came in.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps.search.analysis import STOP_WORDS, Word, sought, terms_of
from apps.search.backends.base import Group
from apps.search.documents import PHONE_MARK
from apps.search.questions import UnderstoodKind
from apps.search.selectors.names import Names
from apps.search.selectors.phrases import LINKS, Found, PhraseBook
from apps.search.selectors.understanding import NATIONAL_DIGITS, Understanding

SYNONYMS_MAX = 12
# How surely a word means a category: by its name, by an alias, by a synonym, as one beside it.
BY_NAME, BY_ALIAS, BY_SYNONYM, BY_FAMILY = 1.0, 0.7, 0.6, 0.15
# Said around what is wanted, in whole sentences, and of the country: an entry need not hold it unless there is nothing else.
_FILLERS = """
veux veut voudrais aimerais souhaite besoin faut peux peut puis pouvez comment combien quand svp bonjour merci aller want need
needs looking look would like could get please hello best meilleur meilleure meilleurs meilleures bon bonne cher cheap soir tonight
cameroun cameroon cameroons kamerun cmr
"""
FILLERS = frozenset(_FILLERS.split())

Phrase = tuple[str, ...]


class Kind(enum.IntEnum):
    """How a term came into a group, the surest first."""

    FORM = 0
    STEM = 1
    SYNONYM = 2
    COMPLETION = 3
    CORRECTION = 4


@dataclass(slots=True)
class WordGroup:
    """One word of the query with everything that may stand for it.

    :ivar terms: each with how it came in; a term that came in twice keeps the surer way.
    :ivar categories: short keys that the word means, with how surely, up to 1.
    :ivar part: number of the part of the understanding that the word belongs to, None when it belongs to none.
    :ivar df: how many entries hold the word. :ivar is_place: it names a place.
    :ivar is_required: an entry must hold it; else it only ranks. :ivar is_further: no word of the query, but room for longer synonyms.
    :ivar surest: how the word itself came in: a correction when it was misspelt; it goes for its category and place too.
    """

    form: str
    start: int
    end: int
    terms: dict[str, Kind] = field(default_factory=dict)
    categories: dict[int, float] = field(default_factory=dict)
    cities: tuple[int, ...] = ()
    quarters: tuple[uuid.UUID, ...] = ()
    part: int | None = None
    df: int = 0
    is_place: bool = False
    is_required: bool = True
    is_further: bool = False
    surest: Kind = Kind.FORM

    def add(self, form: str, kind: Kind) -> None:
        """A word that may stand for this one."""
        stem_kind = Kind.STEM if kind is Kind.FORM else kind
        for number, term in enumerate(terms_of(form)):
            self.terms.setdefault(term, kind if number == 0 else stem_kind)

    def mean(self, categories: Iterable[int], surely: float) -> None:
        """The word means these categories; each keeps its surest."""
        for number in categories:
            self.categories[number] = max(self.categories.get(number, 0.0), surely)

    def as_group(self) -> Group:
        """For an engine."""
        ordered = sorted(self.terms, key=lambda term: self.terms[term])
        return Group(sought(ordered), tuple(self.categories), self.cities, self.quarters)


@dataclass(frozen=True, slots=True)
class Spellings:
    """What is known of how the words are written, by their places.

    :ivar corrected: places of words that are corrections of what was typed. :ivar further: other corrections of them, the likeliest
        first. :ivar completions: what an unfinished word may become. :ivar counts: how many entries hold each word.
    :ivar respelled: words that the catalogue joins or splits otherwise, as phrases.
    """

    corrected: frozenset[int] = frozenset()
    further: Mapping[int, Sequence[str]] = field(default_factory=dict)
    completions: Mapping[int, Sequence[str]] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
    respelled: Sequence[Found[Phrase]] = ()


def build_groups(
    words: Sequence[Word], understanding: Understanding, *, names: Names, synonyms: PhraseBook[Phrase], spellings: Spellings
) -> list[WordGroup]:
    """The groups of a query. Words of conditions, and words that only lead to others, are asked of no entry."""
    part_of = {place: number for number, part in enumerate(understanding.parts) for place in range(part.start, part.end)}
    wanted = _wanted(words, understanding, part_of)
    groups = {place: _group(words, place, part_of.get(place), understanding, spellings) for place in wanted}
    landmarks = {place for place, number in part_of.items() if understanding.parts[number].kind is UnderstoodKind.LANDMARK}
    telling = {place for place in wanted if _is_telling(words, place, part_of) and place not in landmarks}
    if telling:
        # What lies near a landmark need not say so.
        for place, group in groups.items():
            group.is_required = place in telling
    phones = _phones(understanding)
    # Little words may lie inside a phrase.
    free = [(place in groups and place not in phones) or word.form in LINKS for place, word in enumerate(words)]
    further: list[WordGroup] = []
    for found in (*synonyms.find_all([word.form for word in words], free), *spellings.respelled):
        own = [groups[place] for place in range(found.start, found.end) if place in groups]
        if own:
            further += _with_synonyms(own, found.meanings, names)
    return [*groups.values(), *further]


def _phones(understanding: Understanding) -> set[int]:
    return {place for part in understanding.parts if part.kind is UnderstoodKind.PHONE for place in range(part.start, part.end)}


def _wanted(words: Sequence[Word], understanding: Understanding, part_of: Mapping[int, int]) -> list[int]:
    """Places of the words that an entry must hold; little words only when there is nothing else."""
    conditions = {UnderstoodKind.OPEN_NOW, UnderstoodKind.DUTY, UnderstoodKind.NEAR_ME}
    asked = [
        place
        for place in range(len(words))
        if place not in understanding.leads and (place not in part_of or understanding.parts[part_of[place]].kind not in conditions)
    ]
    named = [place for place in asked if words[place].form not in STOP_WORDS or (place in part_of and words[place].form not in LINKS)]
    if named:
        return named
    # Nothing but conditions is a list with filters; nothing but little words is asked as it stands.
    return [] if understanding.parts else asked or list(range(len(words)))


def _is_telling(words: Sequence[Word], place: int, part_of: Mapping[int, int]) -> bool:
    return words[place].form not in FILLERS or place in part_of


def _group(words: Sequence[Word], place: int, part_number: int | None, understanding: Understanding, spellings: Spellings) -> WordGroup:
    word = words[place]
    made = WordGroup(word.form, word.start, word.end, part=part_number, df=spellings.counts.get(place, 0))
    made.surest = Kind.CORRECTION if place in spellings.corrected else Kind.FORM
    part = None if part_number is None else understanding.parts[part_number]
    if part is not None and part.kind is UnderstoodKind.PHONE:
        made.terms = dict.fromkeys(_phone_terms(part.value), Kind.FORM)
        return made
    made.add(word.form, made.surest)
    if part is not None:
        for meaning in part.meanings:
            made.mean(meaning.categories, BY_ALIAS if meaning.is_alias else BY_NAME)
        made.cities = tuple(dict.fromkeys(number for meaning in part.meanings for number in meaning.cities))
        made.quarters = tuple(dict.fromkeys(pk for meaning in part.meanings for pk in meaning.quarters))
        made.is_place = part.kind is not UnderstoodKind.CATEGORY
    for form in spellings.completions.get(place, ()):
        made.add(form, Kind.COMPLETION)
    for form in spellings.further.get(place, ()):
        made.add(form, Kind.CORRECTION)
    return made


def _phone_terms(digits: str) -> list[str]:
    """Also the number that an old sign means: of eight digits, before 2014."""
    terms = [PHONE_MARK + digits]
    if len(digits) == NATIONAL_DIGITS - 1:
        terms.append(f"{PHONE_MARK}{'2' if digits[0] in '23' else '6'}{digits}")
    return terms


def _with_synonyms(own: list[WordGroup], alternatives: Sequence[Phrase], names: Names) -> list[WordGroup]:
    """Give the groups of a phrase its synonyms, and return the further groups that longer synonyms need."""
    phrase = tuple(group.form for group in own)
    others = [other for other in alternatives if other != phrase][:SYNONYMS_MAX]
    length = max([len(own), *map(len, others)])
    groups = list(own)
    for place in range(len(own), length):
        first = own[place % len(own)]
        groups.append(replace(first, terms=dict(first.terms), categories=dict(first.categories), is_further=True))
    categories = [number for other in others for meaning in names.categories.meanings(other) for number in meaning.categories]
    home = {form: place for place, form in enumerate(phrase)}
    for other in others:
        for group, form in zip(groups, _in_places(other, length, home), strict=True):
            group.add(form, max(Kind.SYNONYM, group.surest))
    for group in groups:
        group.mean(categories, BY_SYNONYM)
    return groups[len(own) :]


def _in_places(phrase: Phrase, length: int, home: dict[str, int]) -> list[str]:
    """A word of the phrase for each of the groups side by side. A word that phrases share keeps its place, else it would stand in for
    all of them alone: "taxi" for "chauffeur de taxi" and "taxi driver".

    :param home: places of the words so far; the phrase's are added.
    """
    placed: dict[int, str] = {}
    waiting = []
    for form in phrase:
        if home.get(form, length) < length and home[form] not in placed:
            placed[home[form]] = form
        else:
            waiting.append(form)
    for form, place in zip(waiting, [place for place in range(length) if place not in placed], strict=False):
        placed[place] = form
        if len(phrase) > 1:
            home.setdefault(form, place)
    return [placed.get(place, phrase[place % len(phrase)]) for place in range(length)]
