"""`manage.py learn_matching`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from apps.ingestion.evaluation import Judged, have_same_names, measure
from apps.ingestion.management.pair_files import Record, known_records, raw_profiles, read_pair_file
from apps.ingestion.matching.features import features
from apps.ingestion.matching.learning import Example, cross_validated, learn, places_of
from apps.ingestion.matching.model import WEIGHTS_FILE
from apps.ingestion.matching.profiles import distance_m

LABELS_FILE = WEIGHTS_FILE.with_name("labels.csv")


class Command(BaseCommand):
    """Reads labels and records, learns, prints the table of what is held out, writes the weights."""

    help = (
        "Learn the weights of deduplication from labels.csv (ids only) and the records they name, and print precision, recall and "
        "review share for pairs whose places were held out, by stratum. For developers: the product only reads weights.json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--labels", type=Path, nargs="+", default=[LABELS_FILE], help="CSV files with the header a,b,label")
        parser.add_argument("--records", type=Path, nargs="+", required=True, metavar="F.ndjson[.gz]")
        parser.add_argument("--write", action="store_true", help="write weights.json")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        pairs = [pair for path in options["labels"] for pair in read_pair_file(path)]
        records = known_records(pairs, options["records"])
        missing = sorted({side.ref for pair in pairs for side in (pair.a, pair.b) if side.ref not in records})
        if missing:
            raise CommandError(f"{len(missing)} records are not known, the first is {missing[0]}")
        made = raw_profiles()
        profiles = {ref: made.of(record) for ref, record in records.items()}
        places = places_of((pair.a.ref, pair.b.ref, pair.is_same) for pair in pairs)
        examples = [Example(features(profiles[p.a.ref], profiles[p.b.ref]), p.is_same, places[p.a.ref]) for p in pairs]
        verdicts = cross_validated(examples)
        self.stdout.write("| held-out pairs | pairs | same | precision | recall | review share |\n|---|---:|---:|---:|---:|---:|")
        for title, belongs in _STRATA.items():
            rows = [
                Judged(pair.is_same, verdict, _have_same_names(records[pair.a.ref], records[pair.b.ref]))
                for pair, verdict in zip(pairs, verdicts, strict=True)
                if belongs(records[pair.a.ref], records[pair.b.ref], distance_m(profiles[pair.a.ref], profiles[pair.b.ref]))
            ]
            self._row(title, rows)
        if options["write"]:
            WEIGHTS_FILE.write_bytes(msgspec.json.format(msgspec.json.encode(learn(examples), order="sorted"), indent=1) + b"\n")
            self.stdout.write(f"written: {WEIGHTS_FILE.name}")

    def _row(self, title: str, rows: list[Judged]) -> None:
        found = measure(rows)
        rates = ["–" if rate is None else f"{rate:.3f}" for rate in (found.precision, found.recall, found.review_share)]
        self.stdout.write(f"| {title} | {found.pairs} | {found.same} | {' | '.join(rates)} |")


def _have_same_names(a: Record, b: Record) -> bool:
    return have_same_names(a.get("name"), b.get("name"))


def _is_about(*words: str) -> Callable[[Record, Record, float | None], bool]:
    def belongs(a: Record, b: Record, _metres: float | None) -> bool:
        text = f"{a.get('category')} {a.get('name')} {b.get('category')} {b.get('name')}".casefold()
        return any(word in text for word in words)

    return belongs


_STRATA: dict[str, Callable[[Record, Record, float | None], bool]] = {
    "all": lambda _a, _b, _metres: True,
    "names differ": lambda a, b, _metres: not _have_same_names(a, b),
    "across sources": lambda a, b, _metres: a.get("source") != b.get("source"),
    "within a source": lambda a, b, _metres: a.get("source") == b.get("source"),
    "a position is missing": lambda _a, _b, metres: metres is None,
    "up to 150 m": lambda _a, _b, metres: metres is not None and metres <= 150,
    "150 m to 1.5 km": lambda _a, _b, metres: metres is not None and 150 < metres <= 1500,
    "1.5 to 12 km": lambda _a, _b, metres: metres is not None and 1500 < metres <= 12_000,
    "beyond 12 km": lambda _a, _b, metres: metres is not None and metres > 12_000,
    "pharmacies": _is_about("pharma"),
    "schools": _is_about("school", "école", "ecole", "college", "lycée"),
    "shops": _is_about("shop="),
}
