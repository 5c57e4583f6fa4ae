"""`manage.py score_pairs`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.ingestion.evaluation import Judged, LabelledPair, Measures, have_same_names, measure
from apps.ingestion.management.pair_files import known_records, raw_profiles, read_pair_file
from apps.ingestion.matching import compare


class Command(BaseCommand):
    """Parses, reads the files, compares, prints the measures."""

    help = (
        "Measure deduplication against labelled pairs. FILE is CSV with the header a,b,label: a and b are source:source_id, looked up "
        "in --records and then among stored records, or a JSON record; label is same or different. Precision counts pairs decided "
        "automatically, recall all pairs labelled same (a review counts as missed). Writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="pairs; may be gzipped")
        parser.add_argument("--records", type=Path, nargs="+", default=[], metavar="F.ndjson[.gz]", help="records, one JSON object a line")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--wrong", action="store_true", help="also list the pairs decided wrongly or asked about")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: a file cannot be read, or a record is not known.
        """
        pairs = read_pair_file(options["file"])
        records = known_records(pairs, options["records"])
        judged: list[Judged] = []
        unknown = 0
        profiles = raw_profiles()
        for pair in pairs:
            a, b = records.get(pair.a.ref), records.get(pair.b.ref)
            if a is None or b is None:
                unknown += 1
                missing = pair.a.ref if a is None else pair.b.ref
                self.stderr.write(f"line {pair.line}: no record is known as {missing}")
                continue
            compared = compare(profiles.of(a), profiles.of(b))
            judged.append(Judged(pair.is_same, compared.verdict, have_same_names(a.get("name"), b.get("name"))))
            if options["wrong"] and compared.verdict != ("same" if pair.is_same else "different"):
                self._list(pair, compared.verdict, compared.score)
        self._print(judged, unknown=unknown, as_json=options["json"])
        if unknown:
            raise CommandError(f"{unknown} pairs have a record that is not known")

    def _list(self, pair: LabelledPair, verdict: str, score: float) -> None:
        label = "same" if pair.is_same else "different"
        self.stderr.write(f"line {pair.line}: {pair.a.ref} {pair.b.ref} label={label} verdict={verdict} score={score}")

    def _print(self, judged: list[Judged], *, unknown: int, as_json: bool) -> None:
        parts = {"all": measure(judged), "names_differ": measure(row for row in judged if not row.has_same_names)}
        if as_json:
            self.stdout.write(json.dumps({**{name: part.as_json() for name, part in parts.items()}, "unknown": unknown}))
            return
        for name, part in parts.items():
            self.stdout.write(f"{name}: {_line(part)}")


def _line(part: Measures) -> str:
    return " ".join(f"{name}={'-' if value is None else value}" for name, value in part.as_json().items())
