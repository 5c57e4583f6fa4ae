"""An index of published entries in memory: the plain engine, a vocabulary of loops, and packed rows. Needs no table but the hours'."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.catalog.models import Resource
from apps.search.backends.base import SearchBackend
from apps.search.documents import SearchDocument
from apps.search.selectors.packed import PackedRow
from apps.search.selectors.schedules import open_schedules
from apps.search.selectors.sources import Sources
from apps.search.selectors.synonyms import Synonyms, synonyms_of
from apps.search.selectors.vocabulary import KnownWord
from apps.search.services.catalogue import build_documents
from apps.search.services.synonyms import shipped_synonyms
from apps.search.spelling import distance, errors_allowed
from apps.search.tests.plain_backend import PlainBackend


@dataclass
class Memory:
    """Documents with all that is derived from them."""

    engine: SearchBackend = field(default_factory=PlainBackend)
    rows: dict[uuid.UUID, PackedRow] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    shown: dict[str, str] = field(default_factory=dict)
    synonyms: Synonyms = field(default_factory=lambda: synonyms_of([row["words"] for row in shipped_synonyms()], version=0))

    def add(self, resource: Resource) -> None:
        """Hold a published entry."""
        for built in build_documents([resource.pk]):
            self.hold(built.document, built.spelled)

    def hold(self, document: SearchDocument, spelled: Mapping[str, str]) -> None:
        """Hold a document and its words."""
        self.engine.index([document])
        self.rows[document.id] = PackedRow(
            document.packed, document.plan_rank, document.quality, document.published_at, document.latitude, document.longitude,
            document.category, document.city, document.quarter,
        )  # fmt: skip
        self.counts.update(spelled.keys())
        self.shown |= spelled

    def packed_documents(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, PackedRow]:
        """Rows by id."""
        return {pk: self.rows[pk] for pk in ids if pk in self.rows}

    def _word(self, form: str) -> KnownWord:
        return KnownWord(form, self.shown.get(form, form), self.counts[form])

    def known_words(self, forms: Sequence[str]) -> Mapping[str, KnownWord]:
        """Those that some entry holds."""
        return {form: self._word(form) for form in forms if self.counts[form]}

    def completions(self, prefix: str, *, limit: int) -> Sequence[KnownWord]:
        """Words that begin so."""
        found = [self._word(form) for form in self.counts if form.startswith(prefix)]
        return sorted(found, key=lambda word: (-word.df, word.form))[:limit]

    def corrections(self, form: str, *, limit: int) -> Sequence[KnownWord]:
        """Words within the errors that are allowed."""
        most = errors_allowed(form)
        near = [(away, self._word(other)) for other in self.counts if 0 < (away := distance(form, other, most=most)) <= most]
        return [word for _away, word in sorted(near, key=lambda one: (one[0], -one[1].df, one[1].form))][:limit]

    def document_count(self) -> int:
        """How many entries there are."""
        return len(self.rows)

    def sources(self) -> Sources:
        """For a question."""
        return Sources(self.engine, self, self.synonyms, self.packed_documents, open_schedules)
