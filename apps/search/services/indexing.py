"""Keeps the engines at what the catalogue says now, set-based."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from apps.catalog.models import Resource
from apps.core import cache_keys
from apps.core.caching import bump
from apps.search.backends import engines
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch
from apps.search.services.catalogue import build_documents
from apps.search.services.vocabulary import learn_words

BATCH = 1_000
FIRST = uuid.UUID(int=0)
# Of an entry that is no more: newer than any version.
_ENDED = 2**31 - 1
# One writer at a time, who reads after the others have written: what was read before a category got its new name never
# follows what was read after.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('search.index'))"


@dataclass
class _Written:
    documents: Sequence[SearchDocument] = ()
    hidden: dict[uuid.UUID, int] = field(default_factory=dict)


def index_resources(*, resource_ids: Sequence[uuid.UUID]) -> int:
    """Bring every engine up to date about these entries; harmless when repeated or late. Returns documents written.

    PostgreSQL's rows are committed before another engine is asked.

    :raises EngineUnavailable: another engine is away; all of it is to be repeated.
    """
    first, *others = engines()
    written = 0
    for start in range(0, len(resource_ids), BATCH):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
            batch = resource_ids[start : start + BATCH]
            now = _read(batch)
            stamps = _stamps(batch, now)
            written += first.index(now.documents)
            first.delete(now.hidden)
            bump(*stamps)
        for other in others:
            other.index(now.documents)
            other.delete(now.hidden)
        if others:
            bump(*stamps)
    return written


def _stamps(ids: Sequence[uuid.UUID], now: _Written) -> set[str]:
    """What must be forgotten of answers: of the towns where these entries lie, and where they lay."""
    before = ResourceSearch.objects.filter(pk__in=list(ids), city__isnull=False).values_list("city", flat=True)
    cities = {*before, *(document.city for document in now.documents)}
    return {cache_keys.SEARCH, *(cache_keys.search_city(city) for city in cities if city is not None)}


def _read(ids: Sequence[uuid.UUID]) -> _Written:
    """What the catalogue says of entries: documents of those that are public, versions of the others."""
    built = build_documents(ids)
    learn_words(one.spelled for one in built)
    public = {one.document.id for one in built}
    hidden = {pk: _ENDED for pk in ids if pk not in public}
    hidden |= dict(Resource.objects.filter(pk__in=list(hidden)).values_list("pk", "version"))
    return _Written([one.document for one in built], hidden)


def index_category(*, category_id: uuid.UUID) -> int:
    """Bring every engine up to date about a category's entries, and those of the categories below it. Returns documents written."""
    below = (
        "WITH RECURSIVE below AS (SELECT id FROM categories WHERE id = %s"
        " UNION ALL SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id)"
        " SELECT r.id FROM api_resources r JOIN below b ON b.id = r.category_id ORDER BY r.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(below, [category_id])
        ids = [row[0] for row in cursor.fetchall()]
    return index_resources(resource_ids=ids)


def rebuild(*, progress: Callable[[int], object] = lambda _count: None) -> int:
    """Bring every engine up to date about every entry, in batches that each commit. Returns documents written.

    :param progress: told the number of entries of each batch.
    """
    written = 0
    last = FIRST
    while True:
        ids = list(Resource.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return written
        written += index_resources(resource_ids=ids)
        progress(len(ids))
        last = ids[-1]


def is_empty() -> bool:
    """Whether nothing is indexed."""
    return not engines()[0].ids_after(None, limit=1)
