"""`manage.py rebuild_index`."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from apps.catalog.models import Resource
from apps.search import services


class Command(BaseCommand):
    """Parses, calls the service, prints the count."""

    help = "Bring the search index up to date about every entry. Safe while the site runs: each batch commits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--if-empty", action="store_true", help="only when nothing is indexed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        if options["if_empty"] and not services.is_empty():
            return
        started = time.monotonic()
        with tqdm(total=Resource.objects.count(), unit="entry", unit_scale=True, disable=None, leave=False) as bar:
            written = services.rebuild(progress=bar.update)
        self.stdout.write(f"search_rows={written} seconds={time.monotonic() - started:.1f}")
