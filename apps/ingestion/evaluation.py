"""Labelled pairs of records, and how well verdicts agree with them. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from apps.catalog.gazetteer import fold
from apps.ingestion.choices import Verdict

HEADER = ("a", "b", "label")


class MalformedPairs(Exception):
    """The file is no list of labelled pairs."""


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair: known by `source:source_id`, or given itself, and then named by its place in the file."""

    ref: str
    record: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two records and whether they are one place, with the line of the file."""

    line: int
    a: Side
    b: Side
    is_same: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided about a pair, and whether its names are spelled alike."""

    is_same: bool
    verdict: Verdict
    has_same_names: bool


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of a set of judged pairs. A review is no decision: precision leaves it out, recall counts it as missed."""

    pairs: int
    same: int
    decided_same: int
    right: int
    reviews: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of what was decided same that is; None when nothing was."""
        return self.right / self.decided_same if self.decided_same else None

    @property
    def recall(self) -> float | None:
        """Share of all pairs labelled same that was decided same; None when none is."""
        return self.right / self.same if self.same else None

    @property
    def review_share(self) -> float | None:
        """Share of all pairs that a person is asked about; None without pairs."""
        return self.reviews / self.pairs if self.pairs else None

    def as_json(self) -> dict[str, object]:
        """Rates rounded to four digits, with the counts they are made of."""
        rates = {"precision": self.precision, "recall": self.recall, "review_share": self.review_share}
        counts = {name: getattr(self, name) for name in ("pairs", "same", "decided_same", "right", "reviews", "missed")}
        return {**{name: None if rate is None else round(rate, 4) for name, rate in rates.items()}, **counts}


def measure(judged: Iterable[Judged]) -> Measures:
    """Count."""
    rows = list(judged)
    decided = [row for row in rows if row.verdict == Verdict.SAME]
    return Measures(
        pairs=len(rows),
        same=sum(row.is_same for row in rows),
        decided_same=len(decided),
        right=sum(row.is_same for row in decided),
        reviews=sum(row.verdict == Verdict.ASK for row in rows),
        missed=sum(row.is_same and row.verdict == Verdict.DIFFERENT for row in rows),
    )


def have_same_names(a: object, b: object) -> bool:
    """Whether two names are the same but for case, accents and marks."""
    return fold(str(a or "")) == fold(str(b or ""))


def read_pairs(lines: Iterable[str]) -> Iterator[LabelledPair]:
    """Pairs of a CSV file with the header `a,b,label` (further columns are passed over).

    :raises MalformedPairs: another header, a line with less, another label than `same` or `different`, or JSON that cannot be read.
    """
    reader = csv.DictReader(lines)
    names = [(name or "").strip().lstrip("\ufeff").lower() for name in reader.fieldnames or ()]
    if not names:
        raise MalformedPairs(f"the file is empty; its header must be {','.join(HEADER)}")
    if not set(HEADER) <= set(names):
        raise MalformedPairs(f"header must be {','.join(HEADER)}, not {','.join(names)}")
    reader.fieldnames = names
    for row in reader:
        values = [(row.get(name) or "").strip() for name in HEADER]
        if not all(values):
            raise MalformedPairs(f"line {reader.line_num}: a, b and label are needed")
        label = values[2].lower()
        if label not in {"same", "different"}:
            raise MalformedPairs(f"line {reader.line_num}: label is same or different, not {values[2][:40]}")
        sides = [_side(value, reader.line_num, name) for name, value in zip(HEADER, values[:2], strict=False)]
        yield LabelledPair(reader.line_num, sides[0], sides[1], label == "same")


def _side(value: str, line: int, name: str) -> Side:
    if not value.startswith("{"):
        return Side(value)
    try:
        record = json.loads(value)
    except ValueError as error:
        raise MalformedPairs(f"line {line}: a record that is not JSON: {value[:60]}") from error
    # Such a record needs no id of its own, and two may have the same.
    return Side(f"line {line}, {name}", record)


def reference_of(record: Mapping[str, object]) -> str:
    """`source:source_id` of a record."""
    if record.get("source") and record.get("source_id"):
        return f"{record['source']}:{record['source_id']}"
    return str(record.get("id") or "")
