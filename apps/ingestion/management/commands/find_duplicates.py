"""`manage.py find_duplicates`."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.management.reporting import progress_bar
from apps.core.clock import now
from apps.ingestion.selectors.stored_duplicates import count_due, weights_digest
from apps.ingestion.services.stored_duplicates import find_duplicates


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = (
        "Compare entries of the catalogue with one another and put pairs that may be one place into the review of the administration. "
        "Takes up where it stopped: entries that are new or changed since they were compared, which the beat does every night, too. "
        "Merges nothing. Safe to run again, to interrupt and to run twice at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--limit", type=_count, default=1_000_000_000, help="entries compared at most; all without it")
        parser.add_argument("--again", action="store_true", help="also those that did not change since they were compared")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        started = time.monotonic()
        with progress_bar(None, unit=" entries") as bar:
            done = find_duplicates(at=now(), limit=options["limit"], is_again=options["again"], on_chunk=bar.update)
        left = count_due(weights=weights_digest())
        seconds = time.monotonic() - started
        self.stdout.write(f"compared={done.compared} suspected={done.suspected} left={left} seconds={seconds:.1f}")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text} is not a number of entries")
    return int(text)
