"""`manage.py load_demo`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.management.demo import require_demo_allowed
from apps.catalog.services import demo
from apps.core.clock import now


class Command(BaseCommand):
    """Parses, calls the service, prints the count."""

    help = "Load the demonstration catalogue. Safe to run again: inserts what is missing. Refuses production settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--i-know", action="store_true", help="load it with production settings all the same")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        require_demo_allowed(i_know=options["i_know"])
        self.stdout.write(f"demo_created={demo.load_demo(at=now())}")
