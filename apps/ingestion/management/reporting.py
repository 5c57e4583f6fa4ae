"""What the import commands show after they worked."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand

from apps.catalog.constants import COUNTRY_BOXES
from apps.catalog.management.reporting import SHOWN_LINES
from apps.ingestion.services.files import ImportReport


def add_country(parser: ArgumentParser) -> None:
    """`--country`, which names what it knows."""
    known = ", ".join(sorted(COUNTRY_BOXES))
    parser.add_argument(
        "--country", default="CM", type=_country, metavar="CODE", help=f"ISO code; positions outside are rejected. Known: {known}"
    )


def _country(text: str) -> str:
    if text.upper() not in COUNTRY_BOXES:
        known = ", ".join(sorted(COUNTRY_BOXES))
        raise ArgumentTypeError(f"no reference data (outline, towns, rules of phones) for {text}; known: {known}")
    return text.upper()


def print_report(command: BaseCommand, report: ImportReport, *, seconds: float) -> None:
    """Reasons, the first rejected rows, and the one closing line that scripts read."""
    if not report.created + report.updated + report.unchanged + report.rejected:
        command.stderr.write("the file holds no rows: nothing was loaded")
    for number, refusal in report.rejections[:SHOWN_LINES]:
        command.stderr.write(f"row {number}: {refusal.code}{f' ({refusal.detail})' if refusal.detail else ''}")
    if report.rejected > SHOWN_LINES:
        command.stderr.write(f"… and {report.rejected - SHOWN_LINES} more rejected rows")
    for reason, count in report.reasons.most_common():
        command.stdout.write(f"{reason}: {count}")
    command.stdout.write(
        f"created={report.created} updated={report.updated} unchanged={report.unchanged} rejected={report.rejected} seconds={seconds:.1f}"
    )
