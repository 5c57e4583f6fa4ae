"""What is searched of one entry, in the same form for both engines, and what the ranking reads of it."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from apps.search.analysis import forms, terms_of

# Fields by importance; their weights are in `ranking`.
NAME, CATEGORY, AREA, TEXT = range(4)
FIELD_COUNT = 4
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
    :ivar packed: what the ranking reads (`Packed`), kept in PostgreSQL only.
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


class Packed(msgspec.Struct, array_like=True, frozen=True):
    """What the ranking reads of a document: terms by field as numbers (`term_id`), so that no text is analysed for a query.

    `names` are the forms of each name in order; `fields` the number of times each term stands in a field, by the constants
    above; `lengths` how many words each field has.
    """

    names: list[list[int]]
    fields: list[dict[int, int]]
    lengths: list[int]


@dataclass(slots=True)
class Texts:
    """The texts of an entry by field, in both languages together."""

    names: Sequence[str]
    categories: Iterable[str] = ()
    areas: Iterable[str] = ()
    texts: Iterable[str] = ()
    phones: Iterable[str] = ()  # E.164
    words: list[Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.names = list(dict.fromkeys(name for name in self.names if name))
        self.words = [
            _distinct(self.names), _shared(tuple(self.categories)), _shared(tuple(self.areas)),
            [form for text in self.texts for form in forms(text)],
        ]  # fmt: skip

    def folded_names(self) -> tuple[str, ...]:
        """Each name as one folded line."""
        return tuple(dict.fromkeys(" ".join(forms(name)) for name in self.names))

    def phone_terms(self) -> set[str]:
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
        return frozenset(term for words in self.words[: CATEGORY + 1] for form in words for term in terms_of(form))

    def all_terms(self) -> frozenset[str]:
        """Terms of every field, and of phones."""
        return frozenset(term for words in self.words for form in words for term in terms_of(form)) | self.phone_terms()

    def packed(self) -> bytes:
        """For the ranking."""
        fields = [
            _counted(self.words[NAME]), _shared_counted(tuple(self.words[CATEGORY])), _shared_counted(tuple(self.words[AREA])),
            _counted(self.words[TEXT]),
        ]  # fmt: skip
        for term in self.phone_terms():
            fields[NAME][term_id(term)] = 1
        names = [[term_id(form) for form in forms(name)] for name in self.names]
        return msgspec.msgpack.encode(Packed(names, fields, [len(words) for words in self.words]))


def _distinct(texts: Iterable[str]) -> list[str]:
    """Words of several names of one thing: a word that comes again in another name counts once more only within its own."""
    best: Counter[str] = Counter()
    for text in texts:
        best |= Counter(forms(text))
    return list(best.elements())


def _counted(words: Iterable[str]) -> dict[int, int]:
    """How often each term stands among words."""
    return dict(Counter(term_id(term) for form in words for term in terms_of(form)))


@functools.lru_cache(maxsize=4_096)
def _shared_counted(words: tuple[str, ...]) -> dict[int, int]:
    """The same of words that many entries share; nobody changes it."""
    return _counted(words)


@functools.lru_cache(maxsize=4_096)
def _shared(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The same of names that many entries share: those of a category, of a town and its region."""
    return tuple(_distinct(texts))


@functools.lru_cache(maxsize=131_072)
def term_id(term: str) -> int:
    """A term as a number of 63 bits: two of a million terms share one once in ten million catalogues."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") >> 1


_decoder = msgspec.msgpack.Decoder(Packed)


def unpack(packed: bytes) -> Packed:
    """The inverse of `Texts.packed`."""
    return _decoder.decode(packed)
