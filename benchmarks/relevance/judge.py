"""Derives `queries.tsv` and `qrels.tsv` from `topics.tsv` and the facts of the demonstration catalogue.

No search engine takes part: a judgement is a list of entries or a rule over category, place and words. README.md explains it.

    python -m benchmarks.relevance.judge            # writes both files
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CATALOG = HERE.parent.parent / "apps" / "catalog"
SOURCE = "demo"
# How far a neighbouring quarter may be.
AROUND_KM = 3.0


@dataclass(frozen=True)
class Topic:
    """One line of `topics.tsv`."""

    id: str
    query: str
    judgement: str
    position: tuple[float, float] | None


def fold(text: str) -> str:
    """Lower case, no accents, words joined by hyphens: the judge's own, so that the engine's is not its measure."""
    letters = (c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return "-".join("".join(c if c.isalnum() else " " for c in letters).split())


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two positions, good to a percent within a country."""
    return 111.2 * math.hypot(a[0] - b[0], (a[1] - b[1]) * math.cos(math.radians(a[0])))


class Judge:
    """Knows the entries and what a rule says of them."""

    def __init__(self) -> None:
        self.entries = {
            entry["key"].removeprefix("demo:"): entry
            for path in sorted((CATALOG / "demo").glob("*.json"))
            for entry in json.loads(path.read_text(encoding="utf-8"))
        }
        self._categories = {row["slug"] for row in _reference("categories")}
        self._regions = {row["slug"]: row["region"] for row in _reference("cities")}
        # Two towns may have quarters of one name: a topic's other conditions tell them apart.
        self._quarters: dict[str, list[dict[str, Any]]] = {}
        for row in _reference("quarters"):
            self._quarters.setdefault(row["slug"], []).append(row)

    def grades(self, topic: Topic) -> dict[str, int]:
        """Grade by entry, for those above 0; where clauses overlap the highest wins.

        :raises ValueError: a rule that names nothing known, or finds nothing.
        """
        found: dict[str, int] = {}
        for clause in topic.judgement.split(" / "):
            grade, _, alternatives = clause.partition(": ")
            if grade not in {"1", "2", "3"}:
                raise ValueError(f"{topic.id}: {clause!r} does not begin with a grade")
            for alternative in alternatives.split("; "):
                keys = self._matching(alternative, topic)
                if not keys:
                    raise ValueError(f"{topic.id}: {alternative!r} finds nothing")
                for key in keys:
                    found[key] = max(found.get(key, 0), int(grade))
        return found

    def _matching(self, alternative: str, topic: Topic) -> list[str]:
        if "=" not in alternative:
            keys = alternative.split(", ")
            unknown = [key for key in keys if key not in self.entries]
            if unknown:
                raise ValueError(f"{topic.id}: there is no {unknown}")
            return keys
        conditions = [condition.partition("=")[::2] for condition in alternative.split()]
        return [key for key, entry in self.entries.items() if all(self._meets(entry, kind, value, topic) for kind, value in conditions)]

    def _meets(self, entry: dict[str, Any], kind: str, value: str, topic: Topic) -> bool:
        if kind == "category" and value not in self._categories:
            raise ValueError(f"{topic.id}: there is no category {value}")
        if kind in _FIELDS:
            return bool(entry[_FIELDS[kind]] == value)
        tests: dict[str, Callable[[], bool]] = {
            "region": lambda: self._regions.get(entry["city"]) == value,
            "quarter": lambda: bool(entry["quarter"]) and fold(entry["quarter"]) == value,
            "around": lambda: any(self._is_around(entry, quarter) for quarter in self._quarters[value]),
            "within": lambda: self._is_within(entry, float(value), topic),
            "name": lambda: _has(value, entry["name"], entry["name_en"]),
            "word": lambda: _has(value, *(entry[field] for field in _TEXTS)),
        }
        if kind not in tests:
            raise ValueError(f"{topic.id}: unknown condition {kind}")
        return tests[kind]()

    def _is_within(self, entry: dict[str, Any], kilometres: float, topic: Topic) -> bool:
        here = self._position(entry)
        return topic.position is not None and here is not None and distance_km(topic.position, here) <= kilometres

    def _is_around(self, entry: dict[str, Any], quarter: dict[str, Any]) -> bool:
        here = self._position(entry)
        return bool(
            here and quarter["lat"] is not None and entry["city"] == quarter["city"] and entry["quarter"]
            and distance_km((quarter["lat"], quarter["lng"]), here) <= AROUND_KM
        )  # fmt: skip

    def _position(self, entry: dict[str, Any]) -> tuple[float, float] | None:
        if entry["lat"] is not None:
            return entry["lat"], entry["lng"]
        for quarter in self._quarters.get(fold(entry["quarter"] or ""), []):
            if quarter["city"] == entry["city"] and quarter["lat"] is not None:
                return quarter["lat"], quarter["lng"]
        return None


_FIELDS = {"category": "category", "town": "city", "type": "resource_type"}
_TEXTS = ("name", "name_en", "description_fr", "description_en", "landmark_fr", "landmark_en")


def _has(wanted: str, *texts: str | None) -> bool:
    """Whether a text holds these words one after the other; the last may go on: « gorille » is in « gorilles »."""
    return any(f"-{wanted}" in f"-{fold(text)}" for text in texts if text)


def _reference(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((CATALOG / "reference" / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def read_topics(path: Path = HERE / "topics.tsv") -> Iterator[Topic]:
    """The topics in their order; lines that begin with `#` are titles."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, query, judgement, *position = line.split("\t")
            yield Topic(name, query, judgement, (float(position[0]), float(position[1])) if position else None)


def derive(topics: Sequence[Topic]) -> tuple[str, str]:
    """The text of `queries.tsv` and of `qrels.tsv`."""
    judge = Judge()
    queries, qrels = [], []
    for topic in topics:
        queries.append("\t".join([topic.id, topic.query, *(str(degrees) for degrees in topic.position or ())]))
        for key, grade in sorted(judge.grades(topic).items(), key=lambda item: (-item[1], item[0])):
            qrels.append(f"{topic.id}\t0\t{SOURCE}:{judge.entries[key]['key']}\t{grade}")
    return "\n".join(queries) + "\n", "\n".join(qrels) + "\n"


def main() -> None:
    """Write both files."""
    queries, qrels = derive(list(read_topics()))
    (HERE / "queries.tsv").write_text(queries, encoding="utf-8")
    (HERE / "qrels.tsv").write_text(qrels, encoding="utf-8")


if __name__ == "__main__":
    main()
