"""`manage.py rebuild_cards`."""

from __future__ import annotations

import time
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.catalog.management.reporting import progress_bar
from apps.catalog.services import card_upkeep

# A release that changes what cards look like changes most of them: so many show it.
SAMPLE = 200


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = (
        "Bring the finished JSON of every entry up to date, in batches of a thousand. Safe to run while people edit, and "
        "again after an interruption: --after goes on behind the last entry that was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--after", type=uuid.UUID, default=card_upkeep.FIRST, help="id of the last entry done")
        parser.add_argument("--if-stale", action="store_true", help="only when some of 200 entries have cards that differ")
        parser.add_argument("--all", action="store_true", help="write cards that are right, too")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: interrupted; the message names the place to go on from.
        """
        started = time.monotonic()
        if options["if_stale"] and not card_upkeep.check_cards(sample=SAMPLE).stale:
            return
        last: uuid.UUID = options["after"]
        with progress_bar(card_upkeep.count_entries(), unit="") as bar:

            def show(report: card_upkeep.UpkeepReport) -> None:
                nonlocal last
                bar.update(report.seen - bar.n)
                last = report.last

            try:
                report = card_upkeep.rebuild_cards(after=options["after"], is_forced=options["all"], on_batch=show)
            except KeyboardInterrupt as interruption:
                raise CommandError(f"Interrupted. Go on with: rebuild_cards --after {last}") from interruption
        self.stdout.write(f"seen={report.seen} written={report.written} seconds={time.monotonic() - started:.1f}")
