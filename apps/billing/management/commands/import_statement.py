"""Reads an operator's statement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.billing.choices import ProviderCode
from apps.billing.providers.statements import LAYOUTS
from apps.billing.services.statements import import_statement
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid


class Command(BaseCommand):
    """One file; the same again changes nothing."""

    help = (
        "Read a CSV statement of an operator and compare it with our payments: differences become cases in the admin, fees and "
        "transfers to the bank are posted. Safe to run twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whose it is, and what it does not say itself."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--provider", required=True, choices=[code.value for code in LAYOUTS])
        parser.add_argument("--from", dest="first", type=dt.date.fromisoformat, help="first day that it covers (YYYY-MM-DD)")
        parser.add_argument("--to", dest="last", type=dt.date.fromisoformat, help="last day that it covers")
        parser.add_argument("--closing-balance", type=int, help="whole francs, where no column says it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Report rows that could not be read, then the figures."""
        if bool(options["first"]) != bool(options["last"]):
            raise CommandError("--from and --to go together")
        covers = (options["first"], options["last"]) if options["first"] else None
        began = now()
        try:
            with Path(options["file"]).open("rb") as file:
                done = import_statement(
                    file=file, name=options["file"].name, provider=ProviderCode(options["provider"]), actor=None, at=began, covers=covers,
                    closing_balance=options["closing_balance"],
                )  # fmt: skip
        except OSError as error:
            raise CommandError(str(error)) from error
        except FieldsInvalid as error:
            raise CommandError("; ".join(str(detail) for _pointer, _code, detail in error.errors)) from error
        for bad in done.bad:
            self.stderr.write(f"line {bad.line}: {bad.field}")
        if not done.is_new:
            self.stdout.write(f"already imported on {done.statement.created_at:%Y-%m-%d}")
        seconds = (now() - began).total_seconds()
        self.stdout.write(" ".join(f"{name}={value}" for name, value in done.counts().items()) + f" seconds={seconds:.1f}")
