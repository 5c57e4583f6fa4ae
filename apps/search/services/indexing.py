"""Keeps the engines at what the catalogue says now, set-based."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from apps.catalog.models import Resource
from apps.core import cache_keys
from apps.core.caching import bump
from apps.search.backends import engines
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch
from apps.search.services.catalogue import build_documents
from apps.search.services.locks import INDEX, take_lock
from apps.search.services.vocabulary import learn_words

BATCH = 1_000
# Of an entry that is no more: newer than any version.
_ENDED = 2**31 - 1


@dataclass
class _Now:
    """What the catalogue says of some entries: documents of those that are public, versions of the others.

    `stamps` are moved so that remembered answers are forgotten: of the towns where these entries lie, and where they lay.
    """

    documents: Sequence[SearchDocument]
    hidden: dict[uuid.UUID, int]
    stamps: set[str]


def index_resources(*, resource_ids: Sequence[uuid.UUID]) -> int:
    """Bring every engine up to date about these entries; harmless when repeated or late. Returns documents written.

    PostgreSQL's rows are committed before another engine is asked.

    :raises EngineUnavailable: another engine is away; all of it is to be repeated.
    """
    written = 0
    for start in range(0, len(resource_ids), BATCH):
        now = _write_first(resource_ids[start : start + BATCH])
        written += len(now.documents)
        for other in engines()[1:]:
            other.index(now.documents)
            other.delete(now.hidden)
            bump(*now.stamps)
    return written


def write_first(ids: Sequence[uuid.UUID]) -> Sequence[SearchDocument]:
    """Bring PostgreSQL up to date about at most `BATCH` entries; returns the documents of those that are public, for other engines."""
    return _write_first(ids).documents


@transaction.atomic
def _write_first(ids: Sequence[uuid.UUID]) -> _Now:
    take_lock(INDEX)
    built = build_documents(ids)
    learn_words(one.spelled for one in built)
    public = {one.document.id for one in built}
    hidden = {pk: _ENDED for pk in ids if pk not in public}
    hidden |= dict(Resource.objects.filter(pk__in=list(hidden)).values_list("pk", "version"))
    documents = [one.document for one in built]
    towns = set(ResourceSearch.objects.filter(pk__in=ids).values_list("city", flat=True)) | {document.city for document in documents}
    stamps = {cache_keys.SEARCH, *(cache_keys.search_city(town) for town in towns if town is not None)}
    first = engines()[0]
    first.index(documents)
    first.delete(hidden)
    bump(*stamps)
    return _Now(documents, hidden, stamps)


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
