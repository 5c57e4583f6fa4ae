"""`manage.py import_osm`."""

from __future__ import annotations

import itertools
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.catalog.management.reporting import progress_bar
from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.ingestion.choices import SourceKind
from apps.ingestion.management.reporting import add_country, print_report
from apps.ingestion.services import files
from apps.ingestion.sources.osm import read_osm


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = (
        "Load the named places of an OpenStreetMap extract (.osm.pbf, for example a Geofabrik download). Safe to run again "
        "and to interrupt. The data is © OpenStreetMap contributors under ODbL 1.0: publishing it needs that attribution."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("file", type=Path)
        add_country(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run.

        :raises CommandError: the file is missing or not an extract.
        """
        path: Path = options["file"]
        started = time.monotonic()
        try:
            path.open("rb").close()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Download an extract first, then give its path.") from error
        with progress_bar(None, unit=" places") as bar:
            try:
                rows = _started(read_osm(path))
                report = files.import_rows(rows, country=options["country"], at=now(), kind=SourceKind.OSM, on_batch=bar.update)
            except RuntimeError as error:
                raise CommandError(f"{path} is not a readable OpenStreetMap extract: {error}") from error
            except DomainError as error:
                raise CommandError(str(error.detail)) from error
        print_report(self, report, seconds=time.monotonic() - started)


def _started(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """The same rows, the first one read: a file that is no extract fails before there is a batch."""
    return itertools.chain(list(itertools.islice(rows, 1)), rows)
