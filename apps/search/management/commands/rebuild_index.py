"""`manage.py rebuild_index`."""

from __future__ import annotations

import time
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.catalog.management.reporting import progress_bar
from apps.catalog.models import Resource
from apps.search import services
from apps.search.services.upkeep import FIRST, UpkeepReport


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = (
        "Write the search document of every entry anew, into every configured engine. Search goes on meanwhile; safe again after an "
        "interruption: --after goes on behind the last entry that was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--after", type=uuid.UUID, default=FIRST, help="id of the last entry done")
        parser.add_argument("--if-stale", action="store_true", help="only when some of 200 entries are not indexed as they would be now")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: interrupted; the message names the place to go on from.
        """
        started = time.monotonic()
        if options["if_stale"] and not services.is_index_stale():
            return
        last: uuid.UUID = options["after"]
        with progress_bar(Resource.objects.published().count(), unit="") as bar:

            def show(report: UpkeepReport) -> None:
                nonlocal last
                bar.update(report.seen - bar.n)
                last = report.last

            try:
                report = services.rebuild_index(after=options["after"], on_batch=show)
            except KeyboardInterrupt as interruption:
                raise CommandError(f"Interrupted. Go on with: rebuild_index --after {last}") from interruption
        self.stdout.write(f"seen={report.seen} written={report.written} seconds={time.monotonic() - started:.1f}")
