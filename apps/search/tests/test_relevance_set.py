"""The set that search is measured with: whole, and what its rules and the catalogue say today."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.relevance import generated
from benchmarks.relevance.judge import HERE, Judge, Topic, derive, read_topics


def test_it_works() -> None:
    queries, qrels = derive(list(read_topics()))
    assert (HERE / "queries.tsv").read_text(encoding="utf-8") == queries, "run python -m benchmarks.relevance.judge"
    assert (HERE / "qrels.tsv").read_text(encoding="utf-8") == qrels, "run python -m benchmarks.relevance.judge"


def test_the_set_is_broad_and_names_each_query_once() -> None:
    topics = list(read_topics())
    assert len({topic.id for topic in topics}) == len(topics) >= 180
    groups = Counter(topic.id.split("-")[0] for topic in topics)
    assert len(groups) >= 25
    assert min(groups.values()) >= 8


@pytest.mark.parametrize(
    ("judgement", "why"),
    [
        ("3: no-such-entry", "there is no"), ("4: le-jour", "grade"), ("3: category=hotel", "no category"),
        ("3: colour=red", "unknown condition"), ("3: category=hotels town=limbo", "finds nothing"),
    ],
)  # fmt: skip
def test_a_judgement_that_says_nothing_is_refused(judgement: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Judge().grades(Topic("x-1", "x", judgement, None))


def test_where_clauses_overlap_the_higher_grade_stays() -> None:
    grades = Judge().grades(Topic("x-1", "x", "3: category=hotels town=kribi / 1: category=hotels", None))
    assert grades["framotel"] == 3
    assert grades["fini-hotel"] == 1


def test_the_set_over_made_up_places_is_the_same_each_time() -> None:
    first, again = list(generated.judged()), list(generated.judged())
    assert first == again
    assert len({topic for topic, _query, _grades in first}) == len(first) >= 100
    assert all(3 in grades.values() for _topic, _query, grades in first)
