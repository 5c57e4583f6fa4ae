"""Files that staff loads by hand, as sources of the pipeline."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apps.catalog.services.bulk import GatheredEntry
from apps.core.ids import uuid7
from apps.ingestion.choices import LawfulBasis, Outcome, Policy, SourceKind
from apps.ingestion.models import Source
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import to_rows
from apps.ingestion.services.folding import Voice, fold
from apps.ingestion.services.lines import Told
from apps.ingestion.services.survivorship import Speakers, gather
from apps.ingestion.steps import Context, Reason, clean

SHOWN_REJECTIONS = 1000
_OWN = {
    SourceKind.FILE: {"slug": "fichiers", "name": "Fichiers chargés par l’équipe", "licence": "selon le fichier"},
    SourceKind.OSM: {
        "slug": "openstreetmap", "name": "OpenStreetMap", "licence": "ODbL 1.0",
        "licence_url": "https://opendatacommons.org/licenses/odbl/1-0/", "attribution": "© les contributeurs d’OpenStreetMap",
    },
}  # fmt: skip


@dataclass
class ImportReport:
    """What happened to each input row, counted once; `reasons` counts rejections and dropped fields by word.

    `created` are new entries, doubtful ones included, `updated` also rows that joined an entry of another source.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejections: list[tuple[int, Reason]] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """Count what became of some rows."""
        self.unchanged += len(told.unchanged)
        for item in sorted(told.items, key=lambda item: item.index):
            if item.outcome in {Outcome.CREATED, Outcome.DUPLICATE_SUSPECTED}:
                self.created += 1
            elif item.outcome in {Outcome.UPDATED, Outcome.MERGED}:
                self.updated += 1
            elif item.outcome == Outcome.UNCHANGED:
                self.unchanged += 1
            else:
                self.rejected += 1
                if len(self.rejections) < SHOWN_REJECTIONS:
                    self.rejections.append((item.index, item.reasons[0]))
            if item.outcome in {Outcome.MERGED, Outcome.DUPLICATE_SUSPECTED}:
                self.reasons[item.outcome.value] += 1
            self.reasons.update(reason.code for reason in item.reasons)


def own_source(kind: SourceKind) -> Source:
    """The source of files that staff loads, or of OpenStreetMap extracts; made when it is first needed, staff may change it."""
    given = _OWN[kind]
    defaults = {**given, "kind": kind, "lawful_basis": LawfulBasis.OPEN_LICENCE, "policy": Policy.AUTO}
    return Source.objects.get_or_create(slug=given["slug"], defaults=defaults)[0]


def import_rows(
    rows: Iterable[tuple[int, object]],
    *,
    country: str,
    at: dt.datetime,
    kind: SourceKind = SourceKind.FILE,
    on_batch: Callable[[int], object] = lambda _count: None,
) -> ImportReport:
    """Take the rows of a file, numbered as they are there; never stops at a bad one.

    :param at: becomes `created_at`, `updated_at` and `published_at`. :param on_batch: told how many rows each chunk had.
    :raises SourceClosed: staff paused or withdrew the source.
    """
    report = ImportReport()
    batches.run(
        source=own_source(kind), rows=to_rows(rows), at=at, sent_by="manage.py", country=country, on_chunk=on_batch, on_told=report.add
    )
    return report


def entry_of(raw: object, *, source: Source, context: Context, at: dt.datetime) -> GatheredEntry:
    """What a record alone makes, neither compared nor stored: for who fills an empty table.

    :raises Refused: it makes nothing.
    """
    cleaned = clean(raw, context)
    origin = cleaned.origin or source.slug
    said = Speakers([Voice(0, cleaned.record, origin, source.trust, at, tuple(cleaned.warnings))], {source.policy}, {source.kind})
    return gather(
        uuid7(), fold(said.voices, at=at), said, other_category=context.gazetteer.other_category, country=context.country, livemode=True,
        source=origin, source_id=cleaned.identity, user_id=None,
    )  # fmt: skip
