"""`manage.py import_places`."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.catalog.management.reporting import progress_bar
from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.core.packed_files import open_counted
from apps.ingestion.management.reporting import add_country, print_report
from apps.ingestion.services import files
from apps.ingestion.sources.files import UnknownFormat, read_rows


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = (
        "Load places from NDJSON, CSV or GeoJSON (gzip accepted) in the schema of the README. Safe to run again and to interrupt: "
        "rows are known by source and source_id, or by what does not change of them. A bad row is reported, the others are loaded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("file", type=Path)
        add_country(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: the file cannot be opened or has an unknown format.
        """
        path: Path = options["file"]
        started = time.monotonic()
        try:
            stream, raw = open_counted(path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Give the path of a file that can be read.") from error
        with stream, raw, progress_bar(path.stat().st_size, unit="B") as bar:
            try:
                report = files.import_rows(
                    read_rows(path, stream),
                    country=options["country"],
                    at=now(),
                    on_batch=lambda _n: bar.update(raw.tell() - bar.n),
                )
            except UnknownFormat as error:
                raise CommandError(str(error)) from error
            except DomainError as error:
                raise CommandError(str(error.detail)) from error
        print_report(self, report, seconds=time.monotonic() - started)
