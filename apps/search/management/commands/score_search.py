"""`manage.py score_search`."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.core.clock import now
from apps.core.packed_files import open_counted
from apps.search.backends.base import EngineUnavailable
from apps.search.evaluation import MalformedFile, Query, Scores, mean, read_documents, read_qrels, read_queries, run_lines, score
from apps.search.services import scoring

T = TypeVar("T")


class Command(BaseCommand):
    """Parses, reads the files, asks for rankings, prints the means."""

    help = (
        "Measure the search against judged queries: nDCG@10, MRR@10 and recall@10. Answers come from the published catalogue and are "
        "known as source:source_id, or from the documents of a file, which are indexed aside and removed after. Files may be gzipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--queries", type=Path, required=True, help="query_id<TAB>query[<TAB>lat<TAB>lon]")
        parser.add_argument("--qrels", type=Path, required=True, help="TREC: query_id 0 document grade")
        parser.add_argument("--docs", type=Path, help="NDJSON: id, title or name, text or description; without it, the catalogue")
        parser.add_argument("--backend", choices=scoring.ENGINES, help="the configured one by default")
        parser.add_argument("--run", type=Path, help="write the rankings as a TREC run")
        parser.add_argument("--json", action="store_true", help="one JSON object, with the scores of every query")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: a file cannot be read or written, nothing can be scored, or the engine does not answer.
        """
        queries = _read(options["queries"], read_queries)
        qrels = _read(options["qrels"], read_qrels)
        judged = self._judged(queries, qrels)
        try:
            with (
                ended_like_ctrl_c(),
                _unlogged(),
                _written(options["run"]) as run,
                _documents(options["docs"]) as documents,
                scoring.ranking(options["backend"], documents, file=str(options["docs"]), at=now()) as ranking,
            ):
                self._note_unknown(ranking, judged, qrels)
                scores = {}
                for query in tqdm(judged, unit="query", disable=None, leave=False):
                    ranked = ranking.rank(query)
                    scores[query.id] = score(ranked, qrels[query.id])
                    if run is not None:
                        run.writelines(run_lines(query.id, ranked, tag=ranking.engine))
                self._print(ranking.engine, scores, as_json=options["json"])
        except MalformedFile as error:
            raise CommandError(str(error)) from error
        except EngineUnavailable as error:
            raise CommandError(f"The engine does not answer: {error}") from error

    def _judged(self, queries: Sequence[Query], qrels: Mapping[str, Mapping[str, int]]) -> list[Query]:
        judged = [query for query in queries if any(grade > 0 for grade in qrels.get(query.id, {}).values())]
        known = {query.id for query in queries}
        unasked = sum(identifier not in known for identifier in qrels)
        if len(judged) < len(queries):
            self.stderr.write(f"{len(queries) - len(judged)} queries have no relevant document in the judgements and are left out.")
        if unasked:
            self.stderr.write(f"{unasked} judged queries are not among the queries and are left out.")
        if not judged:
            raise CommandError("No query has a relevant document: do the ids of both files agree?")
        return judged

    def _note_unknown(self, ranking: scoring.Ranking, judged: Sequence[Query], qrels: Mapping[str, Mapping[str, int]]) -> None:
        wanted = {document for query in judged for document, grade in qrels[query.id].items() if grade > 0}
        unknown = wanted - ranking.known(wanted)
        if unknown:
            self.stderr.write(f"{len(unknown)} of {len(wanted)} relevant documents do not exist here, such as {min(unknown)!r}.")

    def _print(self, engine: str, scores: Mapping[str, Scores], *, as_json: bool) -> None:
        means = _named(mean(list(scores.values())))
        if as_json:
            per_query = {identifier: _named(found) for identifier, found in scores.items()}
            self.stdout.write(json.dumps({**means, "queries": len(scores), "backend": engine, "per_query": per_query}, ensure_ascii=False))
            return
        for name, value in means.items():
            self.stdout.write(f"{name:<10}{value:.4f}")
        self.stdout.write(f"{'queries':<10}{len(scores)}")
        self.stdout.write(f"{'backend':<10}{engine}")


def _named(scores: Scores) -> dict[str, float]:
    values = {"nDCG@10": scores.ndcg, "MRR@10": scores.reciprocal_rank, "recall@10": scores.recall}
    return {name: round(value, 6) for name, value in values.items()}


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Logs go to the same output, where a program reads figures; what goes wrong is raised."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        stream, raw = open_counted(path)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}. Give the path of a file that can be read.") from error
    try:
        with stream, raw:
            yield stream
    except (EOFError, OSError) as error:
        # A gzip file that ends early, or is none after its first bytes.
        raise CommandError(f"{path}: damaged ({error})") from error


def _read(path: Path, read: Callable[[IO[bytes], str], T]) -> T:
    try:
        with _opened(path) as stream:
            return read(stream, path.name)
    except MalformedFile as error:
        raise CommandError(str(error)) from error


@contextlib.contextmanager
def _documents(path: Path | None) -> Iterator[Iterator[tuple[int, Any]] | None]:
    if path is None:
        yield None
        return
    with _opened(path) as stream:
        yield read_documents(stream, path.name)


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        stream = path.open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}. Give the path of a file that can be written.") from error
    with stream:
        yield stream


@contextlib.contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """A termination unwinds as Ctrl-C does, so that what was made aside is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
