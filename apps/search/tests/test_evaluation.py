"""Measures worked out by hand, and files that are right and wrong."""

from __future__ import annotations

import io
import math

import pytest

from apps.search.evaluation import (
    LINE_MAX_BYTES,
    Document,
    MalformedFile,
    Query,
    Scores,
    mean,
    ndcg,
    read_documents,
    read_qrels,
    read_queries,
    recall,
    reciprocal_rank,
    run_lines,
    score,
)

GRADES = {"a": 3, "b": 2, "c": 1, "d": 0, "e": -1}


def test_it_works() -> None:
    assert score(["a", "b", "c"], GRADES) == Scores(1.0, 1.0, 1.0)


def test_ndcg_by_hand() -> None:
    # Best: 3/1 + 2/log2(3) + 1/2 = 3 + 1.26186 + 0.5. Found: 1/1 + 0 + 3/2 + 2/log2(5) = 1 + 1.5 + 0.86135.
    assert ndcg(["c", "x", "a", "b"], GRADES) == pytest.approx((1 + 1.5 + 2 / math.log2(5)) / (3.5 + 2 / math.log2(3)))
    assert ndcg(["c", "x", "a", "b"], GRADES) == pytest.approx(0.70589, abs=1e-5)


def test_what_comes_after_the_tenth_counts_for_nothing() -> None:
    ranked = [f"x{number}" for number in range(10)] + ["a"]
    assert score(ranked, GRADES) == Scores(0.0, 0.0, 0.0)


def test_the_best_order_has_ten_places_too() -> None:
    grades = {f"x{number}": 3 for number in range(40)}
    assert score(list(grades), grades) == Scores(1.0, 1.0, 0.25)


@pytest.mark.parametrize(("ranked", "expected"), [(["d", "e", "c"], 1 / 3), (["a"], 1.0), ([], 0.0), (["d", "e"], 0.0)])
def test_reciprocal_rank(ranked: list[str], expected: float) -> None:
    assert reciprocal_rank(ranked, GRADES) == pytest.approx(expected)


def test_recall_counts_relevant_documents_only() -> None:
    assert recall(["a", "d", "x"], GRADES) == pytest.approx(1 / 3)
    assert recall(["a"], {"a": 0}) == 0


def test_a_document_of_negative_grade_takes_nothing_away() -> None:
    assert ndcg(["e", "a"], GRADES) == ndcg(["x", "a"], GRADES)


def test_means() -> None:
    assert mean([Scores(1, 1, 1), Scores(0, 0.5, 0)]) == Scores(0.5, 0.75, 0.5)


def test_a_run_keeps_its_order_for_every_reader() -> None:
    assert list(run_lines("q1", ["a", "b"], tag="postgres")) == ["q1\tQ0\ta\t1\t2\tpostgres\n", "q1\tQ0\tb\t2\t1\tpostgres\n"]


def test_queries_with_and_without_a_position() -> None:
    stream = io.BytesIO("\ufeffq1\tpharmacie de garde\r\n\nq2\thôtel\t4.05\t9.7\nq3\tà côté\t\t\n".encode())
    assert read_queries(stream, "q") == [Query("q1", "pharmacie de garde"), Query("q2", "hôtel", (4.05, 9.7)), Query("q3", "à côté")]


def test_qrels_with_tabs_or_spaces() -> None:
    stream = io.BytesIO(b"q1\t0\tosm 1:n1\t3\nq1 0 osm:n2 -1\nq2  Q0  osm:n2  1\n")
    assert read_qrels(stream, "r") == {"q1": {"osm 1:n1": 3, "osm:n2": -1}, "q2": {"osm:n2": 1}}


def test_documents_under_either_name() -> None:
    stream = io.BytesIO(b'{"id": "a", "title": "T", "text": "X"}\n{"id": 7, "name": "N", "description": null, "city": "Douala"}\n')
    assert list(read_documents(stream, "d")) == [(1, Document("a", "T", "X")), (2, Document("7", "N", ""))]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"q1\thotel\nq2 hotel\n", 2, "found 1 fields"), (b"q1\thotel\t4\n", 1, "found 3 fields"),
        (b"\thotel\n", 1, "expected query_id"),
        (b"q1\thotel\tnorth\t9\n", 1, "not numbers"), (b"q1\thotel\t91\t9\n", 1, "±90"), (b"q1\thotel\tnan\t9\n", 1, "±90"),
        (b"q1\ta\nq1\tb\n", 2, "twice"), (b"q1\t\xff\n", 1, "UTF-8"), (b"q1\ta\x00\n", 1, "NUL"),
        (b"q" * (LINE_MAX_BYTES + 1), 1, "longer"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_named_by_its_line(text: bytes, line: int, reason: str) -> None:
    with pytest.raises(MalformedFile, match=rf"q\.tsv, line {line}: .*{reason}"):
        read_queries(io.BytesIO(text), "q.tsv")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"q1 0 a 1\nq1 a 1\n", 2, "found 3 fields"), (b"q1 0 a good\n", 1, "'good' is not a whole number"),
        (b"q1 0 a 1\nq1 0 a 2\n", 2, "two grades"),
    ],
)  # fmt: skip
def test_a_wrong_judgement_is_named_by_its_line(text: bytes, line: int, reason: str) -> None:
    with pytest.raises(MalformedFile, match=rf"r\.tsv, line {line}: .*{reason}"):
        read_qrels(io.BytesIO(text), "r.tsv")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"{", 1, "not JSON"), (b'[{"id": 1}]', 1, "an object"), (b"[" * 100_000, 1, "not JSON"),
        (b'{"title": "T", "text": ""}', 1, "`id`"),
        (b'{"id": true, "title": "T", "text": ""}', 1, "`id`"), (b'{"id": " ", "title": "T", "text": ""}', 1, "`id`"),
        (b'{"id": 1}', 1, "no `title`"),
        (b'\n{"id": 1, "title": ["T"], "text": ""}', 2, "is not text"),
    ],
)  # fmt: skip
def test_a_wrong_document_is_named_by_its_line(text: bytes, line: int, reason: str) -> None:
    with pytest.raises(MalformedFile, match=rf"d\.ndjson, line {line}: .*{reason}"):
        list(read_documents(io.BytesIO(text), "d.ndjson"))


def test_documents_are_not_held() -> None:
    """The first is given before the second is read."""
    stream = io.BytesIO(b'{"id": 1, "title": "T", "text": ""}\n{')
    assert next(read_documents(stream, "d"))[1].id == "1"
