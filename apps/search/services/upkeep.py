"""Brings whole engines in line with the catalogue: after an update, after an accident, and every night."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import connection

from apps.catalog.models import Resource
from apps.core import cache_keys
from apps.core.caching import bump
from apps.search.backends import engines
from apps.search.backends.base import EngineUnavailable, SearchBackend
from apps.search.backends.postgres import terms
from apps.search.models import ResourceSearch
from apps.search.selectors.packed import packed_documents
from apps.search.services.catalogue import build_documents
from apps.search.services.indexing import BATCH, index_resources, write_first
from apps.search.services.statistics import refresh_statistics

logger = structlog.get_logger(__name__)

FIRST = uuid.UUID(int=0)
# A release that changes what words become changes most documents: so many show it.
SAMPLE = 200


@dataclass
class UpkeepReport:
    """`seen` entries were looked at, `written` documents written; `last` is the last entry done: a run can go on after it."""

    seen: int = 0
    written: int = 0
    last: uuid.UUID = FIRST


def rebuild_index(*, after: uuid.UUID = FIRST, on_batch: Callable[[UpkeepReport], object] = lambda _report: None) -> UpkeepReport:
    """Write every entry's document anew into every engine; questions are answered from the former ones meanwhile.

    PostgreSQL's rows are replaced one by one and only where they differ, so that they can be searched all the time and an interrupted
    run loses nothing; other engines may fill an index beside the one that serves.

    :param after: go on behind this entry; then every engine is written in place.
    """
    report = UpkeepReport(last=after)
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(engine.rebuilding()) if after == FIRST else engine.index for engine in engines()[1:]]
        for ids in _published(after):
            documents = write_first(ids)
            for write in writers:
                write(documents)
            report.seen, report.written, report.last = report.seen + len(ids), report.written + len(documents), ids[-1]
            on_batch(report)
    for engine in engines():
        index_resources(resource_ids=list(_left_behind(engine)))
    # Every answer that is remembered.
    bump(cache_keys.SEARCH_WORDS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE resource_search")
    refresh_statistics()
    return report


def is_index_stale() -> bool:
    """Whether some of a sample of entries are not indexed as they would be now (after an update, or when nothing is).

    Of engines beside PostgreSQL also when they missed edits of the sample; one that is away is left to the nightly check.
    """
    ids = list(Resource.objects.published().order_by("-pk").values_list("pk", flat=True)[:SAMPLE])
    documents = {built.document.id: built.document for built in build_documents(ids)}
    packed = packed_documents(ids)
    held = dict(ResourceSearch.objects.filter(pk__in=ids).values_list("pk", "terms"))
    if any(held.get(pk) != terms.terms_of(one) or packed[pk].packed != one.packed for pk, one in documents.items()):
        return True
    versions = {pk: one.version for pk, one in documents.items()}
    return any(_is_behind(engine, versions) for engine in engines()[1:])


def _is_behind(engine: SearchBackend, versions: Mapping[uuid.UUID, int]) -> bool:
    try:
        return not engine.is_current() or engine.versions(list(versions)) != versions
    except EngineUnavailable as error:
        logger.warning("search_engine_away", engine=engine.name, error=str(error))
        return False


@dataclass
class DriftReport:
    """How an engine differed from the catalogue: entries it lacked, older versions, and entries that are not public."""

    engine: str
    missing: list[uuid.UUID] = field(default_factory=list)
    old: list[uuid.UUID] = field(default_factory=list)
    left: list[uuid.UUID] = field(default_factory=list)

    @property
    def all(self) -> Sequence[uuid.UUID]:
        """Every entry to be written again."""
        return [*self.missing, *self.old, *self.left]


def repair_drift() -> list[DriftReport]:
    """Compare ids and versions of every engine with the catalogue, and write again what differs. What was wrong is logged.

    An event on its way looks like a difference; writing it now does no harm.
    """
    reports = []
    for engine in engines():
        report = DriftReport(engine.name)
        for ids in _published(FIRST):
            wanted = dict(Resource.objects.published().filter(pk__in=ids).values_list("pk", "version"))
            held = engine.versions(list(wanted))
            report.missing += [pk for pk in wanted if pk not in held]
            report.old += [pk for pk, version in wanted.items() if held.get(pk, version) < version]
        report.left += _left_behind(engine)
        index_resources(resource_ids=report.all)
        counts = {"missing": len(report.missing), "old": len(report.old), "left": len(report.left)}
        log = logger.warning if report.all else logger.info
        log("search_drift", engine=engine.name, **counts)
        reports.append(report)
    return reports


def _published(after: uuid.UUID) -> Iterator[list[uuid.UUID]]:
    """Public entries in the order of ids, a batch at a time."""
    while True:
        ids = list(Resource.objects.published().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield ids
        after = ids[-1]


def _left_behind(engine: SearchBackend) -> Iterator[uuid.UUID]:
    """What an engine holds although it is not public."""
    last: uuid.UUID | None = None
    while held := engine.ids_after(last, limit=BATCH):
        public = set(Resource.objects.published().filter(pk__in=held).values_list("pk", flat=True))
        yield from (pk for pk in held if pk not in public)
        last = held[-1]
