"""`manage.py load_reference`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.catalog.services import reference


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = "Load regions, departments, cities, quarters, categories, public holidays and synonyms. Safe to run again: edited rows stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--overwrite", action="store_true", help="bring edited rows back to the shipped values")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        counts = reference.load_reference(overwrite=options["overwrite"])
        if options["overwrite"]:
            # Cards show names of places and categories; those that are right are left alone.
            call_command("rebuild_cards", stdout=self.stderr)
        self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
