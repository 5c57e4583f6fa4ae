"""An index of published entries in memory: the plain engine, a vocabulary of loops, and packed rows. Needs no table of search."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.catalog.cards import read_sources
from apps.catalog.holidays import current_holidays
from apps.catalog.models import Resource
from apps.catalog.opening import packed_status
from apps.catalog.selectors import PLAN_RANKS
from apps.search.analysis import words
from apps.search.backends.base import SearchBackend
from apps.search.documents import SearchDocument, Texts
from apps.search.selectors.sources import Sources
from apps.search.tests.plain_backend import PlainBackend


@dataclass(frozen=True)
class Known:
    """A word of the vocabulary."""

    form: str
    shown: str
    df: int


@dataclass(frozen=True)
class Row:
    """What the ranking reads of an entry."""

    packed: bytes
    plan_rank: int
    quality: int
    published_at: dt.datetime
    latitude: float | None
    longitude: float | None
    category: int
    city: int | None
    quarter: uuid.UUID | None


@dataclass
class Memory:
    """Documents with all that is derived from them."""

    engine: SearchBackend = field(default_factory=PlainBackend)
    rows: dict[uuid.UUID, Row] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    shown: dict[str, str] = field(default_factory=dict)
    schedules: dict[bytes, int] = field(default_factory=dict)

    def add(self, resource: Resource, *, quality: int = 50) -> uuid.UUID:
        """Hold a published entry."""
        resource = Resource.objects.select_related("category__parent", "city__region", "quarter").get(pk=resource.pk)
        category, city, quarter = resource.category, resource.city, resource.quarter
        assert category is not None  # what is published has one
        hours = next(iter(read_sources([resource.pk]))).schedule().pack()
        texts = Texts(
            names=[resource.name, resource.name_en],
            categories=[category.name_fr, category.name_en, *category.aliases],
            areas=[
                *([quarter.name, *quarter.aliases] if quarter else []),
                *([city.name_fr, city.name_en, *city.aliases, city.region.name_fr, city.region.name_en] if city else []),
                resource.address_line1,
            ],
            texts=[resource.description_fr, resource.description_en, resource.landmark_fr, resource.landmark_en],
            phones=[contact.value for contact in resource.contacts.all() if contact.kind == "phone"],
        )
        return self.hold(
            texts, resource.pk, resource_type=resource.resource_type, category=category.number,
            published_at=resource.published_at or resource.created_at, plan_rank=PLAN_RANKS[resource.plan], quality=quality,
            verified=resource.verified, city=city.number if city else None, quarter=resource.quarter_id,
            latitude=float(resource.latitude) if resource.latitude is not None else None,
            longitude=float(resource.longitude) if resource.longitude is not None else None,
            attributes=tuple(resource.attributes), schedule=self.schedules.setdefault(hours, len(self.schedules) + 1) if hours else None,
        )  # fmt: skip

    def hold(self, texts: Texts, pk: uuid.UUID, **fields: object) -> uuid.UUID:
        """Hold a document of these texts."""
        values: dict[str, object] = {
            "version": 1, "resource_type": "business", "category": 1, "published_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), **fields,
        }  # fmt: skip
        document = SearchDocument(
            id=pk, names=texts.folded_names(), name_terms=texts.name_terms(), terms=texts.all_terms(), packed=texts.packed(),
            **values,  # type: ignore[arg-type]  # fields of the document
        )  # fmt: skip
        self.engine.index([document])
        self.rows[pk] = Row(
            document.packed, document.plan_rank, document.quality, document.published_at, document.latitude, document.longitude,
            document.category, document.city, document.quarter,
        )  # fmt: skip
        forms = {form for found in texts.words for form in found}
        self.counts.update(forms)
        for text in (*texts.names, *texts.categories, *texts.areas, *texts.texts):
            for word in words(text):
                self.shown.setdefault(word.form, text[word.start : word.end].lower())
        return pk

    def packed_documents(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Row]:
        """Rows by id."""
        return {pk: self.rows[pk] for pk in ids if pk in self.rows}

    def open_schedules(self, at: dt.datetime) -> tuple[int, ...]:
        """Keys of what is open."""
        return tuple(key for hours, key in self.schedules.items() if packed_status(hours, at, current_holidays()).state == "open")

    def _word(self, form: str) -> Known:
        return Known(form, self.shown.get(form, form), self.counts[form])

    def known_words(self, forms: Sequence[str]) -> Mapping[str, Known]:
        """Those that some entry holds."""
        return {form: self._word(form) for form in forms if self.counts[form]}

    def completions(self, prefix: str, *, limit: int) -> Sequence[Known]:
        """Words that begin so."""
        found = [self._word(form) for form in self.counts if form.startswith(prefix)]
        return sorted(found, key=lambda word: (-word.df, word.form))[:limit]

    def corrections(self, form: str, *, limit: int) -> Sequence[Known]:
        """Words within the errors that are allowed."""
        most = 2 if len(form) >= 8 else 1 if len(form) >= 4 else 0
        near = [(distance, self._word(other)) for other in self.counts if 0 < (distance := edit_distance(form, other)) <= most]
        return [word for _distance, word in sorted(near, key=lambda one: (one[0], -one[1].df, one[1].form))][:limit]

    def document_count(self) -> int:
        """How many entries there are."""
        return len(self.rows)

    def sources(self) -> Sources:
        """For a question."""
        return Sources(self.engine, self, self.packed_documents, self.open_schedules)


def edit_distance(one: str, two: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours (optimal string alignment)."""
    if abs(len(one) - len(two)) > 2:
        return 3
    before, last = list[int](), list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
