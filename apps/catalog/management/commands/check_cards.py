"""`manage.py check_cards`."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.management.reporting import SHOWN_LINES, progress_bar
from apps.catalog.services import card_upkeep


class Command(BaseCommand):
    """Parses, calls the service, prints the counts; exit code 1 when a card differs and is not repaired."""

    help = "Compare the finished JSON of entries with what their rows say now. Changes nothing without --repair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--sample", type=int, help="look at about so many entries, spread over all")
        parser.add_argument("--repair", action="store_true", help="write the cards that differ")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        started = time.monotonic()
        with progress_bar(options["sample"] or card_upkeep.count_entries(), unit="") as bar:
            report = card_upkeep.check_cards(
                sample=options["sample"],
                is_repairing=options["repair"],
                on_batch=lambda found: bar.update(found.seen - bar.n),
            )
        for entry in report.stale[:SHOWN_LINES]:
            self.stderr.write(f"different: {entry}")
        self.stdout.write(
            f"seen={report.seen} different={len(report.stale)} repaired={report.written} seconds={time.monotonic() - started:.1f}"
        )
        if report.stale and not options["repair"]:
            sys.exit(1)
