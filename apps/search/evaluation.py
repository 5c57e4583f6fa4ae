"""How good ranked answers are, by TREC's measures, and the files that say so. Nothing here knows an engine or the database.

Gain is linear, as in trec_eval, so that anybody can check our figures with it: nDCG = Σ grade ÷ log2(rank + 1), over the same
sum of the best possible order. (2^grade - 1 would make one answer of grade 3 worth seven of grade 1: here a related entry
is worth a third of the wanted one.) Grades below 1 count as not relevant. A query that no document answers has no score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import msgspec

CUT = 10
LINE_MAX_BYTES = 1_000_000
# What is held in memory has a bound; documents are not held.
QUERIES_MAX, JUDGEMENTS_MAX = 100_000, 5_000_000

Grades = Mapping[str, int]


class MalformedFile(ValueError):
    """A line that cannot be read; the message names file, line and what was expected."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class Query:
    """One line of the queries: `point` is the person's (latitude, longitude)."""

    id: str
    text: str
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One line of the documents."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one query, or the means of several."""

    ndcg: float
    reciprocal_rank: float
    recall: float


def ndcg(ranked: Sequence[str], grades: Grades) -> float:
    """Discounted cumulative gain of the first ten over that of the best possible ten."""
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(document, 0) for document in ranked]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades) -> float:
    """1 ÷ the rank of the first relevant document; 0 when it is not among the first ten."""
    return next((1 / rank for rank, document in enumerate(ranked[:CUT], 1) if grades.get(document, 0) > 0), 0.0)


def recall(ranked: Sequence[str], grades: Grades) -> float:
    """The part of the relevant documents that is among the first ten: with fifty of them it is at most a fifth."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:CUT])) / len(relevant) if relevant else 0.0


def score(ranked: Sequence[str], grades: Grades) -> Scores:
    """All measures of one query."""
    return Scores(ndcg(ranked, grades), reciprocal_rank(ranked, grades), recall(ranked, grades))


def mean(scores: Sequence[Scores]) -> Scores:
    """The mean of each measure; at least one query."""
    count = len(scores)
    return Scores(
        sum(s.ndcg for s in scores) / count, sum(s.reciprocal_rank for s in scores) / count, sum(s.recall for s in scores) / count
    )


def _gain(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades[:CUT], 1))


def run_lines(query: str, ranked: Iterable[str], *, tag: str) -> Iterator[str]:
    """A ranking as lines of a TREC run; scores fall by one, so that every reader keeps the order."""
    documents = list(ranked)
    for rank, document in enumerate(documents, 1):
        yield f"{query}\tQ0\t{document}\t{rank}\t{len(documents) - rank + 1}\t{tag}\n"


def read_queries(stream: IO[bytes], file: str) -> list[Query]:
    """`query_id<TAB>query[<TAB>lat<TAB>lon]`, each id once.

    :raises MalformedFile: a line is not so.
    """
    found: dict[str, Query] = {}
    for number, line in _lines(stream, file):
        fields = line.split("\t")
        if len(fields) not in {2, 4} or not fields[0].strip():
            raise MalformedFile(
                file, number, f"expected query_id, query and perhaps latitude and longitude, with tabs; found {len(fields)} fields"
            )
        query = Query(fields[0].strip(), fields[1].strip(), _point(fields[2:], file, number))
        if query.id in found:
            raise MalformedFile(file, number, f"the query {query.id!r} is there twice")
        if len(found) == QUERIES_MAX:
            raise MalformedFile(file, number, f"more than {QUERIES_MAX:,} queries")
        found[query.id] = query
    return list(found.values())


def read_qrels(stream: IO[bytes], file: str) -> dict[str, dict[str, int]]:
    """TREC's `query_id 0 document grade`, with tabs or spaces: grades by document, by query.

    :raises MalformedFile: a line is not so.
    """
    found: dict[str, dict[str, int]] = {}
    for count, (number, line) in enumerate(_lines(stream, file), 1):
        fields = line.split("\t") if "\t" in line else line.split()
        if len(fields) != 4:
            raise MalformedFile(file, number, f"expected query_id, 0, document and grade; found {len(fields)} fields")
        query, _iteration, document, grade = (field.strip() for field in fields)
        try:
            value = int(grade)
        except ValueError as error:
            raise MalformedFile(file, number, f"the grade {grade[:20]!r} is not a whole number") from error
        grades = found.setdefault(query, {})
        if grades.setdefault(document, value) != value:
            raise MalformedFile(file, number, f"the document {document!r} has two grades for the query {query!r}")
        if count > JUDGEMENTS_MAX:
            raise MalformedFile(file, number, f"more than {JUDGEMENTS_MAX:,} judgements")
    return found


def read_documents(stream: IO[bytes], file: str) -> Iterator[tuple[int, Document]]:
    """NDJSON objects with `id`, `title` or `name`, `text` or `description`, one after the other, with their line numbers.

    Either text may be missing, not both.

    :raises MalformedFile: a line is not so.
    """
    decode = msgspec.json.Decoder().decode
    for number, line in _lines(stream, file):
        try:
            row = decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedFile(file, number, f"not JSON ({error})") from error
        if not isinstance(row, dict):
            raise MalformedFile(file, number, "expected an object")
        identifier = row.get("id")
        if isinstance(identifier, bool) or not isinstance(identifier, str | int) or str(identifier).strip() == "":
            raise MalformedFile(file, number, "`id` is missing, or neither text nor a whole number")
        if not _TEXTS & row.keys():
            raise MalformedFile(file, number, "no `title`, `name`, `text` or `description`")
        title, text = (_text(row, names, file, number) for names in (("title", "name"), ("text", "description")))
        yield number, Document(str(identifier), title, text)


_TEXTS = {"title", "name", "text", "description"}


def _text(row: dict[str, Any], names: tuple[str, str], file: str, number: int) -> str:
    value = row.get(names[0]) or row.get(names[1]) or ""
    if not isinstance(value, str):
        raise MalformedFile(file, number, f"`{names[0]}` or `{names[1]}` is not text")
    return value


def _point(fields: Sequence[str], file: str, number: int) -> tuple[float, float] | None:
    if not any(field.strip() for field in fields):
        return None
    try:
        latitude, longitude = (float(field) for field in fields)
    except ValueError as error:
        raise MalformedFile(file, number, f"latitude and longitude are not numbers: {' '.join(fields)[:40]!r}") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise MalformedFile(file, number, "latitude is within ±90 and longitude within ±180")
    return latitude, longitude


def _lines(stream: IO[bytes], file: str) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank."""
    number = 0
    while raw := stream.readline(LINE_MAX_BYTES + 1):
        number += 1
        if len(raw) > LINE_MAX_BYTES:
            raise MalformedFile(file, number, f"longer than {LINE_MAX_BYTES:,} bytes")
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise MalformedFile(file, number, "not UTF-8") from error
        if "\x00" in line:
            raise MalformedFile(file, number, "holds a NUL character")
        if line.strip():
            yield number, line
