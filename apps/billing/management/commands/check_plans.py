"""`manage.py check_plans`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.billing.services.plan_checks import check_plans
from apps.core.clock import now


class Command(BaseCommand):
    """Parses, calls the service, prints the counts."""

    help = "Compare plans, quotas and rights with what is paid for. Ends with an error when something differs and is not repaired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--repair", action="store_true", help="write what they should be, as every night does")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        report = check_plans(at=now(), is_repairing=options["repair"])
        self.stdout.write(f"rights={len(report.rights)} listings={len(report.listings)} users={len(report.users)}")
        if report.differences and not options["repair"]:
            raise CommandError("Something differs: run it with --repair.")
