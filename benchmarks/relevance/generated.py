"""A second set, over made-up places: crowded towns, many shops of one trade, names that resemble each other.

Queries and grades follow from the rows alone. `python -m benchmarks.relevance.generated FOLDER` writes both files; the places are
`benchmarks.directory.make_places(PLACES, seed=SEED)`.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.directory import SOURCE, make_places
from benchmarks.language import misspell
from benchmarks.relevance.judge import AROUND_KM, CATALOG, distance_km, fold

PLACES, SEED = 2_000, 11
NAMES, PHONES, QUARTERS = 30, 8, 20
# What people write for a trade: French, English, and as heard.
TRADES = {
    "pharmacies": ("pharmacie", "chemist", "farmacie"), "garages": ("garage", "mechanic", "mécanicien"),
    "quincailleries": ("quincaillerie", "hardware", "kincaillerie"), "salons-de-coiffure": ("coiffure", "hairdresser", "coifure"),
    "boulangeries": ("boulangerie", "bakery", "boulangrie"), "hotels": ("hôtel", "hotel", "otel"),
    "pressings": ("pressing", "laundry", "presing"), "couture": ("couturier", "tailor", "coutirier"),
    "menuisiers": ("menuisier", "carpenter", "menuissier"), "auto-ecoles": ("auto-école", "driving school", "auto ecolle"),
    "stations-service": ("station-service", "petrol station", "station sevice"), "banques": ("banque", "bank", "bamque"),
    "cybercafes": ("cybercafé", "cyber", "internet cafe"), "supermarches": ("supermarché", "supermarket", "supermaché"),
    "mosquees": ("mosquée", "mosque", "mosqué"),
}  # fmt: skip

Judged = Iterator[tuple[str, str, dict[str, int]]]


def judged() -> Judged:
    """(id, query, grade by document)."""
    rows = [row for _number, row in make_places(PLACES, seed=SEED)]
    chance = random.Random(SEED)  # noqa: S311  repeatable, not secret
    yield from _trades_in_towns(rows)
    yield from _trades_in_quarters(rows)
    yield from _names(rows, chance)
    yield from _phones(rows, chance)


def _trades_in_towns(rows: list[dict[str, Any]]) -> Judged:
    """A trade in the three towns that have most of it: every place of it there."""
    number = 0
    for trade, words in TRADES.items():
        towns = Counter(row["city"] for row in rows if row["category"] == trade)
        for word, (town, _count) in zip(words, towns.most_common(len(words)), strict=False):
            number += 1
            found = [row for row in rows if row["category"] == trade and row["city"] == town]
            yield f"trade-{number:03}", f"{word} {town}", {_document(row): 3 for row in found}


def _trades_in_quarters(rows: list[dict[str, Any]]) -> Judged:
    """A trade in a quarter that has it: 3 there, 1 in the named quarters around."""
    centres = _centres()
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["category"] in TRADES and (row["city"], row["quarter"]) in centres:
            groups[row["category"], row["city"], row["quarter"]].append(row)
    chosen = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:QUARTERS]
    for number, ((trade, town, quarter), found) in enumerate(chosen, 1):
        around = [
            row for row in rows
            if row["category"] == trade and row["city"] == town and row["quarter"] not in {"", quarter}
            and distance_km(centres[town, quarter], (row["lat"], row["lon"])) <= AROUND_KM
        ]  # fmt: skip
        grades = {_document(row): 1 for row in around} | {_document(row): 3 for row in found}
        yield f"corner-{number:03}", f"{TRADES[trade][number % 2]} {quarter} {town}", grades


def _names(rows: list[dict[str, Any]], chance: random.Random) -> Judged:
    """A name in lower case without accents, with the town, and with one slip: every place that is called so."""
    for number, row in enumerate(chance.sample([row for row in rows if len(fold(row["name"]).split("-")) >= 3], NAMES), 1):
        words = fold(row["name"]).split("-")
        same = [other for other in rows if fold(other["name"]) == fold(row["name"])]
        if number % 3 == 1:
            words = [*words, fold(row["city"])]
            same = [other for other in same if other["city"] == row["city"]]
        elif number % 3 == 2:
            longest = max(range(len(words)), key=lambda place: len(words[place]))
            words[longest] = misspell(words[longest], chance)
        yield f"sign-{number:03}", " ".join(words), {_document(other): 3 for other in same}


def _phones(rows: list[dict[str, Any]], chance: random.Random) -> Judged:
    """A number as people write it."""
    for number, row in enumerate(chance.sample([row for row in rows if row["phone"]], PHONES), 1):
        digits = "".join(c for c in row["phone"] if c.isdigit())[-9:]
        same = [other for other in rows if "".join(c for c in other["phone"] if c.isdigit())[-9:] == digits]
        text = digits if number % 2 else f"+237 {digits[:3]} {digits[3:5]} {digits[5:7]} {digits[7:]}"
        yield f"call-{number:03}", text, {_document(other): 3 for other in same}


def _centres() -> dict[tuple[str, str], tuple[float, float]]:
    """Where quarters are, by the names that rows use."""
    names = {row["slug"]: row["name_fr"] for row in json.loads((CATALOG / "reference" / "cities.json").read_text(encoding="utf-8"))}
    quarters = json.loads((CATALOG / "reference" / "quarters.json").read_text(encoding="utf-8"))
    return {(names[row["city"]], row["name"]): (row["lat"], row["lng"]) for row in quarters if row["lat"] is not None}


def _document(row: dict[str, Any]) -> str:
    return f"{SOURCE}:{row['source_id']}"


def write(folder: Path) -> None:
    """`queries.tsv` and `qrels.tsv` into a folder."""
    topics = list(judged())
    (folder / "queries.tsv").write_text("".join(f"{topic}\t{query}\n" for topic, query, _grades in topics), encoding="utf-8")
    lines = (f"{topic}\t0\t{document}\t{grade}\n" for topic, _query, grades in topics for document, grade in grades.items())
    (folder / "qrels.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
