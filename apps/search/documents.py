"""What is searched of one entry, in the same form for both engines, and what the ranking reads of it."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from apps.search.analysis import fold, spellings, terms_of
from apps.search.packing import FIELD_COUNT, pack, word_key

# Fields by importance; their weights are in `ranking`.
NAME, CATEGORY, AREA, TEXT = range(FIELD_COUNT)
# A phone is found by its national number from this many digits on.
PHONE_DIGITS_MIN = 6
PHONE_MARK = "#"


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One published entry as engines hold it.

    :ivar version: the entry's; an engine never replaces a document by one of a smaller version.
    :ivar names: the folded name in each language, each once: for whole names and suggestions.
    :ivar name_terms: terms of names and category. :ivar terms: all terms, those included.
    :ivar quality: completeness, 0 to 100.
    :ivar schedule: short key of its opening hours (`search_schedule`), None when they are not known.
    :ivar category: short key of its own category. :ivar city: short key.
    :ivar packed: what the ranking reads (`packing.Packed`), kept in PostgreSQL only.
    """

    id: uuid.UUID
    version: int
    names: tuple[str, ...]
    name_terms: frozenset[str]
    terms: frozenset[str]
    resource_type: str
    category: int
    published_at: dt.datetime
    plan_rank: int = 0
    quality: int = 0
    verified: bool = False
    city: int | None = None
    quarter: uuid.UUID | None = None
    latitude: float | None = None
    longitude: float | None = None
    attributes: tuple[str, ...] = ()
    schedule: int | None = None
    packed: bytes = b""


@dataclass(slots=True)
class Texts:
    """The texts of an entry by field, in both languages together.

    :ivar areas: names of the places it lies in, which many entries share. :ivar addresses: its own, of the same field.
    :ivar phones: E.164.
    """

    names: Sequence[str]
    categories: Iterable[str] = ()
    areas: Iterable[str] = ()
    addresses: Iterable[str] = ()
    texts: Iterable[str] = ()
    phones: Iterable[str] = ()
    _named: list[list[str]] = field(init=False)
    _shared: list[_SharedField] = field(init=False)
    _words: list[Mapping[str, int]] = field(init=False)
    _spelled: Iterable[tuple[str, str]] = field(init=False)
    _phone_terms: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = list(dict.fromkeys(name for name in self.names if name))
        names, addresses, texts = (list(map(spellings, some)) for some in (self.names, self.addresses, self.texts))
        self._spelled = dict.fromkeys(chain(*names, *addresses, *texts))
        self._named = [_forms(name) for name in names]
        self._shared = [_shared_field(tuple(self.categories)), _shared_field(tuple(self.areas))]
        category, area = (one.words for one in self._shared)
        self._words = [_distinct(self._named), category, _distinct(map(_forms, addresses), area), Counter(_forms(chain(*texts)))]
        self._phone_terms = self._of_phones()

    def folded_names(self) -> tuple[str, ...]:
        """Each name as one folded line."""
        return tuple(dict.fromkeys(" ".join(forms) for forms in self._named))

    def _of_phones(self) -> set[str]:
        """Every beginning of the national number that is long enough to mean it, and the number with its country code."""
        found: set[str] = set()
        for phone in self.phones:
            digits = phone.removeprefix("+")
            national = digits.removeprefix("237")
            found |= {PHONE_MARK + national[:length] for length in range(PHONE_DIGITS_MIN, len(national) + 1)}
            found.add(PHONE_MARK + digits)
        return found

    def name_terms(self) -> frozenset[str]:
        """Terms of names and categories."""
        return frozenset(chain.from_iterable(map(terms_of, chain(self._words[NAME], self._words[CATEGORY]))))

    def all_terms(self) -> frozenset[str]:
        """Terms of every field, and of phones."""
        return frozenset(chain(self._phone_terms, chain.from_iterable(map(terms_of, chain(*self._words)))))

    def packed(self) -> bytes:
        """For the ranking."""
        category, area = self._shared
        name = _counted(self._words[NAME]) | {word_key(term): 1 for term in self._phone_terms}
        places = area.counted if self._words[AREA] == area.words else _counted(self._words[AREA])
        fields = [name, category.counted, places, _counted(self._words[TEXT])]
        return pack(self._named, fields, [sum(words.values()) for words in self._words])

    def spelled(self) -> dict[str, str]:
        """How people write its words, by folded form: in small letters, accents before none. Numbers are no words to learn."""
        own = spelled_words(self._spelled)
        for shared in self._shared:
            for form, shown in shared.spelled.items():
                if own.get(form, form) == form:
                    own[form] = shown
        return own


@dataclass(frozen=True, slots=True)
class _SharedField:
    """A field of names that many entries share, those of a category, of a town and its region; nobody changes it."""

    words: Mapping[str, int]
    counted: Mapping[bytes, int]
    spelled: Mapping[str, str]


@functools.lru_cache(maxsize=8_192)
def _shared_field(texts: tuple[str, ...]) -> _SharedField:
    found = list(map(spellings, texts))
    words = _distinct(map(_forms, found))
    return _SharedField(words, _counted(words), spelled_words(dict.fromkeys(chain(*found))))


def _forms(spelled: Iterable[tuple[str, str]]) -> list[str]:
    return [form for form, _shown in spelled]


def _distinct(texts: Iterable[Sequence[str]], others: Mapping[str, int] | None = None) -> Mapping[str, int]:
    """How often each word stands in several names of one thing: one that comes again in another name counts once more only within
    its own.

    :param others: the same of further names.
    """
    best = dict(others or {})
    for forms in texts:
        for form, times in Counter(forms).items():
            best[form] = max(best.get(form, 0), times)
    return best


def _counted(words: Mapping[str, int]) -> dict[bytes, int]:
    """How often each term stands among words."""
    counts: dict[bytes, int] = {}
    for form, times in words.items():
        for key in _keys(form):
            counts[key] = counts.get(key, 0) + times
    return counts


@functools.lru_cache(maxsize=65_536)
def _keys(form: str) -> tuple[bytes, ...]:
    return tuple(map(word_key, terms_of(form)))


def spelled_words(spelled: Iterable[tuple[str, str]]) -> dict[str, str]:
    """How people write words (`analysis.spellings`), by folded form: see `Texts.spelled`."""
    found: dict[str, str] = {}
    for form, surface in spelled:
        if not form.isdigit() and found.get(form, form) == form:
            found[form] = _shown(form, surface)
    return found


@functools.lru_cache(maxsize=65_536)
def _shown(form: str, surface: str) -> str:
    shown = surface.lower()
    return shown if fold(shown) == form else form


@functools.lru_cache(maxsize=131_072)
def term_id(term: str) -> int:
    """A term as a number of 63 bits: two of a million terms share one once in ten million catalogues."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") >> 1
