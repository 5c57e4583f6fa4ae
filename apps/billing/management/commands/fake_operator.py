"""`manage.py fake_operator`: an operator of Mobile Money on this machine."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.billing.fake_operator.__main__ import add_arguments, serve


class Command(BaseCommand):
    """Serves until it is ended."""

    help = "An operator of Mobile Money on this machine, for development and tests. Prints its address; docs/fake-operator.md."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """See `--help`."""
        add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Serve."""
        serve(argparse.Namespace(**options))
