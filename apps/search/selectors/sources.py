"""Where a question finds its candidates and what the ranking reads of them: the live tables, or what a test puts there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.search.backends.base import SearchBackend
from apps.search.selectors.synonyms import Synonyms


class KnownWord(Protocol):
    """A word of the catalogue: its folded form, how people write it, and how many entries hold it."""

    @property
    def form(self) -> str:
        """Folded."""

    @property
    def shown(self) -> str:
        """As people write it."""

    @property
    def df(self) -> int:
        """Entries that hold it."""


class Vocabulary(Protocol):
    """The words of the catalogue (`selectors.vocabulary`)."""

    def known_words(self, forms: Sequence[str]) -> Mapping[str, KnownWord]:
        """Those of these forms that some entry holds."""

    def completions(self, prefix: str, *, limit: int) -> Sequence[KnownWord]:
        """Words that begin so, the most frequent first."""

    def corrections(self, form: str, *, limit: int) -> Sequence[KnownWord]:
        """Words within one typing error from four letters and two from eight, the nearest first, then the most frequent."""

    def document_count(self) -> int:
        """How many entries there are."""


class Packed(Protocol):
    """What the ranking reads of an entry (`selectors.packed`)."""

    @property
    def packed(self) -> bytes:
        """`packing.Packed` as bytes."""

    @property
    def plan_rank(self) -> int:
        """0 to 2."""

    @property
    def quality(self) -> int:
        """Completeness, 0 to 100."""

    @property
    def published_at(self) -> dt.datetime:
        """When it was published."""

    @property
    def latitude(self) -> float | None:
        """In degrees."""

    @property
    def longitude(self) -> float | None:
        """In degrees."""

    @property
    def category(self) -> int:
        """Short key."""

    @property
    def city(self) -> int | None:
        """Short key."""

    @property
    def quarter(self) -> uuid.UUID | None:
        """Its id."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that an answer is made of, cards excepted.

    :ivar packed_documents: by id, of those that are held. :ivar open_schedules: keys of the schedules that are open at a moment.
    """

    engine: SearchBackend
    vocabulary: Vocabulary
    synonyms: Synonyms
    packed_documents: Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Packed]]
    open_schedules: Callable[[dt.datetime], tuple[int, ...]]
