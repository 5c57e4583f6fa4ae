"""Rankings to be measured: of the catalogue's entries, or of documents that are indexed aside for as long as they are asked."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import secrets
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from apps.catalog.models import Resource
from apps.core.process_cache import clear_process_caches
from apps.search.backends import engines
from apps.search.backends.base import EngineUnavailable, SearchBackend
from apps.search.documents import SearchDocument, Texts
from apps.search.evaluation import Document, MalformedFile, Query
from apps.search.models import (
    ResourceSearch,
    ResourceSearchDocument,
    SearchBest,
    SearchBestList,
    SearchSampleBits,
    SearchSampleColumn,
    SearchTerm,
    SearchWord,
)
from apps.search.questions import SearchQuestion
from apps.search.selectors import finding
from apps.search.selectors.live import live_sources
from apps.search.selectors.sources import Sources
from apps.search.services.statistics import count_aside
from apps.search.services.vocabulary import learn_words

if TYPE_CHECKING:
    from apps.search.backends.elasticsearch import ElasticsearchBackend

ENGINES = ("postgres", "elasticsearch")
# A run goes deeper than what is measured, for those who measure otherwise.
DEPTH = 100
BATCH = 1_000
# Who measures can wait: the time limit of visitors is not what is measured.
PATIENCE_S = 10.0
_INDEX = (
    ResourceSearch, ResourceSearchDocument, SearchBest, SearchBestList, SearchSampleColumn, SearchSampleBits, SearchTerm, SearchWord,
)  # fmt: skip
_TABLES = [model._meta.db_table for model in _INDEX]  # noqa: SLF001  Django's public name


@dataclass(frozen=True, slots=True)
class Ranking:
    """Answers the queries of a set.

    :ivar rank: names of documents, best first. :ivar known: those of these names that exist.
    """

    engine: str
    rank: Callable[[Query], Sequence[str]]
    known: Callable[[Collection[str]], set[str]]


@contextlib.contextmanager
def ranking(name: str | None, documents: Iterable[tuple[int, Document]] | None, *, file: str, at: dt.datetime) -> Iterator[Ranking]:
    """A ranking by the engine of this name, the configured one for None.

    :param documents: numbered lines; None ranks the catalogue, whose entries are known as `source:source_id`.
    :raises EngineUnavailable: it is not configured, or does not answer. :raises MalformedFile: a document is there twice.
    """
    if documents is None:
        yield _of_catalogue(_engine(name), at)
        return
    with _tables_aside(), _engine_aside(name) as aside:
        for batch in _batches(documents):
            _store(batch, aside, file=file, at=at)
        count_aside()
        yield _of_documents(aside, at)


def _engine(name: str | None) -> SearchBackend:
    """The engine itself, without PostgreSQL behind it: another one's answers are not to be measured."""
    found = engines()[-1] if name is None else next((one for one in engines() if one.name == name), None)
    if found is None:
        raise EngineUnavailable(f"{name} is not configured: set ELASTICSEARCH_URL")
    return found if found.name == "postgres" else _elasticsearch(settings.ELASTICSEARCH_INDEX_PREFIX)


def _elasticsearch(prefix: str) -> ElasticsearchBackend:
    # Only where it is configured: the client is large.
    from apps.search.backends.elasticsearch import ElasticsearchBackend  # noqa: PLC0415

    return ElasticsearchBackend(settings.ELASTICSEARCH, prefix=prefix, refresh=True, timeout_s=PATIENCE_S)


def _sources(chosen: SearchBackend) -> Sources:
    return replace(live_sources(), engine=chosen)


def _question(query: Query) -> SearchQuestion:
    return SearchQuestion(text=query.text, point=query.point, limit=DEPTH)


def _of_catalogue(chosen: SearchBackend, at: dt.datetime) -> Ranking:
    """What visitors are answered."""

    def rank(query: Query) -> list[str]:
        answer = finding.search(_question(query), at=at, sources=_sources(chosen))
        ids = [hit.card.id for hit in answer.hits]
        names = {pk: f"{source}:{key}" for pk, source, key in Resource.objects.filter(pk__in=ids).values_list("pk", "source", "source_id")}
        return [names[pk] for pk in ids if pk in names]

    def known(names: Collection[str]) -> set[str]:
        keys = {name.split(":", 1)[-1] for name in names}
        rows = Resource.objects.filter(source_id__in=keys).values_list("source", "source_id")
        return {f"{source}:{key}" for source, key in rows} & set(names)

    return Ranking(chosen.name, rank, known)


def _of_documents(aside: SearchBackend, at: dt.datetime) -> Ranking:
    def rank(query: Query) -> list[str]:
        ids = finding.ranked_ids(_question(query), at=at, sources=_sources(aside))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, name FROM scored_document WHERE id = ANY(%s)", [ids])
            names = dict(cursor.fetchall())
        return [names[pk] for pk in ids]

    def known(names: Collection[str]) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM scored_document WHERE name = ANY(%s)", [list(names)])
            return {name for (name,) in cursor.fetchall()}

    return Ranking(aside.name, rank, known)


@contextlib.contextmanager
def _tables_aside() -> Iterator[None]:
    """Empty search tables that hide the real ones. They are never committed: however the process ends, nothing of them stays."""
    schema = f"scoring_{secrets.token_hex(6)}"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {schema}")
            for table in _TABLES:
                cursor.execute(f"CREATE TABLE {schema}.{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"CREATE TABLE {schema}.scored_document (id uuid PRIMARY KEY, name text UNIQUE)")
            cursor.execute(f"SELECT set_config('search_path', '{schema}, ' || current_setting('search_path'), true)")
        clear_process_caches()
        try:
            yield
        finally:
            transaction.set_rollback(True)
            clear_process_caches()


@contextlib.contextmanager
def _engine_aside(name: str | None) -> Iterator[SearchBackend]:
    """An engine that holds nothing yet; what it makes outside of PostgreSQL is removed after."""
    chosen = _engine(name)
    if chosen.name == "postgres":
        yield chosen
        return
    aside = _elasticsearch(f"{settings.ELASTICSEARCH_INDEX_PREFIX}-scoring-{secrets.token_hex(6)}")
    try:
        with aside.rebuilding():
            pass
        yield aside
    finally:
        aside.indices.remove()


def _batches(documents: Iterable[tuple[int, Document]]) -> Iterator[list[tuple[int, Document]]]:
    remaining = iter(documents)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch


def _store(batch: Sequence[tuple[int, Document]], aside: SearchBackend, *, file: str, at: dt.datetime) -> None:
    """Index some documents and keep their names."""
    ids = {document.id: uuid.UUID(int=line) for line, document in reversed(batch)}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scored_document (id, name) SELECT * FROM unnest(%s::uuid[], %s::text[]) ON CONFLICT DO NOTHING RETURNING id",
            [list(ids.values()), list(ids)],
        )
        new = {pk.int for (pk,) in cursor.fetchall()}
    for line, document in batch:
        if line not in new:
            raise MalformedFile(file, line, f"the document {document.id!r} is there twice")
    texts = [Texts(names=[document.title], texts=[document.text]) for _line, document in batch]
    learn_words(one.spelled() for one in texts)
    made = [_search_document(line, one, at) for (line, _document), one in zip(batch, texts, strict=True)]
    # PostgreSQL's rows are what the ranking reads, whichever engine finds.
    for one in {engines()[0].name: engines()[0], aside.name: aside}.values():
        one.index(made)


def _search_document(line: int, texts: Texts, at: dt.datetime) -> SearchDocument:
    return SearchDocument(
        id=uuid.UUID(int=line), version=1, names=texts.folded_names(), name_terms=texts.name_terms(), terms=texts.all_terms(),
        resource_type="business", category=0, published_at=at, packed=texts.packed(),
    )  # fmt: skip
